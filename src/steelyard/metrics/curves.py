"""Metrics of a ranking, computed for many weightings of the same rows at once.

Rows in the order of their probability, highest first, are put together in *blocks*: rows of one probability,
or of neighbouring ones. What a metric needs of a set of rows is how many positives and negatives each block
holds; a resample of the rows is another pair of such arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from steelyard.metrics.confusion import Confusion
from steelyard.metrics.rows import Rows

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Blocks:
    """The blocks of one ranking, highest probability first."""

    probability: Numbers
    """(blocks,) The mean probability of a block's rows."""
    above: int
    """How many blocks, from the first, lie above the threshold of the decision."""
    bins: NDArray[np.int64]
    """(bins,) The first block of each bin of the calibration error."""
    gaps: Numbers
    """(bins,) Of the rows as they are: positives less sum of the probabilities, over all rows."""


@dataclass(frozen=True, eq=False)
class Curves:
    """How many positives and negatives the blocks hold, for one or many weightings of the rows."""

    blocks: Blocks
    positive: Numbers
    """(..., blocks) Number, or summed weight, of the positives in each block."""
    negative: Numbers
    """(..., blocks) Likewise of the negatives."""

    @cached_property
    def positives(self) -> Numbers:
        """(...) All positives."""
        return np.asarray(self.positive.sum(axis=-1))

    @cached_property
    def negatives(self) -> Numbers:
        """(...) All negatives."""
        return np.asarray(self.negative.sum(axis=-1))

    @cached_property
    def reached(self) -> Numbers:
        """(..., blocks) Positives down to and including each block."""
        return np.cumsum(self.positive, axis=-1)

    @cached_property
    def taken(self) -> Numbers:
        """(..., blocks) Rows down to and including each block."""
        return self.reached + np.cumsum(self.negative, axis=-1)

    @cached_property
    def confusion(self) -> Confusion:
        """The confusion matrix at the threshold of the decision."""
        tp = self.positive[..., : self.blocks.above].sum(axis=-1)
        fp = self.negative[..., : self.blocks.above].sum(axis=-1)
        return Confusion(tp=tp, fp=fp, fn=self.positives - tp, tn=self.negatives - fp)


def curves_of(rows: Rows, threshold: float, bins: int) -> Curves:
    """One weighting, the rows as they are, with a block for each distinct probability."""
    values, place = np.unique(-rows.probability, return_inverse=True)
    positive, negative = (
        np.bincount(place, _weighted(rows, label), minlength=len(values)).astype(np.float64)
        for label in (1, 0)
    )
    above = int(np.searchsorted(values, -threshold))
    first = bin_starts(positive + negative, bins)
    gaps = gaps_of(positive, negative, np.abs(values), first)
    return Curves(Blocks(np.abs(values), above, first, gaps), positive, negative)


def bin_starts(mass: Numbers, bins: int) -> NDArray[np.int64]:
    """The first block of each of at most ``bins`` bins of nearly equal mass; a block is in one bin.

    A block belongs to the bin its middle falls in, so that without ties the bins of n rows differ by at most
    one row; a bin that a large block swallows does not exist.
    """
    after = np.cumsum(mass)
    middle = (after - mass / 2.0) / after[-1]
    number = np.minimum((middle * bins).astype(np.int64), bins - 1)
    return np.flatnonzero(np.diff(number, prepend=-1))


def roc_auc(curves: Curves) -> Numbers:
    """Area under the ROC curve: a tie counts half; NaN with one class."""
    before = curves.reached - curves.positive / 2.0
    return _divide(np.einsum("...k,...k->...", before, curves.negative), curves.positives * curves.negatives)


def average_precision(curves: Curves) -> Numbers:
    """Mean, over the positives, of the precision at their probability; NaN without positives."""
    precision = curves.reached / np.maximum(curves.taken, np.finfo(np.float64).tiny)
    return _divide(np.einsum("...k,...k->...", curves.positive, precision), curves.positives)


def recall_at_precision(curves: Curves, precision: float) -> Numbers:
    """The largest recall of a threshold whose precision is at least ``precision``; 0 if none has it."""
    # The slack lets 7 of 10 count as 0.7 whatever the last bit of the product is.
    enough = (curves.reached >= (1.0 - 1e-12) * precision * curves.taken) & (curves.taken > 0.0)
    return _divide(np.where(enough, curves.reached, 0.0).max(axis=-1), curves.positives)


def precision_at_top(curves: Curves, top: float) -> Numbers:
    """Share of positives among the ``top`` rows of highest probability.

    ``top`` is a number of rows, or below 1 a share of them. Of rows with equal probability at the cut each is
    as likely to be among them as any other: the expectation over their order is returned.
    """
    rows = curves.taken[..., -1:]
    cut: Numbers = rows * top if top < 1.0 else np.full_like(rows, top)
    held = curves.positive + curves.negative
    inside = np.clip((cut - curves.taken + held) / np.where(held > 0.0, held, 1.0), 0.0, 1.0)
    caught: Numbers = np.einsum("...k,...k->...", inside, curves.positive)
    return np.asarray(caught / cut[..., 0], np.float64)


def lift_at_top(curves: Curves, top: float) -> Numbers:
    """:func:`precision_at_top` as a multiple of the base rate; NaN without positives."""
    return _divide(precision_at_top(curves, top) * curves.taken[..., -1], curves.positives)


def calibration_error(curves: Curves) -> Numbers:
    """Mean, over the rows, of the distance between predicted and found share of positives in their bin."""
    return np.asarray(np.abs(_gaps(curves)).sum(axis=-1), np.float64)


def calibration_noise(curves: Curves) -> Numbers:
    """How far the gaps of all bins, together, are from those of the rows as they are.

    By the triangle inequality the two calibration errors differ by at most this. Their difference itself
    says too little of the noise: as it raises the error of any sample, it raises that of a resample again.
    """
    return np.asarray(np.abs(_gaps(curves) - curves.blocks.gaps).sum(axis=-1), np.float64)


def gaps_of(positive: Numbers, negative: Numbers, probability: Numbers, bins: NDArray[np.int64]) -> Numbers:
    """(..., bins) Positives less sum of the probabilities of each bin, over all rows."""
    rows = positive + negative
    gaps = np.add.reduceat(positive - rows * probability, bins, axis=-1)
    return np.asarray(gaps / rows.sum(axis=-1, keepdims=True), np.float64)


def _gaps(curves: Curves) -> Numbers:
    return gaps_of(curves.positive, curves.negative, curves.blocks.probability, curves.blocks.bins)


def _weighted(rows: Rows, label: int) -> Numbers:
    of_label = (rows.target == label).astype(np.float64)
    return of_label if rows.weights is None else np.asarray(of_label * rows.weights, np.float64)


def _divide(above: Numbers, below: Numbers) -> Numbers:
    """NaN where ``below`` is 0."""
    return np.where(below > 0.0, above / np.where(below > 0.0, below, 1.0), np.nan)
