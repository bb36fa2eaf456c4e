"""Successive halving (Jamieson and Talwalkar 2016)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.study import Halving
from steelyard.tuning.pruning.standing import Standing


@dataclass(frozen=True, eq=False)
class Race:
    """Successive halving among some trials of a batch.

    ``members`` is bool (trials,). After each of ``rungs`` the best one in ``reduction`` of the members that
    are still racing goes on, rounded down, but one at least; of equal scores the trial of the lower number.
    A trial that came to its own end counts as racing: it keeps its score, and a place if that is good enough.
    """

    members: NDArray[np.bool_]
    rungs: tuple[int, ...]
    reduction: int

    def losers(self, standing: Standing) -> NDArray[np.bool_]:
        """As :class:`~steelyard.tuning.pruning.standing.Rule` has it."""
        racing = np.flatnonzero(standing.racing & self.members)
        ranked = racing[np.argsort(standing.score[racing], kind="stable")]
        losers = np.zeros(len(standing.racing), np.bool_)
        losers[ranked[max(1, len(racing) // self.reduction) :]] = True
        return losers


def halving(spec: Halving, epochs: Sequence[int]) -> tuple[Race, ...]:
    """One race of all trials; ``epochs`` are those their recipes plan.

    Rungs are counted in epochs, up to the longest recipe: a trial with fewer of them is compared as it ended.
    """
    rungs = []
    rung = spec.min_epochs
    while rung < max(epochs):
        rungs.append(rung)
        rung *= spec.reduction
    return (Race(np.ones(len(epochs), np.bool_), tuple(rungs), spec.reduction),)
