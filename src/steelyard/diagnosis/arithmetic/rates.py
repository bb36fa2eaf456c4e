"""Base rates that may be known within bounds only: whether two can be the same, and the commoner class."""

from __future__ import annotations

import math

from steelyard.diagnosis.signals import Estimate


def share_of_commoner(rate: Estimate) -> Estimate:
    """The share of the commoner class, which is the accuracy of always predicting it: one half at least.

    >>> share_of_commoner(Estimate(0.2, 0.1, 0.3))
    Estimate(value=0.8, low=0.7, high=0.9, how='')
    >>> share_of_commoner(Estimate(0.4, 0.3, 0.6)).low
    0.5
    """
    ends = (max(rate.low, 1.0 - rate.low), max(rate.high, 1.0 - rate.high))
    least = 0.5 if rate.low < 0.5 < rate.high else min(ends)
    return Estimate(max(rate.value, 1.0 - rate.value), least, max(ends), rate.how)


def rates_apart(first: Estimate, first_rows: int, second: Estimate, second_rows: int) -> float:
    """Of the two rates nearest to each other within the bounds: their distance in standard errors, from 0.

    The pooled two-proportion z of ordinary rows drawn independently; 0 where the bounds overlap, so that
    what is not known never makes a difference.
    """
    low, high = (first, second) if first.value <= second.value else (second, first)
    rows = (first_rows, second_rows) if low is first else (second_rows, first_rows)
    near, far = low.high, high.low
    if near >= far or min(rows) < 1:
        return 0.0
    pooled = (near * rows[0] + far * rows[1]) / sum(rows)
    error = math.sqrt(pooled * (1.0 - pooled) * (1.0 / rows[0] + 1.0 / rows[1]))
    return (far - near) / error if error > 0.0 else math.inf
