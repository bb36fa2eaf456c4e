"""Folds that a trial is spared because it did badly on the first ones (Bergman et al. 2024).

The paper compares a trial with the incumbent, the best one until then, and finds that it pays in nearly all
data sets to stop a trial whose mean over the folds so far is worse than the *worst* fold of the incumbent
("forgiving"); to ask for the incumbent's mean does harm in some. The trials of a batch are trained side by
side, so the incumbent is made first: of all trials, trained on the first fold, the best one is trained on all
the others. Then the rest follow, fold by fold.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def incumbent(first: NDArray[np.float64]) -> int:
    """The trial with the least loss on the first fold, (trials,); NaN where it was not trained to the end."""
    return int(np.nanargmin(first))


def hopeless(losses: NDArray[np.float64], incumbents: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which trials are spared the folds that are left.

    ``losses`` are (trials, folds until now), ``incumbents`` (folds,) are those of the incumbent on all folds.

    >>> hopeless(np.array([[0.4, 0.3], [0.4, 0.5]]), np.array([0.2, 0.4, 0.3]))
    array([False,  True])
    """
    worst = incumbents.max()
    # The slack is for equal folds: their mean may differ from them in the last bit.
    return np.asarray(losses.mean(axis=1) > worst + 1e-12 * abs(worst))
