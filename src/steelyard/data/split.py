"""Which rows train, which choose, which judge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Split:
    """Disjoint row indices (int64, ascending) and how they were made.

    ``train`` fits preprocessing and weights; ``validation`` chooses the epoch (later also threshold
    and calibrator); ``test`` is read once, at the end. ``method`` is a clause for people:
    "stratified at random, 60/20/20, seed 0".
    """

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]
    method: str
