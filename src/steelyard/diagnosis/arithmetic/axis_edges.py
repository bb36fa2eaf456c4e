"""The ends of a parameter's range in a search: what lies there and beyond, and what chance puts there."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from steelyard.diagnosis.arithmetic.trial_tables import ordered_axes
from steelyard.log import TrialTable

_FROM_ZERO_TO_ONE = (
    *("dropout", "momentum", "beta", "rho", "rate_of", "fraction", "share"),
    *("smoothing", "split", "subsample", "colsample", "threshold"),
)
"""Parts of the names of parameters that end at 1."""


@dataclass(frozen=True, eq=False)
class Edge:
    """One end of a parameter's range. ``given`` is what each trial has, float64 (trials,); ``tried`` are the
    different values in order, three or more; ``whole`` says whether the parameter takes whole numbers only.
    """

    name: str
    given: NDArray[np.float64]
    tried: tuple[float, ...]
    upper: bool
    whole: bool

    @property
    def last(self) -> float:
        """The largest or smallest value that was tried."""
        return self.tried[-1] if self.upper else self.tried[0]

    @property
    def word(self) -> str:
        """``largest`` or ``smallest``."""
        return "largest" if self.upper else "smallest"

    def outermost(self, part: float) -> NDArray[np.bool_]:
        """Which trials have one of the last values: that part of all different ones, and one at least."""
        count = max(1, int(part * len(self.tried)))
        if self.upper:
            return np.asarray(self.given >= self.tried[-count])
        return np.asarray(self.given <= self.tried[count - 1])

    def beyond(self) -> float | None:
        """A value to try beyond: as far from the last as that from its neighbour, by ratio where all are
        above zero. None if nothing lies there, as below a dropout of 0 or a single layer."""
        here, beside = self.last, self.tried[-2] if self.upper else self.tried[1]
        if not self.upper and (here == 0.0 or (self.whole and here == 1.0)):
            return None
        further = here * here / beside if min(here, beside) > 0.0 else 2.0 * here - beside
        if self.whole:
            return max(round(further), here + 1.0) if self.upper else min(math.floor(further), here - 1.0)
        if self.upper and 0.0 < here <= 1.0 and any(part in self.name.lower() for part in _FROM_ZERO_TO_ONE):
            return None if here >= 0.99 else min(further, (1.0 + here) / 2.0)
        return further


def edges_of(table: TrialTable) -> Iterator[Edge]:
    """Both ends of every parameter that was tried at three or more different numbers."""
    for name, tried in ordered_axes(table).items():
        given = table.parameters[name]
        whole = all(isinstance(value, int | np.integer) for value in given)
        column = np.array([float(value) for value in given])
        for upper in (True, False):
            yield Edge(name, column, tuple(tried), upper, whole)


def chance_of_place(there: NDArray[np.bool_], top: int) -> float:
    """The chance that the ``top`` best of equally good trials, the first of ``there`` (trials,), are all
    among those where it is true; 1 if they are not.

    >>> chance_of_place(np.array([True] * 3 + [False] * 6), 3) == 1 / 84
    True
    """
    if len(there) < top or not there[:top].all():
        return 1.0
    return math.comb(int(there.sum()), top) / math.comb(len(there), top)


def chance_of_order(values: NDArray[np.float64], merits: NDArray[np.float64], *, falling: bool) -> float:
    """The chance that equally good trials get better with a value, or with ``falling`` the lower it is, as
    much as these or more: Spearman's rank correlation, one-sided, by its normal approximation, which is too
    cautious for few. Both are (trials,); the higher a merit the better.

    >>> round(chance_of_order(np.arange(8.0), np.arange(8.0), falling=False), 3)
    0.004
    """
    if len(values) < 3 or not np.ptp(values) or not np.ptp(merits):
        return 1.0
    correlation = float(np.corrcoef(_ranks(values), _ranks(merits))[0, 1])
    return float(ndtr((correlation if falling else -correlation) * math.sqrt(len(values) - 1.0)))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """From 1; equal values share the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2.0)[places], np.float64)
