"""Durations as people write them."""

from __future__ import annotations

import math
import re

from steelyard.errors import SteelyardError

_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "min": 60.0, "s": 1.0}
_PART = r"(\d+(?:\.\d+)?)\s*(d|h|min|m|s)"


def seconds_of(duration: float | str) -> float:
    """A duration in seconds, from a number of them or from text.

    >>> seconds_of("10m"), seconds_of("1h30m"), seconds_of("45s"), seconds_of("45"), seconds_of(0.5)
    (600.0, 5400.0, 45.0, 45.0, 0.5)
    >>> seconds_of("ten minutes")
    Traceback (most recent call last):
    ...
    steelyard.errors.SteelyardError: 'ten minutes' is not a duration: write 10m, 1h30m, 45s or seconds
    """
    if isinstance(duration, str):
        text = duration.strip().casefold()
        if re.fullmatch(r"\d+(?:\.\d+)?", text):
            seconds = float(text)
        elif re.fullmatch(rf"(?:{_PART}\s*)+", text):
            seconds = sum(float(number) * _UNITS[unit] for number, unit in re.findall(_PART, text))
        else:
            raise _not_a_duration(duration)
    else:
        seconds = float(duration)
    if not (math.isfinite(seconds) and seconds > 0.0):
        raise _not_a_duration(duration)
    return seconds


def _not_a_duration(given: float | str) -> SteelyardError:
    return SteelyardError(f"{given!r} is not a duration: write 10m, 1h30m, 45s or seconds")
