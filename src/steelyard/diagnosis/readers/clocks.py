"""Epochs as a training loop logs them beside its values: a number, whole or a share."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

_MOST = 2**53
_SLIP = 1e-6
"""Of an epoch: rounding of shares, which are logged with few digits."""


def epochs_of_clock(clock: NDArray[np.float64], done: bool = False) -> NDArray[np.int64]:
    """The epoch, from 1, that each reading belongs to; 0 for what is no epoch, or was read before training.

    Whole readings count epochs, from 0 or from 1; readings with fractions tell how many epochs are done
    (Hugging Face), so that 0.5 and 1.0 both belong to the first. ``done``: these do so too if all are whole,
    where 0 is before the first.

    >>> epochs_of_clock(np.array([0.0, 1.0, 2.0])), epochs_of_clock(np.array([0.5, 1.0, 1.5]))
    (array([1, 2, 3]), array([1, 1, 2]))
    """
    sound = np.isfinite(clock) & (np.abs(clock) < _MOST)
    readings = np.where(sound, clock, 0.0)
    if done or (readings % 1.0 != 0.0).any():
        epochs = np.ceil(readings - _SLIP)
    else:
        from_zero = bool(sound.any()) and readings[sound].min() == 0.0
        epochs = readings + float(from_zero)
    return np.where(sound & (epochs > 0), epochs, 0.0).astype(np.int64)


def epochs_by_clock(
    at: NDArray[np.int64], clock: NDArray[np.float64], steps: Mapping[str, NDArray[np.int64]]
) -> dict[str, NDArray[np.int64]]:
    """The epochs of curves logged by step, where the clock was read at the steps ``at``: that of the last
    reading before or at each step, of the first one before all of them; 0 where that is no epoch.

    >>> epochs_by_clock(np.array([4, 9]), np.array([0.0, 1.0]), {"loss": np.array([0, 4, 8, 9, 12])})
    {'loss': array([1, 1, 1, 2, 2])}
    """
    order = np.argsort(at, kind="stable")
    at, epochs = at[order], epochs_of_clock(clock[order])
    return {
        name: epochs[np.clip(np.searchsorted(at, one, side="right") - 1, 0, None)]
        for name, one in steps.items()
    }
