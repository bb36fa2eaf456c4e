"""What the models of a recipe say about a path, whatever recipe it is in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from steelyard.recipe import Recipe

STRATEGY = "imbalance.strategy"
"""No path of a recipe: the name of a strategy, which changes several paths together."""


@cache
def recipe_path(path: str) -> str:
    """The path of the recipe that a parameter is for: its own, without the name that may follow a value.

    >>> recipe_path("optimizer.learning_rate.sgd"), recipe_path("optimizer.learning_rate")
    ('optimizer.learning_rate', 'optimizer.learning_rate')
    """
    above = path.rpartition(".")[0]
    return above if takes_a_value(above) else path


def takes_whole_numbers_only(path: str) -> bool:
    """Is a number at this path always a whole one?

    >>> takes_whole_numbers_only("network.hidden_units.0"), takes_whole_numbers_only("network.dropout")
    (True, False)
    """
    found = {kind for kind in _kinds_at(path) if isinstance(kind, type)}
    return int in found and float not in found


def takes_a_list(path: str) -> bool:
    """Is the value at this path a list?

    >>> takes_a_list("network.hidden_units"), takes_a_list("network.dropout")
    (True, False)
    """
    return any(get_origin(kind) is tuple for kind in _kinds_at(path))


def takes_a_value(path: str) -> bool:
    """Is there such a path, and does nothing lie below it?

    >>> takes_a_value("network.dropout"), takes_a_value("network"), takes_a_value("network.dropuot")
    (True, False, False)
    """
    kinds = _kinds_at(path)
    return path == STRATEGY or (
        bool(kinds) and not any(_is_part(kind) or get_origin(kind) is tuple for kind in kinds)
    )


def _kinds_at(path: str) -> list[Any]:
    """The kinds of values that some recipe has at the path: classes, literals, tuples."""
    kinds: list[Any] = [Recipe]
    for step in path.split("."):
        kinds = [below for kind in kinds for below in _below(kind, step)]
    return kinds


def _below(kind: Any, step: str) -> Iterator[Any]:
    if get_origin(kind) is tuple and step.isdecimal():
        yield from _alternatives(get_args(kind)[0])
    elif _is_part(kind) and step in kind.model_fields:
        yield from _alternatives(kind.model_fields[step].annotation)


def _is_part(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _alternatives(annotation: Any) -> Iterator[Any]:
    """An annotation without ``Annotated``, and each side of a union."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for argument in get_args(annotation):
            yield from _alternatives(argument)
    else:
        yield annotation
