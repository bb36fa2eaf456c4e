"""Curves and numbers of which only an interval is known, added, scaled and compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.signals import Curve, Estimate

Numbers = NDArray[np.float64]

_NOTHING = 1e-9
"""The entropy of less than one positive in ten thousand million rows."""


def curve_like(curve: Curve, values: Numbers, low: Numbers, high: Numbers, how: str) -> Curve:
    """Other values at the same epochs; the middle is put between the ends."""
    return replace(curve, values=np.clip(values, low, high), low=low, high=high, how=how)


def at_epochs(curve: Curve, epochs: NDArray[np.int64]) -> tuple[Numbers, Numbers, Numbers] | None:
    """Value, low and high at these epochs, straight lines between measurements; None if all lie outside."""
    if not len(curve) or epochs[0] > curve.epochs[-1] or epochs[-1] < curve.epochs[0]:
        return None
    values, low, high = (
        np.interp(epochs, curve.epochs, part) for part in (curve.values, curve.low, curve.high)
    )
    return values, low, high


def skill(curve: Curve, floor: Estimate) -> Curve | None:
    """``1 - loss / floor``, as wide as both together; None where the floor may be nothing."""
    if not floor.low > _NOTHING:
        return None
    ends = np.stack([1.0 - part / f for part in (curve.low, curve.high) for f in (floor.low, floor.high)])
    return curve_like(
        curve,
        1.0 - curve.values / floor.value,
        ends.min(axis=0),
        ends.max(axis=0),
        f"{curve.how}; over the floor {floor.value:.4g}",
    )
