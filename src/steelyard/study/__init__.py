"""What a search is, as records: where it looks, how, and what it found."""

from steelyard.study.plan import Plan, SamplerName
from steelyard.study.pruning import (
    DropFolds,
    Halving,
    Hyperband,
    MedianPruning,
    PatiencePruning,
    Pruning,
)
from steelyard.study.space import Choice, Parameter, Point, Range, Space
from steelyard.study.trial import NetworkOutcome, Trial, TrialState

__all__ = [
    "Choice",
    "DropFolds",
    "Halving",
    "Hyperband",
    "MedianPruning",
    "NetworkOutcome",
    "Parameter",
    "PatiencePruning",
    "Plan",
    "Point",
    "Pruning",
    "Range",
    "SamplerName",
    "Space",
    "Trial",
    "TrialState",
]
