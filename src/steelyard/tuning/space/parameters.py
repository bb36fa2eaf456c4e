"""From what is written about a path to the parameters it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from steelyard.errors import RecipeError, did_you_mean
from steelyard.recipe.problems import validate
from steelyard.study.space import Choice, Parameter, Range
from steelyard.tuning.space.paths import recipe_path, takes_a_list, takes_a_value, takes_whole_numbers_only
from steelyard.tuning.space.points import LENGTH, is_length, no_length

_KEYS = ("values", "low", "high", "log", "step", "whole", "when", "each")
"""A table with one of these is about one path, not about the paths below it."""
_LIST_KEYS = ("length", "each", "when")


def by_path(given: Mapping[Any, Any], above: str = "") -> dict[str, Any]:
    """What is written about each path: tables in tables as one, with dotted paths.

    Raises :class:`~steelyard.errors.RecipeError` for what cannot be a path, or is there twice.
    """
    found: dict[str, Any] = {}
    problems: list[str] = []
    for key, value in given.items():
        path = f"{above}.{key}" if above else str(key)
        if not all(path.split(".")):
            problems.append(f"space: {path!r} is no path; a path looks like optimizer.learning_rate")
            continue
        below = {path: value}
        if isinstance(value, Mapping) and not _is_about(path, value):
            if not value:
                problems.append(f"space: {path}: is empty; it needs values, or low and high")
            try:
                below = by_path(value, path)
            except RecipeError as error:
                problems += error.problems
                continue
        problems += [f"space: {one}: is there twice" for one in below if one in found]
        found |= below
    if problems:
        raise RecipeError(*problems)
    return found


def is_fixed(path: str, given: Any) -> bool:
    """Is this a value to be had everywhere? Where a path takes a list, a list that holds no lists is one."""
    if isinstance(given, list | tuple) and takes_a_list(path):
        return not any(isinstance(item, list | tuple) for item in given)
    return isinstance(given, str | int | float | np.generic) or given is None


def parameters_of(path: str, given: Any) -> list[Parameter]:
    """The parameters that something which is not fixed stands for.

    One, or for a table with ``length`` and ``each`` one for the length and one for each entry there can be.
    Raises :class:`~steelyard.errors.RecipeError`.
    """
    if isinstance(given, Mapping) and {"length", "each"} & given.keys():
        return _list_parameters(path, given)
    return [_parameter(path, given)]


def as_whole(parameter: Parameter) -> Parameter:
    """The same, ``whole`` if its path takes only whole numbers.

    Raises :class:`~steelyard.errors.RecipeError` if its bounds are none.
    """
    if not isinstance(parameter, Range) or parameter.whole:
        return parameter
    if not parameter.path.endswith(LENGTH) and not takes_whole_numbers_only(recipe_path(parameter.path)):
        return parameter
    return validate(Range, {**parameter.model_dump(), "whole": True}, f"space: {parameter.path}")


def lengths(parameter: Parameter) -> list[int]:
    """All values of a parameter that is the length of a list.

    Raises :class:`~steelyard.errors.RecipeError` if one of them is no length.
    """
    found: list[Any]
    if isinstance(parameter, Range):
        found = [int(end) if parameter.whole else end for end in (parameter.low, parameter.high)]
        if all(map(is_length, found)):
            found = list(range(found[0], found[1] + 1, int(parameter.step or 1)))
    else:
        found = list(parameter.values)
    wrong = [no_length(parameter.path, value) for value in found if not is_length(value)]
    if wrong:
        raise RecipeError(*wrong)
    return found


def _is_about(path: str, table: Mapping[Any, Any]) -> bool:
    """Does the table speak of the path itself, rather than of what lies below?"""
    if any(key in _KEYS for key in table):
        return True
    if takes_a_list(path):
        return any(key != "length" and not str(key).isdecimal() for key in table)
    return takes_a_value(path) and not any(isinstance(below, Mapping) for below in table.values())


def _parameter(path: str, given: Any) -> Parameter:
    where = f"space: {path}"
    match given:
        case Choice() | Range():
            if given.path != path:
                raise RecipeError(f"{where}: found a parameter of another path, {given.path}")
            return given
        case list() | range() | np.ndarray():
            return validate(Choice, {"values": list(given), "path": path}, where)
        case (low, high) if isinstance(given, tuple):
            return validate(Range, {"low": low, "high": high, "path": path}, where)
        case tuple():
            raise RecipeError(
                f"{where}: a tuple is (low, high); found {given!r}; write several values as a list"
            )
        case Mapping():
            return _from_table(path, given)
        case _:
            raise RecipeError(f"{where}: needs values, or low and high; found {given!r}")


def _from_table(path: str, table: Mapping[Any, Any]) -> Parameter:
    where = f"space: {path}"
    if "path" in table:
        raise RecipeError(f"{where}: 'path' is not a key here: the name of the table is the path")
    when = table.get("when")
    conditions = {"when": _flat(when)} if isinstance(when, Mapping) else {}
    content = {**table, **conditions, "path": path}
    if {"low", "high"} & table.keys() and "values" not in table:
        return validate(Range, content, where)
    return validate(Choice, content, where)


def _flat(conditions: Mapping[Any, Any], above: str = "") -> dict[str, Any]:
    """``{ optimizer.name = "sgd" }``, which TOML reads as a table in a table."""
    found: dict[str, Any] = {}
    for key, value in conditions.items():
        path = f"{above}.{key}" if above else str(key)
        found |= _flat(value, path) if isinstance(value, Mapping) else {path: value}
    return found


def _list_parameters(path: str, table: Mapping[Any, Any]) -> list[Parameter]:
    where = f"space: {path}"
    problems = [
        f"{where}: {key!r} is not a key of a list"
        f"{did_you_mean(str(key), _LIST_KEYS) or '; what is said of its entries goes into each'}"
        for key in table
        if key not in _LIST_KEYS
    ]
    for key, other in (("length", "each"), ("each", "length")):
        if key not in table:
            problems.append(f"{where}: has {other}, but no {key}")
    if problems:
        raise RecipeError(*problems)
    length = _length(path, table)
    known = lengths(length)
    found = [length]
    for number in range(max(known)):
        entry = _parameter(f"{path}.{number}", table["each"])
        condition = {length.path: tuple(one for one in known if one > number)}
        found.append(entry.model_copy(update={"when": {**entry.when, **condition}}))
    return found


def _length(path: str, table: Mapping[Any, Any]) -> Parameter:
    given = table["length"]
    single = isinstance(given, int) and not isinstance(given, bool)
    length = as_whole(_parameter(path + LENGTH, [given] if single else given))
    if "when" not in table:
        return length
    if length.when:
        raise RecipeError(f"space: {path}: has when twice, beside length and inside it")
    content = length.model_dump(exclude={"path", "when"})
    return _from_table(length.path, {**content, "when": table["when"]})
