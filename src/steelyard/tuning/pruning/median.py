"""The median rule (Golovin et al. 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.study import MedianPruning
from steelyard.tuning.pruning.standing import Standing


@dataclass(frozen=True)
class Median:
    """A trial is put out if its score is worse than the median of the other trials' averages until then.

    All trials of the batch are among the others, those put out before with the average they had: else half of
    those that are left would go each time. A score is a best and an average is none, so young trials are
    judged kindly, as in the paper.
    """

    rungs: range

    def losers(self, standing: Standing) -> NDArray[np.bool_]:
        """As :class:`~steelyard.tuning.pruning.standing.Rule` has it."""
        losers = np.zeros(len(standing.racing), np.bool_)
        for trial in np.flatnonzero(standing.racing):
            others = np.delete(standing.average, trial)
            losers[trial] = len(others) > 0 and standing.score[trial] > np.median(others)
        return losers


def median(spec: MedianPruning, epochs: Sequence[int]) -> tuple[Median, ...]:
    """The rule for trials that plan so many ``epochs``: every ``interval`` ones from ``warmup_epochs`` on."""
    return (Median(range(max(1, spec.warmup_epochs), max(epochs), spec.interval)),)
