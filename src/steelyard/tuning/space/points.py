"""From a point of a space to a recipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from steelyard.errors import RecipeError, StudyError
from steelyard.recipe import Change, Recipe, apply
from steelyard.recipe.problems import TAGS
from steelyard.recipe.strategies import strategy_changes
from steelyard.study import Plan, Point, Space
from steelyard.tuning.space.paths import STRATEGY, recipe_path

LENGTH = ".length"
"""What follows the path of a list in the path of the parameter that says how many entries it has."""

LONGEST = 64
"""No list that has a length as a parameter has more entries: each is a parameter too."""

_CHOOSING = (*TAGS, "layers", "hidden_units", "strategy")
"""Last steps of paths that decide which other paths there are beside them."""


def changes(space: Space, point: Point) -> tuple[Change, ...]:
    """What makes the recipe of a point: the fixed values of the space and those of the point.

    Choices of a part come before what is chosen inside it, whatever the order of the space. A list whose
    length is a parameter becomes one change, and a strategy (``imbalance.strategy``) the changes it stands
    for.

    >>> from steelyard.study import Choice, Range, Space
    >>> space = Space(
    ...     parameters=[
    ...         Choice(path="network.hidden_units.length", values=[1, 2]),
    ...         Choice(path="network.hidden_units.0", values=[32, 64]),
    ...     ],
    ...     fixed={"optimizer.name": "sgd"},
    ... )
    >>> point = {"network.hidden_units.length": 1, "network.hidden_units.0": 64}
    >>> print(*changes(space, point))
    optimizer.name=sgd network.hidden_units=[64]

    Raises :class:`~steelyard.errors.RecipeError` if the point lacks an entry of a list, or a strategy is
    unknown.
    """
    found = [
        change for path, value in {**space.fixed, **_joined(point)}.items() for change in _of(path, value)
    ]
    return tuple(sorted(found, key=_rank))


def recipe_at(recipe: Recipe, space: Space, point: Point) -> Recipe:
    """The recipe that a point makes of another one.

    Raises :class:`~steelyard.errors.RecipeError` if that is none, which cannot happen at points of a space
    that :func:`~steelyard.tuning.space.check_space` has accepted for this recipe.
    """
    return apply(recipe, *changes(space, point))


def recipe_of(plan: Plan, point: Point) -> Recipe:
    """The recipe that a point of a plan stands for.

    Raises :class:`~steelyard.errors.StudyError` if it stands for none, and what :func:`recipe_at` raises.
    """
    if plan.recipe is None:
        raise StudyError(
            "the trials of this study have no recipes: a model function made their networks",
            help="call it with the parameters of the trial, or use Scan.best_model",
        )
    return recipe_at(plan.recipe, plan.space, point)


def list_of(path: str) -> str | None:
    """The path of the list that this parameter gives the length of, if it does."""
    return path.removesuffix(LENGTH) if path.endswith(LENGTH) else None


def _of(path: str, value: Any) -> Iterator[Change]:
    if recipe_path(path) == STRATEGY:
        yield from strategy_changes(value)
    else:
        yield Change(recipe_path(path), value)


def _rank(change: Change) -> tuple[int, bool]:
    steps = change.path.split(".")
    return len(steps), steps[-1] not in _CHOOSING


def _joined(point: Point) -> Mapping[str, Any]:
    """The point, with lists in the place of their length and entries."""
    lengths = {whole: point[path] for path in point if (whole := list_of(path)) is not None}
    if not lengths:
        return point
    joined: dict[str, Any] = {}
    for path, length in lengths.items():
        if not is_length(length):
            raise RecipeError(no_length(path + LENGTH, length))
    entries = {f"{path}.{number}" for path, length in lengths.items() for number in range(length)}
    for path, value in point.items():
        whole = list_of(path)
        if whole is not None:
            joined[whole] = [_entry(point, f"{whole}.{number}") for number in range(value)]
        elif path not in entries:
            joined[path] = value
    return joined


def _entry(point: Point, path: str) -> Any:
    if path not in point:
        raise RecipeError(no_entry(path))
    return point[path]


def is_length(value: object) -> bool:
    """Can a list be so long?"""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LONGEST


def no_length(path: str, value: object) -> str:
    """What is said of a value that is no length."""
    return f"space: {path}: must be a whole number from 0 to {LONGEST}; found {value!r}"


def no_entry(path: str) -> str:
    """What is said of a list that lacks an entry."""
    return f"space: {path}: has no value, though the list is so long"
