"""Whether all points of a space are recipes, found out before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

import numpy as np

from steelyard.errors import RecipeError
from steelyard.readout import check_objective
from steelyard.recipe import Recipe
from steelyard.recipe.problems import TAGS
from steelyard.study.space import Choice, Parameter, Point, Space, among
from steelyard.tuning.space.conditions import asked_of, is_active, possible, problems_of_conditions
from steelyard.tuning.space.enumeration import point_at
from steelyard.tuning.space.parameters import lengths
from steelyard.tuning.space.paths import STRATEGY, recipe_path
from steelyard.tuning.space.points import list_of, no_entry, recipe_at

_SETTINGS = 2_000
"""At most so many combinations of a parameter with those that decide whether its path exists are tried."""
_POINTS = 64
"""So many whole points, besides the two outermost, are tried for values that do not go together."""

_SET_BY_STRATEGY = ("imbalance.class_weight", "imbalance.resampling", "loss")


def check_space(space: Space, recipe: Recipe) -> None:
    """Raises :class:`~steelyard.errors.RecipeError` with all that is wrong with a space for a recipe.

    Tried are every value of a choice and both ends of a range, each with every value of the parameters that
    decide whether its path exists; conditions that cannot hold and lists without entries are found; and some
    whole points, for values that only together make no recipe.
    """
    problems = [
        *problems_of_conditions(space),
        *_problems_of_lists(space),
        *_problems_of_names(space),
        *_problems_of_strategies(space),
    ]
    told = {*problems, *(no_entry(path) for path in _missing_entries(space))}
    for parameter in space.parameters:
        if possible(space, parameter) is not None:
            problems += _problems_of_values(space, recipe, parameter, told)
    if not problems:
        problems += _problems_together(space, recipe)
    if problems:
        raise RecipeError(*dict.fromkeys(problems))


def _problems_of_lists(space: Space) -> Iterator[str]:
    """A parameter for the length of a list needs one for each entry, active where the list is so long."""
    for path in _missing_entries(space):
        listed = path.rpartition(".")[0]
        yield f"space: {listed}: has a length, but nothing says what {path} is; give each beside length"
    parameters = {parameter.path: parameter for parameter in space.parameters}
    for path, parameter in parameters.items():
        whole = list_of(path)
        if whole is None:
            continue
        try:
            known = lengths(parameter)
        except RecipeError as error:
            yield from error.problems
            continue
        for number in range(max(known)):
            entry = parameters.get(f"{whole}.{number}")
            if entry is not None and not all(_holds(entry, path, one) for one in known if one > number):
                yield f"space: {entry.path}: must be active wherever {path} is above {number}"


def _missing_entries(space: Space) -> list[str]:
    paths = {parameter.path for parameter in space.parameters}
    missing: list[str] = []
    for parameter in space.parameters:
        whole = list_of(parameter.path)
        if whole is not None:
            with suppress(RecipeError):  # told elsewhere
                entries = [f"{whole}.{number}" for number in range(max(lengths(parameter)))]
                missing += [entry for entry in entries if entry not in paths]
    return missing


def _holds(entry: Parameter, path: str, length: int) -> bool:
    """Is the entry active at that length, under no other condition?"""
    return all(other == path and among(length, allowed) for other, allowed in entry.when.items())


def _problems_of_names(space: Space) -> Iterator[str]:
    """Parameters for the same path of a recipe must never be active together."""
    for position, one in enumerate(space.parameters):
        path = recipe_path(one.path)
        if path != one.path and not one.when:
            yield f"space: {one.path}: {path} is a value; a name below it is for a range that has a condition"
        if path in space.fixed:
            yield f"space: {one.path}: {path} is always {space.fixed[path]!r}"
        for other in space.parameters[:position]:
            if recipe_path(other.path) == path and not _exclude_each_other(space, one, other):
                yield f"space: {one.path}: can be active together with {other.path}, and both set {path}"


def _exclude_each_other(space: Space, one: Parameter, other: Parameter) -> bool:
    here, there = possible(space, one), possible(space, other)
    if here is None or there is None:
        return True
    return any(
        not any(among(value, there[path]) for value in here[path]) for path in here.keys() & there.keys()
    )


def _problems_of_strategies(space: Space) -> Iterator[str]:
    """What a strategy sets cannot be searched beside it."""
    paths = [recipe_path(path) for path in (*(one.path for one in space.parameters), *space.fixed)]
    if STRATEGY not in paths:
        return
    for path in paths:
        if path.removesuffix(".name") in _SET_BY_STRATEGY:
            yield f"space: {path}: is set by {STRATEGY}; search one or the other"


def _problems_of_values(space: Space, recipe: Recipe, parameter: Parameter, told: set[str]) -> Iterator[str]:
    for setting in islice(_settings(space, parameter), _SETTINGS):
        for problem in _problems(recipe, space, _with_neighbours(space, setting)):
            if problem not in told:
                told.add(problem)
                yield _worded(space, parameter, setting, problem)


def _problems(recipe: Recipe, space: Space, point: Point) -> tuple[str, ...]:
    try:
        made = recipe_at(recipe, space, point)
        check_objective(made.decision.threshold)
    except RecipeError as error:
        return error.problems
    return ()


def _worded(space: Space, parameter: Parameter, setting: Point, problem: str) -> str:
    """The problem, after the path of the parameter it names or else of the one that was tried."""
    text = problem.removeprefix("recipe: ").removeprefix("space: ")
    path = parameter.path
    for one in space.parameters:
        start = f"{recipe_path(one.path)}: "
        if text.startswith(start):
            path, text = one.path, text.removeprefix(start)
            break
    others = ", ".join(f"{other} = {value!r}" for other, value in setting.items() if other != path)
    return f"space: {path}: {text}" + (f" (where {others})" if others else "")


def _settings(space: Space, parameter: Parameter) -> Iterator[Point]:
    """Points with nothing but the parameter and those that decide whether its path exists."""
    wanted = _deciding(space, parameter)
    chosen = [one for one in space.parameters if one.path in wanted]

    def go(position: int, point: dict[str, Any]) -> Iterator[Point]:
        if position == len(chosen):
            if parameter.path in point:
                yield point
            return
        one = chosen[position]
        if not is_active(space, one, point):
            yield from go(position + 1, point)
            return
        for value in _ends(one) if one is parameter else _named(space, one):
            yield from go(position + 1, {**point, one.path: value})

    return go(0, {})


def _deciding(space: Space, parameter: Parameter) -> set[str]:
    """The parameter, those its conditions name, those that choose what its path leads through, those that do
    so for the fixed values, and so on for all of these."""
    by_path = {one.path: one for one in space.parameters}
    found = {parameter.path}
    waiting: list[str] = [parameter.path, *space.fixed]
    while waiting:
        path = waiting.pop()
        conditions = by_path[path].when if path in by_path else ()
        for other in space.parameters:
            if other.path in found:
                continue
            if other.path in conditions or _chooses(recipe_path(other.path), recipe_path(path)):
                found.add(other.path)
                waiting.append(other.path)
    return found


def _chooses(one: str, path: str) -> bool:
    """Does the value at one path decide whether there is the other?"""
    above, _, last = one.rpartition(".")
    if last in TAGS:
        return path.startswith(f"{above}.")
    if one == STRATEGY:
        return path.startswith(tuple(f"{part}." for part in _SET_BY_STRATEGY))
    if one in ("network.layers", "network.hidden_units", "network.hidden_units.length"):
        return path.startswith("network.")
    return path.startswith(f"{one}.")


def _with_neighbours(space: Space, setting: Point) -> Point:
    """The setting, with some value for what is chosen beside it in the same part or list: these may depend
    on each other."""
    parts = {recipe_path(path).rpartition(".")[0] for path in setting}
    filled = dict(setting)
    for one in space.parameters:
        part = recipe_path(one.path).rpartition(".")[0]
        if one.path not in filled and part in parts and is_active(space, one, filled):
            filled[one.path] = _ends(one)[0]
    entries = {f"{list_of(path)}." for path in filled if list_of(path)}
    for one in space.parameters:
        if one.path not in filled and one.path.startswith(tuple(entries)) and is_active(space, one, filled):
            filled[one.path] = _ends(one)[0]
    return filled


def _ends(parameter: Parameter) -> Sequence[Any]:
    """Every value of a choice, both ends of a range."""
    if isinstance(parameter, Choice):
        return parameter.values
    ends = (parameter.low, parameter.high)
    return tuple(map(int, ends)) if parameter.whole else ends


def _named(space: Space, parameter: Parameter) -> Sequence[Any]:
    """The ends, and the values between that conditions name."""
    ends = _ends(parameter)
    return (*ends, *(value for value in asked_of(space, parameter) if not among(value, ends)))


def _problems_together(space: Space, recipe: Recipe) -> Iterator[str]:
    """Values that are fine one by one."""
    dimensions = len(space.parameters)
    inner = np.random.default_rng(0).random((_POINTS, dimensions))
    told: set[str] = set()
    for coordinates in (np.zeros(dimensions), np.ones(dimensions), *inner):
        point = point_at(space, coordinates.tolist())
        for problem in _problems(recipe, space, point):
            if problem not in told:
                told.add(problem)
                listed = ", ".join(f"{path} = {value!r}" for path, value in point.items())
                yield f"space: some points are no recipe: {problem.removeprefix('recipe: ')} (at {listed})"
