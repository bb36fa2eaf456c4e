"""What can be known of a run by arithmetic: floors, expectations, errors, bounds.

Pure functions of numbers, without a word about where they come from.
"""

from steelyard.diagnosis.arithmetic.batch_means import rate_from_batch_means
from steelyard.diagnosis.arithmetic.binormal import (
    auc_of_skill,
    expected_log_loss,
    recall_at,
    recall_at_half,
    skill_of_auc,
)
from steelyard.diagnosis.arithmetic.confusion_bounds import (
    Bounds,
    Reported,
    confusion_bounds,
    contradiction,
    relaxed_bounds,
)
from steelyard.diagnosis.arithmetic.entropy import best_constant, cross_entropy, entropy, weighted_floor
from steelyard.diagnosis.arithmetic.initial_penalty import initial_penalty, kernel_penalty
from steelyard.diagnosis.arithmetic.sampling import auc_error, log_loss_error, share_error, wilson
from steelyard.diagnosis.arithmetic.trend import Trend, generalisation_loss, noise_of, trend

__all__ = [
    "Bounds",
    "Reported",
    "Trend",
    "auc_error",
    "auc_of_skill",
    "best_constant",
    "confusion_bounds",
    "contradiction",
    "cross_entropy",
    "entropy",
    "expected_log_loss",
    "generalisation_loss",
    "initial_penalty",
    "kernel_penalty",
    "log_loss_error",
    "noise_of",
    "rate_from_batch_means",
    "recall_at",
    "recall_at_half",
    "relaxed_bounds",
    "share_error",
    "skill_of_auc",
    "trend",
    "weighted_floor",
    "wilson",
]
