"""How well all other columns together tell the classes apart: what a strong column is measured against."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from steelyard.checks.separation import area

_MOST_PAIRED = 16
"""Products of so many columns, the first ones, take part: a border that bends needs them."""
_THE_SAME = 0.9
"""A correlation from which on another column is held for the same one in another unit."""


def others_together(
    bins: Mapping[str, NDArray[np.intp]],
    names: Iterable[str],
    target: NDArray[np.uint8],
    half: NDArray[np.bool_],
) -> dict[str, float]:
    """For each name, the area under the ROC curve of all other columns together, about as a model would use
    them.

    A linear discriminant of three kinds of scores: the log-odds of each column's bins, as the *other* half
    of the rows has them; each column's place in its order; and products of two places. It is fitted to one
    half of the rows and judged on the other, both ways round, so that what is learned by heart gains nothing.
    Columns that say the same as the one in question are left out with it; a name without any others has no
    area.

    Args:
        bins: A bin per row by column, see :func:`~steelyard.checks.separation.bins_of`; those columns first
            that rank best alone.
        names: The columns to leave out, one at a time.
        target: Labels of the rows, of which there are both.
        half: Two halves of the rows with some of each label.
    """
    odds = {name: _log_odds(of_rows, target, half) for name, of_rows in bins.items()}
    places = {name: _standardised(_places(of_rows)) for name, of_rows in bins.items()}
    scores: list[tuple[tuple[str, ...], NDArray[np.float64]]] = [
        *(((name,), _standardised(odds[name])) for name in bins),
        *(((name,), places[name]) for name in bins),
        *(
            ((first, second), _standardised(places[first] * places[second]))
            for first, second in itertools.combinations(list(bins)[:_MOST_PAIRED], 2)
        ),
    ]
    scores.append(((), np.ones(len(target))))
    fits = _Fits(np.column_stack([score for _, score in scores]), target, half)
    found = {}
    for name in names:
        same = {name, *(other for other in bins if _say_the_same(odds[name], odds[other]))}
        if len(same) < len(bins):
            found[name] = fits.area_of(np.array([same.isdisjoint(of) for of, _ in scores]))
    return found


class _Fits:
    """Linear discriminants of some of the same scores, float64 (rows, scores): least squares with as much
    weight on either class."""

    def __init__(
        self, scores: NDArray[np.float64], target: NDArray[np.uint8], half: NDArray[np.bool_]
    ) -> None:
        self._sides = []
        for side in (False, True):
            learned, judged = scores[half != side], half == side
            labels = target[half != side]
            counts = np.bincount(labels, minlength=2)
            weighted = learned * (0.5 / counts)[labels][:, None]
            self._sides.append(
                (weighted.T @ learned, weighted.T @ (2.0 * labels - 1.0), counts.min(), judged)
            )
        self._scores, self._target = scores, target

    def area_of(self, kept: NDArray[np.bool_]) -> float:
        """The area that those of the scores reach, averaged over the halves."""
        areas = []
        for products, moments, rarer, judged in self._sides:
            weights = np.zeros(len(kept))
            # As many scores as rows of the rarer class would be learned by heart: the ridge grows with them.
            ridge = kept.sum() / rarer
            some = products[np.ix_(kept, kept)] + ridge * np.eye(int(kept.sum()))
            weights[kept] = np.linalg.solve(some, moments[kept])
            areas.append(_area_of(self._scores[judged] @ weights, self._target[judged]))
        return float(np.mean(areas))


def _log_odds(
    bins: NDArray[np.intp], target: NDArray[np.uint8], half: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """For each row that of its bin in the half that it is not in, with a row at the base rate added."""
    size, rate = int(bins.max()) + 1, float(target.mean())
    result = np.empty(len(bins))
    for side in (False, True):
        counts = [
            np.bincount(bins[(half != side) & (target == label)], minlength=size) + share
            for label, share in ((0, 1.0 - rate), (1, rate))
        ]
        result[half == side] = np.log(counts[1] / counts[0])[bins[half == side]]
    return result


def _places(bins: NDArray[np.intp]) -> NDArray[np.float64]:
    """The mean rank of each row's bin, as a share of the rows; levels of a category by their codes."""
    counts = np.bincount(bins)
    return ((np.cumsum(counts) - counts / 2.0) / len(bins))[bins]


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """With mean 0 and deviation 1; a constant one is 0."""
    centred = values - values.mean()
    return np.asarray(centred / max(float(centred.std()), 1e-12))


def _say_the_same(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool:
    return abs(float(np.mean(_standardised(first) * _standardised(second)))) >= _THE_SAME


def _area_of(score: NDArray[np.float64], target: NDArray[np.uint8]) -> float:
    return area(score, (target == 1).astype(np.intp), (target == 0).astype(np.intp))[0]
