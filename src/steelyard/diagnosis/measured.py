"""The part of a curve that can be calculated with."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.signals import Curve


def finite_part(curve: Curve) -> Curve:
    """The curve without the epochs at which its value or one of its bounds is not a number."""
    kept = np.isfinite(curve.values) & np.isfinite(curve.low) & np.isfinite(curve.high)
    if kept.all():
        return curve
    return Curve(
        curve.epochs[kept], curve.values[kept], curve.low[kept], curve.high[kept], curve.quantity, curve.how
    )


def last_known(curve: Curve | None) -> tuple[float, float, float] | None:
    """Value, low and high of the last epoch at which all three are numbers; None if there is none."""
    found = None if curve is None else finite_part(curve)
    if found is None or not len(found):
        return None
    return float(found.values[-1]), float(found.low[-1]), float(found.high[-1])
