"""What folds say about the mean of a metric, and about the difference of two recipes.

The folds of a cross-validation share training rows, so their scores vary less together than scores on fresh
data would, and an ordinary t interval is too narrow. Nadeau and Bengio (2003) put the correlation of two
scores at ``n_test / (n_train + n_test)``, which makes the variance of the mean of ``n`` scores

    ``(1 / n + n_test / n_train) * s^2``

instead of ``s^2 / n``; t has n - 1 degrees of freedom. Bouckaert and Frank (2004) found repeated
cross-validation with this correction to be the test that replicates best. ``ratio`` below is
``n_test / n_train``: a k-fold cross-validation has 1 / (k - 1). For blocks in order it is a rough guide only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from steelyard.errors import DataError
from steelyard.metrics import Metric, as_loss

LEVEL = 0.95
"""Of intervals; and 1 less it is the share of false alarms that are put up with."""


@dataclass(frozen=True)
class FoldMean:
    """The mean of a metric over folds, and where it would lie with endlessly many tables like this one.

    ``spread`` is the standard deviation over the folds, ``error`` the corrected standard error of the mean.
    ``folds`` are those in which the metric is defined. With fewer than two of them only the mean is known.
    """

    mean: float
    spread: float
    error: float
    low: float
    high: float
    folds: int


@dataclass(frozen=True)
class PairedDifference:
    """How much higher a metric is with one recipe than with another, on the same folds.

    ``p`` is that of the two-sided corrected t test that there is no difference. With fewer than two folds
    only the mean is known.
    """

    mean: float
    error: float
    low: float
    high: float
    p: float
    folds: int


class Verdict(StrEnum):
    """What a difference amounts to."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no difference"
    """The whole interval lies within the margin: whatever difference there is does not matter."""
    CANNOT_TELL = "cannot tell"
    """Too uncertain for any of the others."""


@dataclass(frozen=True)
class Leaderboard:
    """Recipes from best to worst by their mean, and which of them may as well be the best.

    ``tied`` holds the best and those that cannot be told apart from it, in order. ``p`` has the value of
    every pair (better, worse) after Holm's correction for all pairs: for all, because which one is the best
    was found on the same folds.
    """

    order: tuple[str, ...]
    tied: tuple[str, ...]
    p: Mapping[tuple[str, str], float]


def fold_mean(values: ArrayLike, ratio: float, *, level: float = LEVEL) -> FoldMean:
    """Mean and corrected interval of one value per fold (folds,); NaN is a fold without a value.

    >>> found = fold_mean([0.70, 0.72, 0.74, 0.76, 0.78], ratio=1 / 4)
    >>> round(found.mean, 3), round(found.low, 3), round(found.high, 3)
    (0.74, 0.681, 0.799)
    """
    known = _known(values, ratio, level)
    mean, error = _mean_and_error(known, ratio)
    reach = _reach(error, len(known), level)
    spread = float(known.std(ddof=1)) if len(known) > 1 else math.nan
    return FoldMean(mean, spread, error, mean - reach, mean + reach, len(known))


def paired_difference(
    first: ArrayLike, second: ArrayLike, ratio: float, *, level: float = LEVEL
) -> PairedDifference:
    """``first`` less ``second``, one value of each per fold (folds,), on the folds in which both have one."""
    one, other = (np.asarray(values, np.float64) for values in (first, second))
    if one.shape != other.shape:
        raise DataError(
            f"paired_difference: one value per fold is needed; found {one.shape} and {other.shape}"
        )
    known = _known(one - other, ratio, level)
    mean, error = _mean_and_error(known, ratio)
    reach = _reach(error, len(known), level)
    return PairedDifference(mean, error, mean - reach, mean + reach, _p(mean, error, len(known)), len(known))


def holm(p: Sequence[float]) -> NDArray[np.float64]:
    """Holm's (1979) adjusted p values: any of them below alpha is a false alarm with chance alpha at most.

    NaN stays NaN and counts as no comparison.

    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p, np.float64)
    adjusted = np.full(values.shape, np.nan)
    order = np.argsort(values)[: int(np.isfinite(values).sum())]
    steps = values[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def leaderboard(
    values: Mapping[str, ArrayLike], chosen: Metric, ratio: float, *, level: float = LEVEL
) -> Leaderboard:
    """Recipes by name, one value of the metric ``chosen`` per fold each, on the same folds."""
    losses = {name: _losses(of_name, chosen) for name, of_name in values.items()}
    means = {
        name: float(np.nanmean(loss)) if np.isfinite(loss).any() else math.inf
        for name, loss in losses.items()
    }
    order = tuple(sorted(losses, key=lambda name: means[name]))
    pairs = list(combinations(order, 2))
    found = [
        paired_difference(losses[worse], losses[better], ratio, level=level).p for better, worse in pairs
    ]
    adjusted = dict(zip(pairs, holm(found).tolist(), strict=True))
    # Not "p >= alpha": a pair of which nothing is known has not been told apart either.
    tied = tuple(name for name in order[1:] if not adjusted[order[0], name] < 1.0 - level)
    return Leaderboard(order, (*order[:1], *tied), adjusted)


def verdict(
    difference: PairedDifference, chosen: Metric, *, margin: float, p: float, level: float = LEVEL
) -> Verdict:
    """What the difference of a recipe from a reference amounts to.

    ``margin`` is the largest difference that does not matter, ``p`` the difference's own after a correction
    for the number of comparisons (:func:`holm`). An interval inside the margin is no difference even if it
    leaves out 0. For metrics of which higher or lower is better.
    """
    if max(-difference.low, difference.high) <= margin:
        return Verdict.NO_DIFFERENCE
    if p < 1.0 - level:
        gains = difference.mean > 0.0 if chosen.direction == "higher" else difference.mean < 0.0
        return Verdict.BETTER if gains else Verdict.WORSE
    return Verdict.CANNOT_TELL


def _losses(values: ArrayLike, chosen: Metric) -> NDArray[np.float64]:
    return np.array([as_loss(chosen, float(value)) for value in np.asarray(values, np.float64)])


def _known(values: ArrayLike, ratio: float, level: float) -> NDArray[np.float64]:
    if not (math.isfinite(ratio) and ratio >= 0.0):
        raise DataError(f"ratio: rows held out per row learned from; found {ratio:g}")
    if not 0.0 < level < 1.0:
        raise DataError(f"level: must lie between 0 and 1, such as 0.95; found {level:g}")
    array = np.asarray(values, np.float64)
    if array.ndim != 1:
        raise DataError(f"one value per fold is needed; found an array {array.shape}")
    return array[np.isfinite(array)]


def _mean_and_error(known: NDArray[np.float64], ratio: float) -> tuple[float, float]:
    if not len(known):
        return math.nan, math.nan
    mean = float(known.mean())
    if len(known) < 2:
        return mean, math.nan
    return mean, math.sqrt((1.0 / len(known) + ratio) * float(known.var(ddof=1)))


def _reach(error: float, folds: int, level: float) -> float:
    return math.nan if folds < 2 else error * float(student.isf((1.0 - level) / 2.0, folds - 1))


def _p(mean: float, error: float, folds: int) -> float:
    if folds < 2:
        return math.nan
    if error == 0.0:  # the same difference in every fold; the same predictions, mostly
        return 1.0 if mean == 0.0 else 0.0
    return 2.0 * float(student.sf(abs(mean) / error, folds - 1))
