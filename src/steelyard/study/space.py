"""Where a search looks: the values that paths of a recipe may take."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Self

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from steelyard.recipe.base import Float, Part

Point = Mapping[str, Any]
"""A value for each parameter that is active there, by path, in the order of the space."""


def _plain(value: Any) -> Any:
    """As JSON has it: what a database gives back equals what was put in."""
    if isinstance(value, Part):
        return _plain(value.model_dump(mode="json"))
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple | range):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(content) for key, content in value.items()}
    if value is None:
        return "off"
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"must be finite; found {value}")
    if isinstance(value, bool | int | float | str):
        return value
    raise ValueError(f"must be text, a number, true or false, a list or a table; found {value!r}")


def _several(value: Any) -> Any:
    """A list is several values; anything else is one."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    values = tuple(value) if isinstance(value, list | tuple | range) else (value,)
    if not values:
        raise ValueError("names no value")
    return values


_MOST = 2.0**53
"""Beyond this, floating point numbers skip whole ones."""

Value = Annotated[Any, BeforeValidator(_plain)]
"""Text, a number, true or false, a list or a table. ``"off"`` stands for None, as in recipe files."""

Condition = dict[str, Annotated[tuple[Value, ...], BeforeValidator(_several)]]
"""By path, the values of which the parameter or the fixed value there must have one; all paths count."""


def same(one: object, other: object) -> bool:
    """Equality as files mean it: 1 is 1.0, but true is not 1.

    >>> same(1, 1.0), same(1, True), same([1], [True])
    (True, False, False)
    """
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def among(value: object, values: Iterable[object]) -> bool:
    """Is one of them the same?"""
    return any(same(value, one) for one in values)


class Choice(Part):
    """One of several values, of any kind that the path takes."""

    path: str
    """Of the recipe, as :class:`~steelyard.recipe.Change` has it: ``network.activation``."""
    values: tuple[Value, ...]
    """In the order in which a grid goes through them."""
    when: Condition = Field(default_factory=dict)
    """Active only where each of these other parameters is active and has one of these values."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if not self.values:
            raise ValueError("has no values")
        for position, value in enumerate(self.values):
            if among(value, self.values[:position]):
                raise ValueError(f"has the value {value!r} twice")
        return self


class Range(Part):
    """A number from ``low`` to ``high``, both included."""

    path: str
    """Of the recipe."""
    low: Float
    """The least value."""
    high: Float
    """The greatest value."""
    log: bool = False
    """Are equal ratios equally likely, rather than equal differences?"""
    step: Float | None = None
    """Values are ``low``, ``low + step``, and so on to ``high``; any value between if None. Not with ``log``.
    Whole numbers have a step of 1 at least."""
    whole: bool = False
    """Only whole numbers: the path takes no others."""
    when: Condition = Field(default_factory=dict)
    """As for :class:`Choice`."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        if not math.isfinite(self.high - self.low):
            raise ValueError(f"low ({self.low:g}) and high ({self.high:g}) are too far apart")
        if self.log and self.low <= 0:
            raise ValueError(f"low must be above 0 with log; found {self.low:g}")
        if self.step is not None:
            self._check_step(self.step)
        if self.whole:
            fractions = [
                f"{name} is {value:g}"
                for name, value in (("low", self.low), ("high", self.high), ("step", self.step))
                if value is not None and value != int(value)
            ]
            if fractions:
                raise ValueError(f"takes whole numbers only; {', '.join(fractions)}")
            if max(-self.low, self.high) > _MOST:
                raise ValueError("whole numbers end at 2^53 here")
        return self

    def _check_step(self, step: float) -> None:
        if self.log:
            raise ValueError("step and log exclude each other: write the values out")
        if step <= 0:
            raise ValueError(f"step must be above 0; found {step:g}")
        # as written: 0.1 goes seven times into 0.7, which binary fractions deny
        low, high, exact = (Decimal(repr(number)) for number in (self.low, self.high, step))
        if (high - low) % exact:
            raise ValueError(f"steps of {step:g} do not lead from {self.low:g} to {self.high:g}")


Parameter = Choice | Range


class Space(Part):
    """All parameters of a search. Those that a condition names come before those it is for.

    :func:`steelyard.tuning.space.space_from` puts them in such an order.
    """

    parameters: tuple[Parameter, ...] = Field(min_length=1)
    """In the order in which they are chosen; the last one of a grid changes fastest."""
    fixed: dict[str, Value] = Field(default_factory=dict)
    """Paths that have the same value everywhere in the space, whatever the recipe says."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        paths = [parameter.path for parameter in self.parameters]
        seen = set(self.fixed)
        for parameter in self.parameters:
            if parameter.path in seen:
                raise ValueError(f"{parameter.path} is there twice")
            for parent in parameter.when:
                if parent in paths and parent not in seen:
                    raise ValueError(f"{parent} must come before {parameter.path}, which depends on it")
            seen.add(parameter.path)
        return self
