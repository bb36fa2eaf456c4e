"""The variance of ROC AUC, and of the difference of two on the same rows, without resampling.

DeLong, DeLong and Clarke-Pearson (1988, Biometrics 44:837), by midranks as Sun and Xu (2014, IEEE Signal
Processing Letters 21:1389) compute them, in O(n log n). Row weights are taken as given: they say how much a
row counts, not how many rows it stands for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from steelyard.metrics.rows import Rows

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Placements:
    """For each positive the share of negatives below it, for each negative the share of positives above it.

    Ties count half. The (weighted) mean of either is the AUC.
    """

    positive: Numbers
    negative: Numbers
    positive_weights: Numbers
    """Sum to 1, as do ``negative_weights``."""
    negative_weights: Numbers


def placements(rows: Rows) -> Placements:
    """Of rows of both classes, in their order."""
    positive = rows.target == 1
    w = np.ones(len(positive)) if rows.weights is None else rows.weights
    values, place = np.unique(rows.probability, return_inverse=True)
    w1, w0 = np.where(positive, w, 0.0), np.where(positive, 0.0, w)
    held1 = np.bincount(place, w1, minlength=len(values)) / w1.sum()
    held0 = np.bincount(place, w0, minlength=len(values)) / w0.sum()
    below = (np.cumsum(held0) - held0 / 2.0)[place[positive]]
    above = (1.0 - np.cumsum(held1) + held1 / 2.0)[place[~positive]]
    return Placements(below, above, w1[positive] / w1.sum(), w0[~positive] / w0.sum())


def auc(p: Placements) -> float:
    """ROC AUC."""
    return float(p.positive @ p.positive_weights)


def variance(p: Placements) -> float:
    """The variance of the AUC; NaN if a class has one row only."""
    value = auc(p)
    return _variance(p.positive - value, p.positive_weights) + _variance(
        p.negative - value, p.negative_weights
    )


def variance_of_difference(first: Placements, second: Placements) -> float:
    """The variance of the difference of two AUCs on the same rows; NaN if a class has one row only."""
    gap = auc(first) - auc(second)
    return _variance(first.positive - second.positive - gap, first.positive_weights) + _variance(
        first.negative - second.negative - gap, first.negative_weights
    )


def interval(
    value: float, variance: float, positives: int, negatives: int, level: float
) -> tuple[float, float]:
    """The interval of an AUC, symmetric on the logit scale, so that it stays inside (0, 1).

    An AUC of exactly 0 or 1, or of a class with one row, has no variance to estimate; it gets the interval
    of :func:`newcombe`.
    """
    if not 0.0 < value < 1.0 or not variance > 0.0:
        return newcombe(value, positives, negatives, level)
    z = float(-ndtri((1.0 - level) / 2.0))
    middle = math.log(value / (1.0 - value))
    reach = z * math.sqrt(variance) / (value * (1.0 - value))
    return 1.0 / (1.0 + math.exp(reach - middle)), 1.0 / (1.0 + math.exp(-reach - middle))


def newcombe(value: float, positives: int, negatives: int, level: float) -> tuple[float, float]:
    """The AUCs that ``value`` would not contradict.

    Method 5 of Newcombe (2006, Statistics in Medicine 25:559). It needs no variance of the sample, but takes
    that of Hanley and McNeil at each AUC, with the mean of the two class sizes in its corrections.
    """
    from scipy.optimize import brentq  # slow to load, and few need it

    z = float(-ndtri((1.0 - level) / 2.0))
    half = (positives + negatives) / 2.0 - 1.0

    def surprise(theta: float) -> float:
        corrections = 1.0 + half * ((1.0 - theta) / (2.0 - theta) + theta / (1.0 + theta))
        spread = theta * (1.0 - theta) * corrections / (positives * negatives)
        return abs(value - theta) - z * math.sqrt(max(spread, 0.0))

    edge = 1e-12
    low = 0.0 if value <= 0.0 else float(brentq(surprise, 0.0, value - edge))
    high = 1.0 if value >= 1.0 else float(brentq(surprise, value + edge, 1.0))
    return low, high


def _variance(deviations: Numbers, weights: Numbers) -> float:
    """Of a weighted mean; with equal weights the unbiased variance over the number of rows."""
    kept = 1.0 - float(weights @ weights)
    return float((weights * weights) @ (deviations * deviations)) / kept if kept > 0.0 else math.nan
