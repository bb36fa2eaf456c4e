"""A space from Python values, from a TOML file, from the name of a preset."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from steelyard.errors import RecipeError, did_you_mean
from steelyard.recipe.problems import validate
from steelyard.study.space import Parameter, Space, same
from steelyard.tuning.space.conditions import in_order, occurs, possible
from steelyard.tuning.space.parameters import as_whole, by_path, is_fixed, parameters_of

PRESETS = ("quick", "notebook", "thorough")
"""Names of spaces that come along, as TOML files in ``presets/``.

``quick``: what usually matters on imbalanced tables. ``notebook``: the grid of a notebook, five learning
rates by two batch sizes for a network of 80, 40 and 10 units. ``thorough``: optimizers, schedules,
architectures and strategies against imbalance, each with its own parameters.
"""


def space_from(given: Space | Mapping[str, Any] | str | Path) -> Space:
    """A space, with parameters in an order in which each comes after those it depends on.

    Args:
        given: A mapping from paths of a recipe, dotted or nested, to a list of values, a tuple
            ``(low, high)``, a :class:`~steelyard.study.Choice` or :class:`~steelyard.study.Range`, a
            table as a TOML file has it, or a single value for a path that is to have the same value
            everywhere. Or the name of a preset, or a TOML file. Or a space.

    Ranges on paths that take only whole numbers get ``whole``.

    >>> space = space_from({"network.dropout": (0, 0.5), "optimizer.name": ["adam", "sgd"]})
    >>> space.parameters[1].values
    ('adam', 'sgd')

    Raises :class:`~steelyard.errors.RecipeError` with everything that is wrong; whether paths and values
    exist is left to :func:`~steelyard.tuning.space.check_space`.
    """
    match given:
        case Space():
            return _put_together(given.parameters, given.fixed)
        case Mapping():
            return _read(given)
        case str() if given in PRESETS:
            return _read(_preset(given))
        case str() if Path(given).suffix != ".toml" and not Path(given).exists():
            hint = did_you_mean(given, PRESETS) or f"; presets are: {', '.join(PRESETS)}"
            raise RecipeError(f"space: {given!r} is neither a preset nor a file{hint}")
        case str() | Path():
            return read_space(given)
        case _:
            raise RecipeError(f"space: must be a mapping, a preset or a TOML file; found {given!r}")


def read_space(path: str | Path) -> Space:
    """The space in a TOML file: a table for each path.

    Raises :class:`~steelyard.errors.RecipeError` as :func:`space_from` does.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RecipeError(f"{path}: cannot be read: {reason}") from None
    return space_from_toml(text, str(path))


def space_from_toml(text: str, where: str = "space") -> Space:
    """The space that a TOML document describes; ``where`` names it if it is none."""
    try:
        return _read(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RecipeError(f"{where}: is not TOML: {error}") from None


def _preset(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / "presets" / f"{name}.toml").read_text("utf-8"))


def _read(given: Mapping[str, Any]) -> Space:
    """A mapping over the preset that it names, if it does."""
    name = given.get("preset")
    if name is not None and name not in PRESETS:
        hint = did_you_mean(str(name), PRESETS) or f"; there are: {', '.join(PRESETS)}"
        raise RecipeError(f"space: preset: there is no {name!r}{hint}")
    own = by_path({key: value for key, value in given.items() if key != "preset"})
    inherited = {} if name is None else by_path(_preset(name))
    fixed: dict[str, Any] = {}
    parameters: list[Parameter] = []
    yielding: set[str] = set()
    problems: list[str] = []
    for path, written in {**inherited, **own}.items():
        if is_fixed(path, written):
            fixed[path] = written
            continue
        try:
            found = parameters_of(path, written)
        except RecipeError as error:
            problems += error.problems
            continue
        parameters += found
        if path not in own:
            yielding |= {parameter.path for parameter in found}
    if not parameters and not problems:
        problems.append("space: is empty: it needs a path with values, or with low and high")
    if problems:
        raise RecipeError(*problems)
    return _put_together(parameters, fixed, yielding)


def _put_together(
    parameters: Sequence[Parameter], fixed: Mapping[str, Any], yielding: Collection[str] = ()
) -> Space:
    """A space of the parameters, in order.

    Those of the ``yielding`` paths come from a preset, and lose what can no longer be: values in their
    conditions, or themselves.
    """
    problems: list[str] = []
    ordered: list[Parameter] = []
    for parameter in parameters:
        try:
            ordered.append(as_whole(parameter))
        except RecipeError as error:
            problems += error.problems
    try:
        ordered = in_order(ordered)
    except ValueError as circle:
        problems.append(f"space: conditions go round in a circle: {circle}")
    if problems:
        raise RecipeError(*problems)
    kept: list[Parameter] = []
    for parameter in ordered:
        left = _yielded(parameter, kept, fixed) if parameter.path in yielding else parameter
        if left is not None:
            kept.append(left)
    if not kept:
        raise RecipeError("space: nothing is left to search: everything is fixed")
    return validate(Space, {"parameters": tuple(kept), "fixed": dict(fixed)}, "space")


def _yielded(parameter: Parameter, before: Sequence[Parameter], fixed: Mapping[str, Any]) -> Parameter | None:
    """The parameter under conditions that can hold beside those before it; None if there are none."""
    earlier = {one.path: one for one in before}
    when: dict[str, tuple[Any, ...]] = {}
    for path, allowed in parameter.when.items():
        if path in fixed:
            when[path] = tuple(value for value in allowed if same(value, fixed[path]))
        elif path in earlier:
            when[path] = tuple(value for value in allowed if occurs(earlier[path], value))
        else:
            return None
    left = parameter.model_copy(update={"when": when})
    return None if possible(Space(parameters=(*before, left), fixed=dict(fixed)), left) is None else left
