"""Changes made to a recipe: each at its path, whatever form the recipe is written in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from steelyard.errors import RecipeError, did_you_mean
from steelyard.recipe.change import Change
from steelyard.recipe.network import MultilayerPerceptron, Stack
from steelyard.recipe.problems import TAGS, parts_meant, parts_of, tag_values, validate
from steelyard.recipe.recipe import Recipe


def apply(recipe: Recipe, *changes: Change) -> Recipe:
    """The recipe with the changes made, in order; the recipe itself stays as it is.

    A step of a path is a key or, in a list of layers, a position from 0. Choosing another optimizer,
    loss, schedule, initializer or layer by its ``name`` (``layer``) keeps those values that differ from
    their defaults and that the new one also has; setting the part itself takes the new one's defaults.
    A path into ``network.layers`` writes the layers of a multilayer perceptron out first, and
    ``network.hidden_units`` makes a stack a multilayer perceptron again. Every wrong path and value is
    reported at once.

    >>> apply(Recipe(), Change("training.epochs", 5)).training.epochs
    5
    >>> apply(Recipe(), Change("optimizer.name", "sgd")).optimizer.learning_rate
    0.002
    >>> apply(Recipe(), Change("optimizer.lerning_rate", 5))
    Traceback (most recent call last):
    ...
    steelyard.errors.RecipeError: optimizer has no 'lerning_rate' (did you mean 'learning_rate'?)
    """
    data = _plain(recipe)
    problems: list[str] = []
    for change in changes:
        try:
            _set(data, change)
        except RecipeError as error:
            problems += error.problems
    try:
        changed = validate(Recipe, data)
    except RecipeError as error:
        raise RecipeError(*problems, *error.problems) from None
    if problems:
        raise RecipeError(*problems)
    return changed


def _plain(value: Any) -> Any:
    """Parts as dictionaries and tuples as lists, so that they can be changed in place."""
    if isinstance(value, str | int | float | None):  # most are, and to ask for a model takes longer
        return value
    if isinstance(value, BaseModel):
        return _plain(dict(value))
    if isinstance(value, dict):
        return {key: _plain(content) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(content) for content in value]
    return value


def _set(data: dict[str, Any], change: Change) -> None:
    """Makes the change in place, or raises what is wrong with its path."""
    here: Any = data
    models: list[type[BaseModel]] = [Recipe]
    steps = change.path.split(".")
    for position, step in enumerate(steps[:-1]):
        parent = ".".join(steps[:position])
        models = _enter(here, models, step, parent)
        key = int(step) if isinstance(here, list) else step
        here[key] = _opened(here[key], models, steps[position + 1])
        if not isinstance(here[key], dict | list):
            path = ".".join(steps[: position + 1])
            raise RecipeError(f"{path} is a value ({here[key]!r}) and has no {steps[position + 1]!r}")
        here = here[key]
    last, parent = steps[-1], ".".join(steps[:-1])
    family = models
    _enter(here, models, last, parent)
    if isinstance(here, list):
        here[int(last)] = _plain(change.value)
    elif last in TAGS and here[last] != change.value:
        _choose_part(here, family, last, change.value)
    else:
        here[last] = _plain(change.value)


def _enter(here: Any, models: Sequence[type[BaseModel]], step: str, parent: str) -> list[type[BaseModel]]:
    """Makes sure that ``step`` exists in ``here``, one of ``models``; returns the models admitted there."""
    if isinstance(here, list):
        if not (step.isdecimal() and int(step) < len(here)):
            raise RecipeError(f"{parent} has no {step!r}; it has {len(here)} entries, counted from 0")
        return list(models)
    if parent == "network":
        _choose_form(here, step)
    meant = parts_meant(here, models)
    field = meant[0].model_fields.get(step) if len(meant) == 1 else None
    if field is None:
        raise RecipeError(_no_such_step(here, models, meant, step, parent))
    if step not in here:  # a part that was given without its defaults
        here[step] = None if field.is_required() else _plain(field.get_default(call_default_factory=True))
    return list(parts_of(field.annotation))


def _no_such_step(
    here: dict[str, Any],
    models: Sequence[type[BaseModel]],
    meant: Sequence[type[BaseModel]],
    step: str,
    parent: str,
) -> str:
    known = list(meant[0].model_fields) if len(meant) == 1 else list(here)
    owners = [name for model in models if step in model.model_fields for name in tag_values(model)]
    hint = did_you_mean(step, known)
    if owners:
        hint = f"; only {', '.join(owners)} has" if len(owners) == 1 else f"; only {', '.join(owners)} have"
    return f"{parent or 'the recipe'} has no {step!r}{hint or '; it has ' + ', '.join(known)}"


def _opened(value: Any, models: Sequence[type[BaseModel]], step: str) -> Any:
    """A word that stands for a part, as that part, if a path leads into it."""
    if not isinstance(value, str):
        return value
    named = [model for model in models if value in tag_values(model)]
    unnamed = [model for model in models if not tag_values(model) and step in model.model_fields]
    if len(named) == 1:
        tag = next(tag for tag in TAGS if tag in named[0].model_fields)
        return {**_defaults(named[0]), tag: value}
    return _defaults(unnamed[0]) if len(unnamed) == 1 else value


def _choose_form(network: dict[str, Any], key: str) -> None:
    """A path that only the other form of network has changes the form."""
    if key == "layers" and "layers" not in network:
        perceptron = validate(MultilayerPerceptron, network, "network")
        written_out = Stack(layers=perceptron.stack(), embedding_initializer=perceptron.embedding_initializer)
        network.clear()
        network.update(_plain(written_out))
    elif key == "hidden_units" and "layers" in network:
        kept = {name: network[name] for name in ("embedding_initializer",) if name in network}
        network.clear()
        network.update({**_plain(MultilayerPerceptron()), **kept})


def _choose_part(here: dict[str, Any], models: Sequence[type[BaseModel]], tag: str, value: object) -> None:
    """Turns the table into the part of that name; keeps what was set and still has a place."""
    before, after = (
        next((_defaults(model) for model in models if name in tag_values(model)), {})
        for name in (here[tag], value)
    )
    kept = {key: content for key, content in here.items() if key in after and content != before.get(key)}
    here.clear()
    here.update({**after, **kept, tag: value})


def _defaults(part: type[BaseModel]) -> dict[str, Any]:
    fields = part.model_fields.items()
    return {
        key: _plain(field.get_default(call_default_factory=True))
        for key, field in fields
        if not field.is_required()
    }
