"""Slope, change and wiggle of a curve whose epochs are not independent of each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

_MOST_PAIRED = 1_000
"""Epochs of which every one is paired with every other."""


@dataclass(frozen=True)
class Trend:
    """A straight line through a stretch of a curve, per epoch, with the 95 % interval of its slope.

    ``change`` is the slope times the length of the stretch; ``wiggle`` the standard deviation around the
    line, ``correlation`` that of neighbouring deviations.
    """

    slope: float
    low: float
    high: float
    change: float
    change_low: float
    change_high: float
    wiggle: float
    correlation: float


def generalisation_loss(values: ArrayLike) -> NDArray[np.float64]:
    """Prechelt's GL: by how many percent each value lies above the least so far; (n,) gives float64 (n,).

    >>> generalisation_loss([0.5, 0.4, 0.42]).round(6).tolist()
    [0.0, 0.0, 5.0]
    """
    losses = np.asarray(values, np.float64)
    return np.asarray(100.0 * (losses / np.minimum.accumulate(losses) - 1.0), np.float64)


def noise_of(values: ArrayLike) -> float:
    """Standard deviation of the wiggle of a curve, from its second differences: a smooth bend adds little.

    Robust against a fifth of outliers; neighbouring deviations that are alike make it too small. NaN with
    fewer than four finite values.
    """
    kept = np.asarray(values, np.float64)
    kept = kept[np.isfinite(kept)]
    if len(kept) < 4:
        return float("nan")
    return float(1.4826 * np.median(np.abs(np.diff(kept, 2))) / np.sqrt(6.0))


def theil_sen(values: ArrayLike, epochs: ArrayLike) -> float:
    """The slope per epoch that half of all pairs of different epochs exceed; values are finite.

    Of more than a thousand epochs only those are paired that lie half of all apart (Theil's incomplete
    method): all pairs of a log with a row per step would take gigabytes.

    >>> theil_sen([5.0, 4.0, 9.0, 2.0], [1, 2, 3, 4])
    -1.0
    """
    y, x = np.asarray(values, np.float64), np.asarray(epochs, np.float64)
    if len(x) > _MOST_PAIRED:
        earlier, later = np.arange(len(x) - len(x) // 2), np.arange(len(x) // 2, len(x))
    else:
        earlier, later = np.triu_indices(len(x), k=1)
    steps, changes = x[later] - x[earlier], y[later] - y[earlier]
    apart = steps != 0.0
    return float(np.median(changes[apart] / steps[apart]))


def trend(values: ArrayLike, epochs: ArrayLike | None = None, level: float = 0.95) -> Trend | None:
    """The line of Theil and Sen, its interval widened for deviations that are alike in neighbouring epochs.

    None with fewer than five finite values. The interval is that of a regression whose number of
    observations is reduced by the lag-one correlation r of the deviations to n (1 - r) / (1 + r); r is taken
    as measured plus its usual bias in short series, (1 + 4 r) / n.
    """
    y = np.asarray(values, np.float64)
    x = np.arange(len(y), dtype=np.float64) if epochs is None else np.asarray(epochs, np.float64)
    x, y = x[np.isfinite(y)], y[np.isfinite(y)]
    n = len(y)
    if n < 5 or x[-1] == x[0]:
        return None
    slope = theil_sen(y, x)
    deviations = y - slope * x
    deviations -= deviations.mean()
    spread = float(deviations @ deviations)
    correlation = float(deviations[1:] @ deviations[:-1]) / spread if spread > 0.0 else 0.0
    correlation = float(np.clip(correlation + (1.0 + 4.0 * correlation) / n, 0.0, 0.95))
    effective = max(n * (1.0 - correlation) / (1.0 + correlation), 3.0)
    wiggle = float(np.sqrt(spread / (n - 2)))
    error = wiggle / float(np.sqrt(((x - x.mean()) ** 2).sum() * effective / n))
    reach = error * float(-stdtrit(max(effective - 2.0, 1.0), (1.0 - level) / 2.0))
    length = float(x[-1] - x[0])
    return Trend(
        slope=slope,
        low=slope - reach,
        high=slope + reach,
        change=slope * length,
        change_low=(slope - reach) * length,
        change_high=(slope + reach) * length,
        wiggle=wiggle,
        correlation=correlation,
    )
