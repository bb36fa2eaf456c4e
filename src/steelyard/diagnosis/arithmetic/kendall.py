"""Kendall's tau of a curve against its epochs: do its values rise or fall, whatever by how much?

As ``scipy.stats.kendalltau`` has it; that module alone takes longer to load than a log to be judged.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

_EXACT = 33
"""Values up to which the probability is counted out; of more, and of values that repeat, it is normal."""


def kendall(values: ArrayLike) -> tuple[int, float]:
    """Pairs in rising less pairs in falling order, and the probability of such an order by chance.

    ``values`` (n,) are those of n different epochs, in their order, and finite. The probability is that of as
    many or more, in either direction, in values without a trend; NaN for fewer than two that differ.

    >>> kendall([0.5, 0.4, 0.3, 0.2, 0.1])
    (-10, 0.016666666666666666)
    """
    y = np.asarray(values, np.float64)
    n = len(y)
    # A value at a time: all pairs at once take gigabytes where a log has a row per step.
    rising = int(sum(np.sign(y[at + 1 :] - y[at]).sum() for at in range(n)))
    pairs = n * (n - 1) // 2
    _, ties = np.unique(y, return_counts=True)
    if len(ties) < 2:
        return rising, math.nan
    if len(ties) == n and n <= _EXACT:
        fewest = (pairs - abs(rising)) // 2
        return rising, min(1.0, 2.0 * float(_orders(n)[: fewest + 1].sum()))
    variance = (n * (n - 1) * (2 * n + 5) - int((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18.0
    return rising, 2.0 * float(ndtr(-abs(rising) / math.sqrt(variance)))


def _orders(n: int) -> NDArray[np.float64]:
    """The share of the orders of n values in which 0, 1, 2, ... pairs are the wrong way round."""
    shares = np.ones(1)
    for places in range(2, n + 1):
        shares = np.convolve(shares, np.full(places, 1.0 / places))
    return shares
