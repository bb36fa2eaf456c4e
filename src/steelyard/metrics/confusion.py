"""What is said of a yes or no: the four counts, and what is computed from them.

A row is predicted positive if its probability *exceeds* the threshold. Every function takes the counts as
numbers or as arrays of one shape and works element by element, so that all thresholds, or all resamples, are
one call. Rows may have weights: counts are then sums of weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.metrics.costs import CostMatrix
from steelyard.metrics.rows import checked

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Confusion:
    """The confusion matrix; each field is a number or an array of one common shape."""

    tp: Numbers
    """Positives predicted positive."""
    fp: Numbers
    """Negatives predicted positive."""
    fn: Numbers
    """Positives predicted negative."""
    tn: Numbers
    """Negatives predicted negative."""


def confusion(
    target: ArrayLike, probability: ArrayLike, threshold: float = 0.5, weights: ArrayLike | None = None
) -> Confusion:
    """The confusion matrix of ``probability > threshold``.

    Arrays are those of :func:`~steelyard.metrics.score`; raises :class:`~steelyard.errors.DataError` as it
    does.

    >>> found = confusion([0, 0, 1, 1], [0.1, 0.6, 0.5, 0.9])
    >>> [float(count) for count in (found.tp, found.fp, found.fn, found.tn)]
    [1.0, 1.0, 1.0, 1.0]
    """
    rows = checked(target, probability, weights, "confusion")
    outcome = 2 * rows.target + (rows.probability > threshold)
    tn, fp, fn, tp = np.bincount(outcome, rows.weights, minlength=4).astype(np.float64)
    return Confusion(tp=tp, fp=fp, fn=fn, tn=tn)


def accuracy(c: Confusion) -> Numbers:
    """Share of rows that are decided rightly."""
    return (c.tp + c.tn) / (c.tp + c.fp + c.fn + c.tn)


def precision(c: Confusion) -> Numbers:
    """Share of positives among the rows predicted positive; 0 where there are none, as in Keras."""
    return _ratio(c.tp, c.tp + c.fp)


def recall(c: Confusion) -> Numbers:
    """Share of the positives that are predicted positive; NaN without positives."""
    return _ratio(c.tp, c.tp + c.fn, np.nan)


def specificity(c: Confusion) -> Numbers:
    """Share of the negatives that are predicted negative; NaN without negatives."""
    return _ratio(c.tn, c.tn + c.fp, np.nan)


def f_beta(c: Confusion, beta: float = 1.0) -> Numbers:
    """F-beta: recall counts ``beta`` times as much as precision; NaN without positives."""
    b = beta * beta
    missing = np.where(c.tp + c.fn > 0.0, 0.0, np.nan)
    return _ratio((1.0 + b) * c.tp, (1.0 + b) * c.tp + b * c.fn + c.fp) + missing


def balanced_accuracy(c: Confusion) -> Numbers:
    """Mean of recall and specificity; NaN with one class."""
    return (recall(c) + specificity(c)) / 2.0


def g_mean(c: Confusion) -> Numbers:
    """Geometric mean of recall and specificity; NaN with one class."""
    return np.sqrt(recall(c) * specificity(c))


def mcc(c: Confusion) -> Numbers:
    """Matthews' correlation of label and decision; 0 if all rows are decided alike, NaN with one class."""
    product = (c.tp + c.fp) * (c.tp + c.fn) * (c.tn + c.fp) * (c.tn + c.fn)
    one_class = np.where((c.tp + c.fn > 0.0) & (c.tn + c.fp > 0.0), 0.0, np.nan)
    return _ratio(c.tp * c.tn - c.fp * c.fn, np.sqrt(product)) + one_class


def expected_cost(c: Confusion, costs: CostMatrix) -> Numbers:
    """Mean cost of a row, in the unit of ``costs``."""
    total = costs.tp * c.tp + costs.fp * c.fp + costs.fn * c.fn + costs.tn * c.tn
    return total / (c.tp + c.fp + c.fn + c.tn)


def _ratio(above: Numbers, below: Numbers, otherwise: float = 0.0) -> Numbers:
    """``above / below``, and ``otherwise`` where ``below`` is 0."""
    empty = below == 0.0
    return np.where(empty, otherwise, above / np.where(empty, 1.0, below))
