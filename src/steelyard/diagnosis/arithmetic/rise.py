"""How far a curve ends above its lowest point, smoothed so that one wild epoch does not decide."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.arithmetic.trend import noise_of

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Rise:
    """From the lowest point of a smoothed curve to its end; Prechelt's generalisation loss is ``percent``.

    ``at`` is the position of the lowest point, ``lowest`` and ``last`` are smoothed values; ``wiggle`` is the
    standard deviation of one epoch about the trend, 0 where there are too few to tell.
    """

    at: int
    lowest: float
    last: float
    wiggle: float

    @property
    def height(self) -> float:
        """In the units of the curve."""
        return self.last - self.lowest

    @property
    def percent(self) -> float:
        """100 (last / lowest - 1); infinite above a lowest value of zero."""
        if self.lowest <= 0.0:
            return math.copysign(math.inf, self.height) if self.height else 0.0
        return 100.0 * self.height / self.lowest


def rise(values: Values, window: int | None = None) -> Rise:
    """The rise to the end of a curve of at least one value, none of them NaN.

    ``window`` is how many epochs to take a median over; by default five, of fewer than 15 three, of fewer
    than eight one.

    >>> found = rise(np.array([5.0, 3.0, 2.0, 2.5, 3.0, 3.0]))
    >>> found.at, found.percent
    (2, 50.0)
    """
    even = smooth(values, window)
    at = int(np.argmin(even))
    wiggle = noise_of(values)
    return Rise(at, float(even[at]), float(even[-1]), 0.0 if math.isnan(wiggle) else wiggle)


def smooth(values: Values, window: int | None = None) -> Values:
    """Running median, over fewer epochs at the ends."""
    if window is None:
        window = 5 if len(values) >= 15 else 3 if len(values) >= 8 else 1
    half = window // 2
    return np.array(
        [np.median(values[max(0, at - half) : at + half + 1]) for at in range(len(values))], np.float64
    )
