"""Where a parameter ends."""

from __future__ import annotations

import math
from typing import Any, Literal

from steelyard.study.space import Range, Space

_NEAR = 0.05
"""A range is left when so small a share of it lies beyond a value."""


def on_edge(space: Space, path: str, value: Any) -> Literal["low", "high"] | None:
    """The end of a parameter at which the value lies, if it does.

    That is the least or the greatest of at least three numbers to choose from, or the outer 5 % of a range
    (of its logarithms, if it is logarithmic).
    """
    parameter = next(one for one in space.parameters if one.path == path)
    if isinstance(parameter, Range):
        return _side(_place(parameter, value))
    numbers = [one for one in parameter.values if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) < len(parameter.values) or len(numbers) < 3:
        return None
    return "low" if value == min(numbers) else "high" if value == max(numbers) else None


def _place(parameter: Range, value: float) -> float:
    """From 0 at the low end to 1 at the high one."""
    low, high = parameter.low, parameter.high
    if parameter.log:
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)


def _side(place: float) -> Literal["low", "high"] | None:
    return "low" if place <= _NEAR else "high" if place >= 1.0 - _NEAR else None
