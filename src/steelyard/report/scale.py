"""From data to pixels, with ticks at round numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

_ROUND_STEPS = (1.0, 2.0, 5.0, 10.0)
_LOG_MANTISSAS = ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,))


@dataclass(frozen=True)
class Scale:
    """Maps ``low`` to pixel ``start`` and ``high`` to pixel ``end``, linearly or by the logarithm.

    ``ticks`` are (value, label) pairs within the range.
    """

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool
    ticks: tuple[tuple[float, str], ...]

    def __call__(self, value: float) -> float:
        """The pixel of a value."""
        if self.logarithmic:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


@dataclass(frozen=True)
class Bands:
    """Stretches of equal length from pixel ``start`` to pixel ``end``, one for each label."""

    labels: tuple[str, ...]
    start: float
    end: float

    @property
    def width(self) -> float:
        """Of a band, in pixels; negative if they run upwards."""
        return (self.end - self.start) / len(self.labels)

    def __call__(self, number: int) -> float:
        """The pixel in the middle of a band, counted from 0."""
        return self.start + (number + 0.5) * self.width


def linear_scale(low: float, high: float, start: float, end: float, most_ticks: int = 7) -> Scale:
    """A linear scale over the given range, a little widened, but never from positive below zero.

    >>> [label for _, label in linear_scale(0.103, 0.178, 0, 100).ticks]
    ['0.10', '0.12', '0.14', '0.16', '0.18']
    """
    floor = 0.0 if low >= 0.0 else -math.inf
    margin = (high - low) / 20 or abs(low) / 10 or 0.5
    low, high = max(low - margin, floor), high + margin
    step = _round_step((high - low) / most_ticks)
    numbers = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    ticks = tuple((number * step, _fixed(number * step, step)) for number in numbers)
    return Scale(low, high, start, end, False, ticks)


def log_scale(low: float, high: float, start: float, end: float, most_ticks: int = 6) -> Scale:
    """A logarithmic scale over the given positive range, a little widened.

    >>> [label for _, label in log_scale(0.09, 1.3, 0, 100).ticks]
    ['0.1', '0.2', '0.5', '1']
    """
    margin = (high / low) ** 0.04
    low, high = low / margin, high * margin
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found: list[float] = []
    for mantissas in _LOG_MANTISSAS:
        found = [m * 10.0**decade for decade in decades for m in mantissas if low <= m * 10.0**decade <= high]
        if len(found) <= most_ticks:
            break
    stride = math.ceil(len(found) / most_ticks)
    return Scale(low, high, start, end, True, tuple((tick, f"{tick:g}") for tick in found[::stride]))


def epoch_scale(last: int, start: float, end: float, most_ticks: int = 7) -> Scale:
    """A linear scale over epochs 1 to ``last`` with ticks at whole numbers, the first epoch among them.

    >>> [label for _, label in epoch_scale(60, 0, 100).ticks]
    ['1', '10', '20', '30', '40', '50', '60']
    """
    if last <= 1:
        return Scale(0.0, 2.0, start, end, False, ((1.0, "1"),))
    step = max(1, round(_round_step(last / (most_ticks - 1))))
    epochs = [1, *(epoch for epoch in range(step, last + 1, step) if epoch > 1)]
    return Scale(1.0, float(last), start, end, False, tuple((float(epoch), f"{epoch}") for epoch in epochs))


def number_scale(last: int, start: float, end: float, most_ticks: int = 7) -> Scale:
    """A linear scale over things numbered 0 to ``last`` with ticks at whole numbers.

    >>> [label for _, label in number_scale(149, 0, 100).ticks]
    ['0', '50', '100']
    """
    step = max(1, round(_round_step(max(last, 1) / (most_ticks - 1))))
    ticks = tuple((float(number), f"{number}") for number in range(0, last + 1, step))
    return Scale(0.0, float(max(last, 1)), start, end, False, ticks)


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is at least this."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in _ROUND_STEPS if step * power >= least * (1 - 1e-9))


def _fixed(value: float, step: float) -> str:
    """With as many digits as the step needs; big and tiny numbers in powers of ten.

    >>> _fixed(0.3, 0.05), _fixed(1500, 500), _fixed(0.0000024, 0.0000002), _fixed(0.0, 5e5)
    ('0.30', '1,500', '2.4e-06', '0')
    """
    if 1e-5 <= step < 1e5:
        return f"{value + 0.0:,.{max(0, -math.floor(math.log10(step) + 1e-9))}f}"
    digits = 1 + round(math.log10(max(abs(value), step))) - math.floor(math.log10(step) + 1e-9)
    return f"{value:.{max(1, digits)}g}"
