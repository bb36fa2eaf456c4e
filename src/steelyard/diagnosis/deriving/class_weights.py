"""Can the logged training loss come from the class weights that were asked for?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from steelyard.diagnosis.arithmetic.entropy import Weights
from steelyard.diagnosis.deriving.curves import Curves
from steelyard.diagnosis.deriving.floors import is_cross_entropy
from steelyard.diagnosis.signals import ConfusionCurve, Curve, Estimate
from steelyard.history import Quantity
from steelyard.log import Facts

_MOSTLY = 0.5
"""Share of epochs whose loss must be too low; one can be a slip of the log."""


@dataclass(frozen=True, eq=False)
class InForce:
    """``least`` is what the weights asked for would make of the logged decisions, ``verdict`` whether the
    logged loss reaches it; None if that cannot be told."""

    least: Curve | None
    verdict: bool | None


def in_force(
    logged: Curve | None,
    weights: Weights | None,
    rate: Estimate | None,
    curves: Curves | None,
    confusion: ConfusionCurve | None,
    means: frozenset[str],
    facts: Facts,
) -> InForce:
    """Compares the loss with the cost of the wrong decisions made in the same forward passes.

    A positive row that is not found has a probability of at most 0.5, so its loss is at least ln 2 times its
    weight, whatever else the network does; likewise for a false alarm. A penalty only adds to that. All this
    is of cross-entropy, with smoothed labels or not: of another loss nothing is known.
    """
    if weights is None or curves is None:
        return InForce(None, None)
    if facts.framework == "steelyard":
        return InForce(None, True)
    if logged is None or rate is None or not is_cross_entropy(replace(facts, label_smoothing=None)):
        return InForce(None, None)
    least = _least(weights, rate, curves, confusion, means, facts)
    if least is None:
        return InForce(None, None)
    shared = np.intersect1d(logged.epochs, least.epochs)
    loss = logged.high[np.isin(logged.epochs, shared)]
    cost = least.low[np.isin(least.epochs, shared)]
    finite = np.isfinite(loss)
    if not finite.any():
        return InForce(least, None)
    return InForce(least, not bool((loss[finite] < cost[finite]).mean() >= _MOSTLY))


def _least(
    weights: Weights,
    rate: Estimate,
    curves: Curves,
    confusion: ConfusionCurve | None,
    means: frozenset[str],
    facts: Facts,
) -> Curve | None:
    negative, positive = weights
    how = f"a missed positive costs at least {positive:.4g} x ln 2, a false alarm {negative:.4g} x ln 2"
    if confusion is not None and "recall" not in means:
        missed = np.maximum(confusion.positives.low - confusion.true_positive_high, 0.0)
        alarms = np.maximum(confusion.predicted_positive_low - confusion.true_positive_high, 0)
        cost = math.log(2.0) * (weights[1] * missed + weights[0] * alarms) / confusion.rows
        return Curve(confusion.epochs, cost, cost, cost, Quantity(weighted=True), how)
    recall = curves.find("train", "recall")
    if recall is None or "recall" not in means or facts.batch_size is None or facts.shuffled is False:
        return None
    # A batch without a positive counts as recall 0; of shuffled rows so many have none.
    empty = (1.0 - rate.low) ** facts.batch_size
    if empty >= 1.0:
        return None
    found = np.minimum((recall.values + curves.margin(recall.values, recall)) / (1.0 - empty), 1.0)
    cost = math.log(2.0) * weights[1] * rate.low * (1.0 - found)
    return Curve(recall.epochs, cost, cost, cost, Quantity(weighted=True), how)
