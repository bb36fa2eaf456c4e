"""Epochs as a training loop logs them beside its values: a number, whole or a share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MOST = 2**53
_SLIP = 1e-6
"""Of an epoch: rounding of shares, which are logged with few digits."""


def epochs_of_clock(clock: NDArray[np.float64]) -> NDArray[np.int64]:
    """The epoch, from 1, that each reading belongs to; 0 for what is no epoch, or was read before training.

    Whole readings count epochs, from 0 or from 1; readings with fractions tell how many epochs are done
    (Hugging Face, Lightning), so that 0.5 and 1.0 both belong to the first.

    >>> epochs_of_clock(np.array([0.0, 1.0, 2.0])), epochs_of_clock(np.array([0.5, 1.0, 1.5]))
    (array([1, 2, 3]), array([1, 1, 2]))
    """
    sound = np.isfinite(clock) & (np.abs(clock) < _MOST)
    readings = np.where(sound, clock, 0.0)
    if (readings % 1.0 != 0.0).any():
        epochs = np.ceil(readings - _SLIP)
    else:
        from_zero = bool(sound.any()) and readings[sound].min() == 0.0
        epochs = readings + float(from_zero)
    return np.where(sound & (epochs > 0), epochs, 0.0).astype(np.int64)
