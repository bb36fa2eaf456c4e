"""How well one column alone tells the classes apart, told so that noise does not pass for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_OF_A_CLASS = 10_000
"""With so many rows of each class an area is known to ± 0.01; more would only cost time."""
_MOST_BINS = 64
_ROWS_OF_A_BIN = 10
"""As many rows of the rarer class a bin should have, so that its rate is not all noise."""


@dataclass(frozen=True)
class Separation:
    """Area under the ROC curve of a column's target rates, and its standard error."""

    auc: float
    error: float

    def lower(self, errors: float) -> float:
        """The area less so many standard errors."""
        return self.auc - errors * self.error


def halves(target: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.bool_]:
    """Two halves at random, both with half of each class."""
    half = np.zeros(len(target), bool)
    for label in (0, 1):
        of_class = random.permutation(np.flatnonzero(target == label))
        half[of_class[::2]] = True
    return half


def bins_of(values: NDArray[np.float32], rarer: int) -> NDArray[np.intp]:
    """A bin for every number: 4 to 64 with as many rows each as ties allow, and one for missing values.

    ``rarer`` is the number of rows of the rarer class.
    """
    count = min(_MOST_BINS, max(4, rarer // _ROWS_OF_A_BIN))
    missing = np.isnan(values)
    present = values[~missing]
    edges = np.unique(np.quantile(present, np.linspace(0, 1, count + 1)[1:-1])) if len(present) else present
    bins = np.searchsorted(edges, values, side="right")
    bins[missing] = len(edges) + 1
    return bins


def separation(bins: NDArray[np.integer], target: NDArray[np.uint8], half: NDArray[np.bool_]) -> Separation:
    """The area when bins are ranked by the share of positives that they have in the *other* half.

    So a column of many levels gains nothing by having learned its own rows by heart, and a column may
    bend as it likes. The two halves' areas are averaged. The error is that of one half (DeLong et al.
    1988): the average varies less, but what was learned from the other half varies too, and with few
    positives as much.
    """
    size = int(bins.max()) + 1
    counts = {
        (side, label): np.bincount(bins[(half == side) & (target == label)], minlength=size)
        for side in (False, True)
        for label in (0, 1)
    }
    results = []
    for side in (False, True):
        positives, negatives = counts[not side, 1], counts[not side, 0]
        # One row at the base rate is added to every bin, so that an empty one has a rate too.
        rate = (positives + target.mean()) / (positives + negatives + 1.0)
        results.append(area(rate, counts[side, 1], counts[side, 0]))
    (first, variance), (second, other_variance) = results
    return Separation((first + second) / 2, float(np.sqrt((variance + other_variance) / 2)))


def area(
    score: NDArray[np.float64], positives: NDArray[np.intp], negatives: NDArray[np.intp]
) -> tuple[float, float]:
    """Area and its variance from how many rows of each class have which score."""
    distinct, group = np.unique(score, return_inverse=True)
    pos = np.bincount(group, weights=positives, minlength=len(distinct))
    neg = np.bincount(group, weights=negatives, minlength=len(distinct))
    total_pos, total_neg = pos.sum(), neg.sum()
    below = (np.cumsum(neg) - neg / 2) / total_neg  # per positive: negatives it beats
    above = (total_pos - np.cumsum(pos) + pos / 2) / total_pos  # per negative: positives that beat it
    area = float(pos @ below / total_pos)
    variance = pos @ (below - area) ** 2 / (total_pos * (total_pos - 1))
    variance += neg @ (above - area) ** 2 / (total_neg * (total_neg - 1))
    return area, float(variance)
