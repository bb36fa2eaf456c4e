"""How good probabilities are, and the decisions from them, on rows that did not make them.

:func:`score` gives the fixed set of numbers that every run records. :func:`evaluate` gives any metrics of
:data:`METRICS` beside their floors and with intervals; :func:`difference` compares two models on the same
rows. What follows from the four counts of decisions is in :mod:`steelyard.metrics.confusion`.
"""

from steelyard.metrics.catalogue import METRICS
from steelyard.metrics.confusion import Confusion
from steelyard.metrics.costs import CostMatrix, read_costs
from steelyard.metrics.definition import Metric, as_loss
from steelyard.metrics.evaluation import (
    STANDARD,
    Difference,
    Estimate,
    Evaluation,
    Interval,
    difference,
    evaluate,
    measure,
)
from steelyard.metrics.naming import metric
from steelyard.metrics.reliability import Bin, reliability
from steelyard.metrics.scores import Scores, score

__all__ = [
    "METRICS",
    "STANDARD",
    "Bin",
    "Confusion",
    "CostMatrix",
    "Difference",
    "Estimate",
    "Evaluation",
    "Interval",
    "Metric",
    "Scores",
    "as_loss",
    "difference",
    "evaluate",
    "measure",
    "metric",
    "read_costs",
    "reliability",
    "score",
]
