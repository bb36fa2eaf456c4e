"""The parameters of a study as axes: bands for choices, a scale or intervals for ranges."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from steelyard.report.scale import Bands, Scale, linear_scale, log_scale
from steelyard.report.study_scores import value_text
from steelyard.study import Choice, Parameter, Trial

_MOST_VALUES = 12
"""A range of which no more values were tried has a cell for each."""
_FEWEST_CELLS, _MOST_CELLS = 4, 10


@dataclass(frozen=True)
class Cells:
    """An axis cut into cells, from 0: of single values, whose ``labels`` name them, or of intervals between
    ``borders``."""

    parameter: Parameter
    labels: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    """Of a range of which few values were tried."""
    borders: tuple[float, ...] = ()

    @property
    def count(self) -> int:
        """How many."""
        return len(self.borders) - 1 if self.borders else len(self.labels)

    def cell_of(self, value: Any) -> int:
        """The cell that holds a value."""
        if self.borders:
            return min(max(bisect_right(self.borders, float(value)) - 1, 0), self.count - 1)
        return self.values.index(float(value)) if self.values else band_of(self.parameter, value)

    def told(self, number: int) -> str:
        """The values of a cell, in words."""
        if self.borders:
            low, high = (value_text(_round(border)) for border in self.borders[number : number + 2])
            return f"{low} to {high}"
        return self.labels[number]


def cells_of(parameter: Parameter, trials: Sequence[Trial]) -> Cells:
    """A cell for each value of a choice, or of a range of which few were tried.

    Else intervals of equal length, of equal ratio for a logarithmic range.
    """
    if isinstance(parameter, Choice):
        return Cells(parameter, tuple(value_text(value) for value in _ordered(parameter)))
    values = sorted({float(trial.point[parameter.path]) for trial in trials if parameter.path in trial.point})
    if len(values) <= _MOST_VALUES:
        return Cells(parameter, tuple(value_text(_round(value)) for value in values), tuple(values))
    count = min(max(round(math.sqrt(len(trials))), _FEWEST_CELLS), _MOST_CELLS)
    low, high = parameter.low, parameter.high
    borders = tuple(
        low * (high / low) ** (number / count) if parameter.log else low + (high - low) * number / count
        for number in range(count + 1)
    )
    return Cells(parameter, borders=borders)


def axis_of(parameter: Parameter, start: float, end: float, most_ticks: int = 6) -> Bands | Scale:
    """From pixel ``start`` to pixel ``end``."""
    if isinstance(parameter, Choice):
        return Bands(tuple(value_text(value) for value in _ordered(parameter)), start, end)
    if parameter.low == parameter.high:
        return Bands((value_text(parameter.low),), start, end)
    scale = log_scale if parameter.log else linear_scale
    return scale(parameter.low, parameter.high, start, end, most_ticks)


def band_of(parameter: Parameter, value: Any) -> int:
    """Which band of :func:`axis_of` a value has, from 0."""
    if not isinstance(parameter, Choice):
        return 0
    return [_key(one) for one in _ordered(parameter)].index(_key(value))


def _ordered(parameter: Choice) -> tuple[Any, ...]:
    """Numbers by their size, other values as they were given."""
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in parameter.values)
    return tuple(sorted(parameter.values)) if numbers else parameter.values


def _round(value: float) -> float:
    return float(f"{value:.3g}")


def _key(value: Any) -> str:
    """Tells values apart as a file does: lists are tuples, True is not 1."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)
