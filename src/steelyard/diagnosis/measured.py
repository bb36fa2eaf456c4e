"""The part of a curve that can be calculated with."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.signals import Curve
from steelyard.history import PLAIN


def finite_part(curve: Curve) -> Curve:
    """The curve without the epochs at which its value or one of its bounds is not a number."""
    kept = np.isfinite(curve.values) & np.isfinite(curve.low) & np.isfinite(curve.high)
    if kept.all():
        return curve
    return Curve(
        curve.epochs[kept], curve.values[kept], curve.low[kept], curve.high[kept], curve.quantity, curve.how
    )


def was_logged_plain(curve: Curve | None) -> bool:
    """Whether the log itself has this curve free of weights, penalty, dropout and averaging over the epoch.

    Steelyard's logs have it beside what was minimised. A curve that had to be worked out does not count.
    """
    return (
        curve is not None
        and curve.quantity == PLAIN
        and curve.how == "as logged"
        and bool((curve.low == curve.high).all())
    )


def last_known(curve: Curve | None) -> tuple[float, float, float] | None:
    """Value, low and high of the last epoch at which all three are numbers; None if there is none."""
    found = None if curve is None else finite_part(curve)
    if found is None or not len(found):
        return None
    return float(found.values[-1]), float(found.low[-1]), float(found.high[-1])


def furthest_below(curve: Curve, least: Curve) -> tuple[int, float, float] | None:
    """The epoch at which a curve lies furthest below what it must reach, with both values there; None unless
    it does so in most of the epochs."""
    epochs, at, other = np.intersect1d(curve.epochs, least.epochs, return_indices=True)
    gap = least.low[other] - curve.values[at]
    if not np.isfinite(gap).any() or np.median(gap[np.isfinite(gap)]) <= 0.0:
        return None
    worst = int(np.nanargmax(np.where(np.isfinite(gap), gap, -np.inf)))
    return int(epochs[worst]), float(curve.values[at][worst]), float(least.low[other][worst])
