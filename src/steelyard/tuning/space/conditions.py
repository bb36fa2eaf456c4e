"""When a parameter is active, and whether it ever is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from steelyard.errors import did_you_mean
from steelyard.study.space import Parameter, Point, Range, Space, among, same

Condition = dict[str, tuple[Any, ...]]


def is_active(space: Space, parameter: Parameter, point: Point) -> bool:
    """Does the parameter exist at a point that has values for all that come before it?"""
    for path, allowed in parameter.when.items():
        if path in point:
            value = point[path]
        elif path in space.fixed:
            value = space.fixed[path]
        else:
            return False
        if not among(value, allowed):
            return False
    return True


def is_conditional(space: Space) -> bool:
    """Is any parameter absent somewhere?"""
    return any(parameter.when for parameter in space.parameters)


def occurs(parameter: Parameter, value: object) -> bool:
    """Can the parameter have the value?"""
    if not isinstance(parameter, Range):
        return among(value, parameter.values)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    if not parameter.low <= value <= parameter.high or (parameter.whole and value != int(value)):
        return False
    step = parameter.step
    return step is None or not (Decimal(repr(float(value))) - Decimal(repr(parameter.low))) % Decimal(
        repr(step)
    )


def asked_of(space: Space, parameter: Parameter) -> list[Any]:
    """The values of a parameter that conditions name."""
    found: list[Any] = []
    for other in space.parameters:
        for value in other.when.get(parameter.path, ()):
            if occurs(parameter, value) and not among(value, found):
                found.append(value)
    return found


def possible(space: Space, parameter: Parameter) -> Condition | None:
    """What must hold where the parameter is active: of each path it depends on, directly or through
    others, the values that are left. None if it is never active."""
    by_path = {one.path: one for one in space.parameters}
    left: Condition = {}
    waiting: list[Parameter] = [parameter]
    seen = {parameter.path}
    while waiting:
        for path, allowed in waiting.pop().when.items():
            values = left.get(path, allowed)
            left[path] = tuple(value for value in values if among(value, allowed))
            if path in by_path and path not in seen:
                waiting.append(by_path[path])
                seen.add(path)
    for path, values in left.items():
        if path in by_path:
            left[path] = tuple(value for value in values if occurs(by_path[path], value))
        elif path in space.fixed:
            left[path] = tuple(value for value in values if same(value, space.fixed[path]))
        else:
            return None
        if not left[path]:
            return None
    return left


def problems_of_conditions(space: Space) -> Iterator[str]:
    """Conditions on what is no parameter, on values that never occur, and parameters that never are."""
    by_path = {parameter.path: parameter for parameter in space.parameters}
    for parameter in space.parameters:
        found = list(_wrong_parts(space, by_path, parameter))
        yield from found
        if not found and possible(space, parameter) is None:
            yield f"space: {parameter.path}: is never active, since its conditions exclude each other"


def _wrong_parts(space: Space, by_path: dict[str, Parameter], parameter: Parameter) -> Iterator[str]:
    known = [path for path in (*by_path, *space.fixed) if path != parameter.path]
    for path, allowed in parameter.when.items():
        place = f"space: {parameter.path}: when"
        if path in space.fixed:
            if not among(space.fixed[path], allowed):
                yield f"{place}: {path} is always {space.fixed[path]!r}, so this is never active"
        elif path not in by_path:
            hint = did_you_mean(path, known) or f"; there are: {', '.join(known) or 'no others'}"
            yield f"{place}: {path!r} is no parameter of the space{hint}"
        else:
            parent = by_path[path]
            for value in allowed:
                if not occurs(parent, value):
                    yield f"{place}: {path} is never {value!r}{_values_of(parent, value)}"


def _values_of(parameter: Parameter, value: object) -> str:
    if isinstance(parameter, Range):
        return f"; it goes from {parameter.low:g} to {parameter.high:g}"
    texts = [one for one in parameter.values if isinstance(one, str)]
    hint = did_you_mean(value, texts) if isinstance(value, str) else ""
    return hint or f"; it is one of: {', '.join(repr(one) for one in parameter.values)}"


def in_order(parameters: Sequence[Parameter]) -> list[Parameter]:
    """The parameters, each after those its conditions name, else as they are.

    Raises :class:`ValueError` with the circle, if they depend on each other.
    """
    by_path = {parameter.path: parameter for parameter in parameters}
    placed: dict[str, Parameter] = {}

    def place(parameter: Parameter, above: tuple[str, ...]) -> None:
        if parameter.path in above:
            raise ValueError(" -> ".join([*above[above.index(parameter.path) :], parameter.path]))
        for path in parameter.when:
            if path in by_path and path not in placed:
                place(by_path[path], (*above, parameter.path))
        placed.setdefault(parameter.path, parameter)

    for parameter in parameters:
        if parameter.path not in placed:
            place(parameter, ())
    return list(placed.values())
