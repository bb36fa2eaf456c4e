"""Evaluation: a batch of trials on folds and seeds, trained as one population and scored."""

from steelyard.tuning.evaluation.checks import check_metrics
from steelyard.tuning.evaluation.parts import Parts, parts_of
from steelyard.tuning.evaluation.procedure import evaluate
from steelyard.tuning.evaluation.step import Step

__all__ = ["Parts", "Step", "check_metrics", "evaluate", "parts_of"]
