"""Recipes as TOML and JSON."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import tomli_w

from steelyard.errors import RecipeError
from steelyard.recipe.problems import TAGS, validate
from steelyard.recipe.recipe import Recipe


def recipe_to_dict(recipe: Recipe) -> dict[str, Any]:
    """The whole recipe as plain values, defaults written out.

    None is written ``"off"``, since TOML has no null; a part without options is its name alone.
    """
    readable: dict[str, Any] = _readable(recipe.model_dump(mode="json"))
    return readable


def _readable(value: Any) -> Any:
    """Names before options, and a name alone where there are no options."""
    if isinstance(value, list):
        return [_readable(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"name"}:
        return value["name"]
    ordered = sorted(value.items(), key=lambda item: item[0] not in TAGS)
    return {key: _readable(content) for key, content in ordered}


def recipe_from_dict(value: object, where: str = "recipe") -> Recipe:
    """The recipe that plain values describe; what they leave out has its default."""
    return validate(Recipe, value, where)


def recipe_to_toml(recipe: Recipe) -> str:
    """The recipe as a TOML document.

    >>> recipe_from_toml(recipe_to_toml(Recipe())) == Recipe()
    True
    """
    return tomli_w.dumps(recipe_to_dict(recipe))


def recipe_from_toml(text: str, where: str = "recipe") -> Recipe:
    """The recipe that a TOML document describes."""
    try:
        return recipe_from_dict(tomllib.loads(text), where)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{where}: is not TOML: {error}") from None


def read_recipe(path: Path) -> Recipe:
    """The recipe in a ``.toml`` or ``.json`` file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RecipeError(f"{path}: cannot be read: {reason}") from None
    if path.suffix != ".json":
        return recipe_from_toml(text, str(path))
    try:
        return recipe_from_dict(json.loads(text), str(path))
    except json.JSONDecodeError as error:
        raise RecipeError(f"{path}: is not JSON: {error}") from None
