"""Hyperband (Li et al. 2018): several races that differ in when they begin to put trials out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from steelyard.study import Hyperband
from steelyard.tuning.pruning.halving import Race


def hyperband(spec: Hyperband, epochs: Sequence[int], seed: int | Sequence[int]) -> tuple[Race, ...]:
    """The brackets of a batch, the one that begins earliest first.

    As in the paper the rungs are counted down from the most epochs R of the batch: R / reduction, R /
    reduction^2 and so on, as long as they are at least ``min_epochs``. The first bracket has all of them,
    each further one begins a rung later, and the last one puts nobody out. ``seed`` decides who is in which
    bracket: in order, neighbours of a grid would be together.
    """
    longest = max(epochs)
    rungs = rungs_of(longest, spec.min_epochs, spec.reduction)
    sizes = apportioned(len(epochs), bracket_shares(len(rungs) + 1, spec.reduction))
    bracket = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    return tuple(
        Race(bracket == number, rungs[number:], spec.reduction)
        for number in range(len(sizes))
        if sizes[number]
    )


def rungs_of(longest: int, least: int, reduction: int) -> tuple[int, ...]:
    """Epochs after which trials are put out, ascending.

    >>> rungs_of(81, 1, 3), rungs_of(60, 2, 3), rungs_of(5, 5, 3)
    ((1, 3, 9, 27), (2, 7, 20), ())
    """
    rungs = []
    divisor = reduction
    while longest >= least * divisor:
        rungs.append(round(longest / divisor))
        divisor *= reduction
    return tuple(reversed(rungs))


def bracket_shares(brackets: int, reduction: int) -> tuple[int, ...]:
    """How many trials each bracket has in the paper, where all brackets cost about the same.

    >>> bracket_shares(5, 3)
    (81, 34, 15, 8, 5)
    """
    return tuple(
        math.ceil(brackets * reduction ** (brackets - 1 - number) / (brackets - number))
        for number in range(brackets)
    )


def apportioned(trials: int, shares: Sequence[int]) -> NDArray[np.int64]:
    """Whole numbers in the ratio of ``shares`` that add up to ``trials``, by the largest remainders.

    >>> apportioned(27, (9, 5, 3)), apportioned(2, (9, 5, 3))
    (array([14,  8,  5]), array([1, 1, 0]))
    """
    exact = np.asarray(shares, np.float64) * trials / sum(shares)
    sizes = np.floor(exact).astype(np.int64)
    left = trials - int(sizes.sum())
    sizes[np.argsort(sizes - exact, kind="stable")[:left]] += 1
    return sizes
