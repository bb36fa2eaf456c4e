"""Which rows share a block of the ranking, if there are more probabilities than a bootstrap needs to know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.metrics.curves import Blocks, bin_starts, gaps_of
from steelyard.metrics.rows import Rows

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ranking:
    """The distinct probabilities of one model and how many rows of each label have them."""

    probability: Numbers
    """(rows,)"""
    values: Numbers
    """(distinct,) Highest first."""
    of_row: Places
    """(rows,) Which of ``values`` a row has."""
    held: tuple[Numbers, Numbers]
    """(distinct,) for label 0 and for label 1."""
    threshold: float


def ranking(rows: Rows, threshold: float) -> Ranking:
    """The ranking of rows by a model whose decisions are taken at ``threshold``."""
    negated, of_row = np.unique(-rows.probability, return_inverse=True)
    negatives, positives = (
        np.bincount(of_row, rows.target == label, minlength=len(negated)).astype(np.float64)
        for label in (0, 1)
    )
    return Ranking(rows.probability, np.abs(negated), of_row, (negatives, positives), threshold)


def blocks_of_rows(r: Ranking, most: int) -> Places:
    """(rows,) The block of each row, of about ``most``, from the highest probability down.

    With at most ``most`` distinct probabilities each is a block. Otherwise blocks hold about equal shares of
    three things together: of the negatives, of the positives, so that the rarer class is resolved as finely
    as the other, and of the logarithm of the rank, because the few rows at the top weigh most in average
    precision. Of up to a quarter of ``most`` positives each has a block to itself, and then ROC AUC and
    average precision, which depend only on how many negatives lie between them, are exact still. No block
    lies across the threshold.
    """
    if len(r.values) <= most:
        return r.of_row
    negatives, positives = r.held
    rank = np.log1p(np.cumsum(negatives + positives))
    mass = negatives / max(1.0, negatives.sum()) + np.diff(rank, prepend=0.0) / rank[-1]
    alone = positives > 0.0
    if np.count_nonzero(alone) <= most // 4:
        most -= 2 * int(np.count_nonzero(alone))
    else:
        mass += positives / positives.sum()
        alone = np.zeros_like(alone)
    middle = (np.cumsum(mass) - mass / 2.0) / mass.sum()
    begins = np.diff((middle * most).astype(np.int64), prepend=-1) > 0
    begins[1:] |= alone[1:] | alone[:-1]
    begins[1:] |= (r.values[1:] <= r.threshold) & (r.values[:-1] > r.threshold)
    begins[0] = True
    return (np.cumsum(begins) - 1)[r.of_row]


def blocks(r: Ranking, place: Places, rows: Rows, bins: int) -> Blocks:
    """The blocks of ``place``, and what the metrics need to know of them."""
    weights = np.ones(len(place)) if rows.weights is None else rows.weights
    mass = np.bincount(place, weights).astype(np.float64)
    positive = np.bincount(place, weights * rows.target).astype(np.float64)
    # Rows without weight may be all a block has; any mean will do for it.
    weight = np.where(mass > 0.0, mass, 1.0)
    weighted = np.bincount(place, weights * r.probability) / weight
    probability = np.where(mass > 0.0, weighted, np.bincount(place, r.probability) / np.bincount(place))
    above = int(place[r.probability > r.threshold].max(initial=-1)) + 1
    first = bin_starts(mass, bins)
    return Blocks(probability, above, first, gaps_of(positive, mass - positive, probability, first))
