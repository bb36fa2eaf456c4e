"""By what a scan is known again: its parameters, its model function, its rows.

What is stored under one name must be of one scan. Two scans are the same if their parameters and rows are,
and if the model function would do the same, as far as can be seen: its source, that of the functions of the
same module that it calls, and the plain values that it takes from around it. Libraries are not looked at.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from steelyard.keras.codes import refuse
from steelyard.keras.scan.grid import Parameters
from steelyard.keras.scan.trials import ModelFunction
from steelyard.study import Choice, Point, Space
from steelyard.study.space import same


def space_of(combinations: Sequence[Parameters], fixed: Mapping[str, Any]) -> Space:
    """The parameters of a scan as a space: each one's name is a path, and its values those it ever takes.

    ``fixed`` is what else a scan depends on; combinations that are not the whole grid are added to it. Raises
    :class:`~steelyard.errors.RecipeError` (K247).
    """
    points = [point_of(combination) for combination in combinations]
    values: dict[str, list[Any]] = {name: [] for name in points[0]}
    for point in points:
        for name, label in point.items():
            if not any(same(label, other) for other in values[name]):
                values[name].append(label)
    parameters = tuple(Choice(path=name, values=tuple(labels)) for name, labels in values.items())
    size = math.prod(map(len, values.values()))
    drawn = (
        {} if len(points) == size else {"Scan.combinations": f"{len(points)} of {size}, {_hash_of(points)}"}
    )
    return Space(parameters=parameters, fixed={**fixed, **drawn})


def point_of(parameters: Parameters) -> Point:
    """The parameters of a trial as they can be written: classes and functions by their names, objects of
    Keras by their configurations. Raises :class:`~steelyard.errors.RecipeError` (K247)."""
    return {name: _written(f"params[{name!r}]", value) for name, value in parameters.items()}


def _written(where: str, value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if value is None:
        return "off"  # as in recipe files
    if isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, list | tuple | range):
        return [_written(where, item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _written(where, content) for key, content in value.items()}
    if isinstance(value, type) or inspect.isroutine(value):
        return f"{value.__module__}.{value.__qualname__}"
    if hasattr(value, "get_config"):
        return {type(value).__name__: _written(where, value.get_config())}
    raise refuse("K247", f"Scan: {where} has the value {value!r}, which cannot be written down")


def source_of(function: ModelFunction) -> dict[str, Any]:
    """What the model function is: its name, a hash of its source, and what it takes from around it, by name.

    Raises :class:`~steelyard.errors.RecipeError` (K247).
    """
    name = getattr(function, "__qualname__", repr(function))
    source = _source(function)
    if source is None or not inspect.isfunction(function):
        raise refuse("K247", f"Scan: the source of the model function {name} cannot be read")
    found = {"function": name, "source": source}
    _add_surroundings(function, found)
    return found


def _add_surroundings(function: Callable[..., Any], found: dict[str, Any]) -> None:
    variables = inspect.getclosurevars(function)
    for name, value in sorted({**variables.globals, **variables.nonlocals}.items()):
        if name in found:
            continue
        if isinstance(value, np.ndarray):
            found[name] = fingerprint(value)
        elif _is_plain(value):
            found[name] = repr(value)
        elif _is_of(function.__module__, value) and (source := _source(value)) is not None:
            found[name] = source
            if inspect.isfunction(value):
                _add_surroundings(value, found)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(_is_plain(key) and _is_plain(content) for key, content in value.items())
    return value is None or isinstance(value, bool | int | float | complex | str | bytes | np.generic)


def _is_of(module: str, value: Any) -> bool:
    return (inspect.isfunction(value) or inspect.isclass(value)) and value.__module__ == module


def _source(value: Any) -> str | None:
    try:
        return _hash(textwrap.dedent(inspect.getsource(value)).encode())
    except (OSError, TypeError):
        return None


def fingerprint(*arrays: Any) -> str:
    """A hash of shapes, types and contents; frames count by their columns and values, not by their index.

    None counts as an array that is not there.
    """
    digest = hashlib.sha256()
    for number, given in enumerate(arrays):
        array = np.asarray([] if given is None else given)
        if array.dtype == object:
            array = array.astype(str)
        names = [str(name) for name in getattr(given, "columns", ())]
        digest.update(f"{number} {array.shape} {array.dtype.str} {names}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def _hash_of(points: Sequence[Point]) -> str:
    return _hash(json.dumps([dict(point) for point in points]).encode())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
