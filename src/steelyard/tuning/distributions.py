"""A space and its points as Optuna has them: distributions, and numbers that stand for values."""

from __future__ import annotations

import json
from typing import Any

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
    distribution_to_json,
)

from steelyard.study.space import Choice, Parameter, Point, Space, same


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """Of each parameter, by path, in the order of the space.

    Conditions are not part of them: a trial lacks the parameters that are not active there. Optuna's choices
    are text, numbers, true and false; lists and tables to choose from are written as JSON.
    """
    return {parameter.path: distribution(parameter) for parameter in space.parameters}


def distribution(parameter: Parameter) -> BaseDistribution:
    """Of one parameter."""
    if isinstance(parameter, Choice):
        return CategoricalDistribution([_label(value) for value in parameter.values])
    if parameter.whole:
        step = 1 if parameter.step is None else int(parameter.step)
        return IntDistribution(int(parameter.low), int(parameter.high), log=parameter.log, step=step)
    return FloatDistribution(parameter.low, parameter.high, log=parameter.log, step=parameter.step)


def optuna_params(space: Space, point: Point) -> dict[str, tuple[float, str]]:
    """For each parameter that is active at a point, by path: the number by which Optuna's tables keep its
    value (the position of a choice, from 0), and its distribution as JSON."""
    return {
        parameter.path: (
            internal(parameter, point[parameter.path]),
            distribution_to_json(distribution(parameter)),
        )
        for parameter in space.parameters
        if parameter.path in point
    }


def internal(parameter: Parameter, value: Any) -> float:
    """The number that stands for a value."""
    if isinstance(parameter, Choice):
        return float(next(place for place, one in enumerate(parameter.values) if same(value, one)))
    return float(value)


def external(parameter: Parameter, value: Any) -> Any:
    """What Optuna has for a value: itself, or its JSON."""
    return _label(value) if isinstance(parameter, Choice) else value


def _label(value: Any) -> str | int | float | bool:
    if isinstance(value, str | int | float | bool):
        return value
    return json.dumps(value)
