"""The base rate behind precision and recall that were averaged over batches.

Keras programs of old have precision and recall as plain functions of a batch; what is logged is the mean over
batches, in which a batch without a positive counts as 0. The batches of shuffled rows are alike, so how many
count as 0 can be worked out, and with the accuracy the base rate.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable


def rate_from_batch_means(accuracy: float, precision: float, recall: float, batch: int) -> float | None:
    """The share of positives at which shuffled batches of ``batch`` rows have these mean values.

    None if there is none, or more precision or recall than batches allow. What is solved: with base rate
    ``rate``, share of predicted positives ``q``, and the recall ``R`` and precision ``P`` of all rows,
    ``rate R = q P``, ``recall = R (1 - (1 - rate)^batch)``, ``precision = P (1 - (1 - q)^batch)`` and
    ``1 - accuracy = rate + q - 2 rate R``.
    """
    if not (0.0 < recall < 1.0 and 0.0 < precision < 1.0 and 0.0 < accuracy < 1.0 and batch >= 1):
        return None
    wrong = 1.0 - accuracy

    def excess(rate: float) -> float | None:
        found = rate * recall / (1.0 - (1.0 - rate) ** batch)
        predicted = _predicted(found, precision, batch)
        return None if predicted is None else rate + predicted - 2.0 * found - wrong

    grid = [wrong * 1.02**step for step in range(-120, 40) if wrong * 1.02**step < 0.5]
    values = [(rate, excess(rate)) for rate in grid]
    for (low, before), (high, after) in itertools.pairwise(values):
        if before is not None and after is not None and before <= 0.0 < after:
            return _root(lambda rate: excess(rate) or 0.0, low, high)
    return None


def _predicted(found: float, precision: float, batch: int) -> float | None:
    """The share of rows predicted positive, given the share of true positives among all rows."""

    def excess(share: float) -> float:
        return found / share * (1.0 - (1.0 - share) ** batch) - precision

    if excess(1.0) > 0.0 or excess(found) < 0.0:
        return None
    return _root(excess, found, 1.0)


def _root(excess: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq  # slow to load, and few logs need it

    return float(brentq(excess, low, high))
