"""The points of a space: how many there are, one after the other, and the one at given coordinates."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from steelyard.errors import RecipeError
from steelyard.study.space import Choice, Parameter, Point, Range, Space, among
from steelyard.tuning.space.conditions import asked_of, is_active


def level_count(parameter: Parameter) -> int | None:
    """How many values the parameter can have; None if any between two bounds."""
    if isinstance(parameter, Choice):
        return len(parameter.values)
    step = _step(parameter)
    return None if step is None else int((_exact(parameter.high) - _exact(parameter.low)) / step) + 1


def level(parameter: Parameter, number: int) -> Any:
    """The value with that number, from 0, of a parameter that has a number of values."""
    if isinstance(parameter, Choice):
        return parameter.values[number]
    step = _step(parameter)
    assert step is not None, "a range without a step has no levels"
    value = _exact(parameter.low) + number * step
    return int(value) if parameter.whole else float(value)


def grid(space: Space) -> Iterator[Point]:
    """All points, the last parameter changing fastest.

    Raises :class:`~steelyard.errors.RecipeError` at once if a range has no step.
    """
    endless = [one.path for one in space.parameters if level_count(one) is None]
    if endless:
        raise RecipeError(
            *(f"space: {path}: a grid cannot go through a range without a step" for path in endless),
            help='write values = [...] or a step, or take another sampler, such as "sobol"',
        )
    return _points(space, 0, {})


def grid_size(space: Space) -> int | None:
    """How many points there are; None if a range has no step."""
    if any(level_count(parameter) is None for parameter in space.parameters):
        return None
    return _count(space, 0, {})


def point_at(space: Space, coordinates: Sequence[float]) -> Point:
    """The point at coordinates from 0 to 1, one for each parameter, active or not.

    Uniform coordinates make all values of a choice equally likely, and the numbers of a range or their
    logarithms uniform; each whole number stands for what rounds to it.
    """
    point: dict[str, Any] = {}
    for parameter, coordinate in zip(space.parameters, coordinates, strict=True):
        if is_active(space, parameter, point):
            point[parameter.path] = value_at(parameter, coordinate)
    return point


def value_at(parameter: Parameter, coordinate: float) -> Any:
    """The value of a parameter at a coordinate from 0 to 1."""
    count = level_count(parameter)
    if isinstance(parameter, Choice) or (count is not None and not parameter.log):
        assert count is not None
        return level(parameter, min(int(coordinate * count), count - 1))
    half = 0.5 if parameter.whole else 0.0
    low, high = parameter.low - half, parameter.high + half
    if parameter.log:
        value = math.exp(math.log(low) + coordinate * (math.log(high) - math.log(low)))
    else:
        value = low + coordinate * (high - low)
    value = min(max(value, parameter.low), parameter.high)
    return round(value) if parameter.whole else value


def value_chance(parameter: Range, value: int) -> float:
    """How likely uniform coordinates make a whole number of a logarithmic range."""
    total = math.log((parameter.high + 0.5) / (parameter.low - 0.5))
    return math.log((value + 0.5) / (value - 0.5)) / total


def _exact(number: float) -> Decimal:
    """As written: 0.1 + 2 * 0.1 is then 0.3."""
    return Decimal(repr(number))


def _step(parameter: Range) -> Decimal | None:
    if parameter.step is not None:
        return _exact(parameter.step)
    return Decimal(1) if parameter.whole else None


def _points(space: Space, position: int, point: dict[str, Any]) -> Iterator[Point]:
    if position == len(space.parameters):
        yield point
        return
    parameter = space.parameters[position]
    if not is_active(space, parameter, point):
        yield from _points(space, position + 1, point)
        return
    count = level_count(parameter)
    assert count is not None, "grid() has looked"
    for number in range(count):
        yield from _points(space, position + 1, {**point, parameter.path: level(parameter, number)})


def _count(space: Space, position: int, named: dict[str, Any]) -> int:
    """Points that go on from here; ``named`` has the values that conditions ask about."""
    if position == len(space.parameters):
        return 1
    parameter = space.parameters[position]
    if not is_active(space, parameter, named):
        return _count(space, position + 1, named)
    total = level_count(parameter)
    assert total is not None, "grid_size() has looked"
    asked = asked_of(space, parameter)
    others = total - len(asked)
    size = others * _count(space, position + 1, named) if others else 0
    # values that open the same parameters lead to equally many points
    kinds = Counter(_opened(space, parameter, value) for value in asked)
    examples = {_opened(space, parameter, value): value for value in asked}
    for kind, number in kinds.items():
        size += number * _count(space, position + 1, {**named, parameter.path: examples[kind]})
    return size


def _opened(space: Space, parameter: Parameter, value: object) -> tuple[bool, ...]:
    return tuple(among(value, other.when.get(parameter.path, ())) for other in space.parameters)
