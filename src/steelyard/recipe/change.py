"""A change to a recipe, as data: what a finding recommends, an experiment applies, a person types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from steelyard.errors import RecipeError, did_you_mean
from steelyard.recipe.network import MultilayerPerceptron, Stack
from steelyard.recipe.problems import TAGS, parts_of, tag_values, validate
from steelyard.recipe.recipe import Recipe


@dataclass(frozen=True)
class Change:
    """Set the value at a dotted path of a recipe.

    ``risk`` says whether the change can make a sound run worse: "safe" or "unsafe".
    """

    path: str
    value: Any
    risk: Literal["safe", "unsafe"] = "unsafe"

    def __str__(self) -> str:
        return f"{self.path}={self.value if isinstance(self.value, str) else json.dumps(self.value)}"


def parse_change(text: str) -> Change:
    """``path=value`` as a :class:`Change`; the value is read as JSON if it is JSON, else as text.

    >>> parse_change("optimizer.learning_rate=3e-4")
    Change(path='optimizer.learning_rate', value=0.0003, risk='unsafe')
    >>> parse_change("network.activation=tanh").value
    'tanh'
    """
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise RecipeError(f"{text!r} is not of the form path=value", help="for example optimizer.learning_rate=0.0003")
    try:
        parsed: Any = json.loads(value)
    except json.JSONDecodeError:
        parsed = value.strip()
    return Change(path.strip(), parsed)


def apply(recipe: Recipe, *changes: Change) -> Recipe:
    """The recipe with the changes made, in order; the recipe itself stays as it is.

    A step of a path is a key or, in a list of layers, a position. Choosing another optimizer,
    loss, schedule or layer by its name keeps those values that differ from their defaults and
    that the new one also has. Every wrong path and value is reported at once.

    >>> apply(Recipe(), Change("training.epochs", 5)).training.epochs
    5
    >>> apply(Recipe(), Change("optimizer.name", "sgd")).optimizer.learning_rate
    0.002
    >>> apply(Recipe(), Change("optimizer.lerning_rate", 5))
    Traceback (most recent call last):
    ...
    steelyard.errors.RecipeError: optimizer has no 'lerning_rate' (did you mean 'learning_rate'?)
    """
    data: dict[str, Any] = recipe.model_dump(mode="python", warnings=False)
    problems: list[str] = []
    for change in changes:
        problem = _set(data, change)
        if problem:
            problems.append(problem)
    if problems:
        raise RecipeError(*problems)
    return validate(Recipe, data)


def _set(data: dict[str, Any], change: Change) -> str | None:
    """Makes the change in place; returns what is wrong with its path, if anything."""
    *parents, last = change.path.split(".")
    here: Any = data
    for position, step in enumerate(parents):
        if isinstance(here, dict) and step in here:
            here = here[step]
        elif isinstance(here, list | tuple) and step.isdecimal() and int(step) < len(here):
            here = here[int(step)]
        else:
            return _no_such_step(".".join(parents[:position]), step, here)
        if not isinstance(here, dict | list | tuple):
            return f"{'.'.join(parents[: position + 1])} is a value ({here!r}) and has no '{last}'"
    if parents == ["network"] and isinstance(here, dict):
        _choose_form(here, last)
    if not isinstance(here, dict) or last not in here:
        return _no_such_step(".".join(parents), last, here)
    if last in TAGS and here[last] != change.value:
        _choose_part(here, last, change.value)
    else:
        here[last] = change.value
    return None


def _no_such_step(parent: str, step: str, here: Any) -> str:
    known = list(here) if isinstance(here, dict) else [str(position) for position in range(len(here))]
    hint = did_you_mean(step, known) or "; it has " + ", ".join(known)
    return f"{parent or 'the recipe'} has no {step!r}{hint}"


def _choose_form(network: dict[str, Any], key: str) -> None:
    """Setting a key that only the other form of network has changes the form."""
    if key in network or key not in {*Stack.model_fields, *MultilayerPerceptron.model_fields}:
        return
    network.clear()
    network[key] = None if key == "layers" else MultilayerPerceptron().model_dump()[key]


def _choose_part(here: dict[str, Any], tag: str, value: object) -> None:
    old = _part(tag, here[tag], here)
    new = _part(tag, value, here)
    before, after = _defaults(old), _defaults(new)
    kept = {key: content for key, content in here.items() if key in after and content != before.get(key)}
    here.clear()
    here.update({**after, **kept, tag: value})


def _defaults(part: type[BaseModel] | None) -> dict[str, Any]:
    fields = part.model_fields.items() if part else ()
    plain = {key: field.default for key, field in fields if not field.is_required()}
    return {key: value.model_dump() if isinstance(value, BaseModel) else value for key, value in plain.items()}


def _part(tag: str, value: object, here: dict[str, Any]) -> type[BaseModel] | None:
    """The model that goes by this name; of several, the one that shares most keys with ``here``."""
    found = [part for part in _all_parts(Recipe) if tag in part.model_fields and value in tag_values(part)]
    return max(found, key=lambda part: len(part.model_fields.keys() & here.keys()), default=None)


def _all_parts(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        for part in parts_of(field.annotation):
            yield from _all_parts(part)
