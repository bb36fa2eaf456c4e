"""Standings by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from steelyard.tuning.pruning import Standing


def standing(
    epoch: int,
    score: Sequence[float],
    average: Sequence[float] | None = None,
    racing: Sequence[bool] | None = None,
) -> Standing:
    """Averages are the scores, and everybody is racing, unless something else is said."""
    return Standing(
        epoch,
        np.ones(len(score), np.bool_) if racing is None else np.array(racing),
        np.array(score, np.float64),
        np.array(score if average is None else average, np.float64),
    )
