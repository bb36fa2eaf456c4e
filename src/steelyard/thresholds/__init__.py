"""Thresholds: from probabilities to decisions, for a stated purpose."""

from steelyard.thresholds.choosing import ThresholdChoice as ThresholdChoice
from steelyard.thresholds.choosing import choose_threshold as choose_threshold
from steelyard.thresholds.choosing import theoretical_threshold as theoretical_threshold
from steelyard.thresholds.objectives import ALLOWED as ALLOWED
from steelyard.thresholds.objectives import BalancedAccuracy as BalancedAccuracy
from steelyard.thresholds.objectives import FBeta as FBeta
from steelyard.thresholds.objectives import Fixed as Fixed
from steelyard.thresholds.objectives import LeastCost as LeastCost
from steelyard.thresholds.objectives import MatthewsCorrelation as MatthewsCorrelation
from steelyard.thresholds.objectives import Objective as Objective
from steelyard.thresholds.objectives import PrecisionAtLeast as PrecisionAtLeast
from steelyard.thresholds.objectives import Rate as Rate
from steelyard.thresholds.objectives import RecallAtLeast as RecallAtLeast
from steelyard.thresholds.objectives import Top as Top
from steelyard.thresholds.objectives import parse_objective as parse_objective
from steelyard.thresholds.stability import ThresholdStability as ThresholdStability
from steelyard.thresholds.stability import threshold_stability as threshold_stability
