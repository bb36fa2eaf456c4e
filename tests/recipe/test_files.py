"""Recipes as TOML and JSON: nothing is lost on the way, and a person can read what is written."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from steelyard.errors import RecipeError
from steelyard.recipe import (
    Change,
    Recipe,
    apply,
    read_recipe,
    recipe_from_dict,
    recipe_from_toml,
    recipe_to_dict,
    recipe_to_toml,
)
from tests.recipe.strategies import RECIPE


@given(RECIPE)
@settings(max_examples=150, deadline=None)
def test_nothing_is_lost_in_toml_json_and_dictionaries(recipe: Recipe) -> None:
    assert recipe_from_toml(recipe_to_toml(recipe)) == recipe
    assert recipe_from_dict(recipe_to_dict(recipe)) == recipe
    assert recipe_from_dict(json.loads(json.dumps(recipe_to_dict(recipe)))) == recipe
    assert recipe_from_dict(recipe.model_dump()) == recipe


@given(RECIPE)
@settings(max_examples=30, deadline=None)
def test_toml_says_what_the_dictionary_says(recipe: Recipe) -> None:
    assert tomllib.loads(recipe_to_toml(recipe)) == recipe_to_dict(recipe)


def test_none_is_written_as_off_because_toml_has_no_null() -> None:
    """Left out, it would come back as the default, which is another recipe."""
    recipe = apply(Recipe(), Change("training.patience", None))
    assert recipe_to_dict(recipe)["training"]["patience"] == "off"
    assert recipe_from_toml(recipe_to_toml(recipe)).training.patience is None
    assert recipe_from_toml('training.patience = "off"').training.patience is None
    assert recipe_from_dict({"training": {"patience": None}}).training.patience is None


def values(data: Any) -> list[Any]:
    if isinstance(data, dict):
        return [value for content in data.values() for value in values(content)]
    return [value for content in data for value in values(content)] if isinstance(data, list) else [data]


@given(RECIPE)
@settings(max_examples=30, deadline=None)
def test_only_plain_values_are_written(recipe: Recipe) -> None:
    assert {type(value) for value in values(recipe_to_dict(recipe))} <= {bool, int, float, str}


def test_a_recipe_names_only_what_differs_from_the_defaults() -> None:
    recipe = recipe_from_toml("training.epochs = 7\n[optimizer]\nname = 'sgd'\nmomentum = 0.9\n")
    assert recipe.training.epochs == 7
    assert recipe.training.batch_size == Recipe().training.batch_size
    assert recipe.optimizer.name == "sgd"
    assert recipe.optimizer.learning_rate == 0.01


def test_a_part_may_be_its_name() -> None:
    short = """
        optimizer = "rmsprop"
        loss = "focal_crossentropy"
        network.kernel_initializer = "ones"
        imbalance.resampling = "smote"
    """
    long = """
        optimizer.name = "rmsprop"
        loss.name = "focal_crossentropy"
        network.kernel_initializer.name = "ones"
        imbalance.resampling.name = "smote"
    """
    assert recipe_from_toml(short) == recipe_from_toml(long)
    schedule = recipe_from_toml('optimizer = {name = "sgd", schedule = "one_cycle"}').optimizer.schedule
    assert schedule.name == "one_cycle"


def test_the_written_default_is_fit_to_be_read() -> None:
    text = recipe_to_toml(Recipe())
    assert 'kernel_initializer = "he_normal"\n' in text
    assert 'clip_norm = "off"\n' in text
    assert '[optimizer]\nname = "adamw"\n' in text
    assert "null" not in text.lower()


@pytest.mark.parametrize("suffix", ["toml", "json"])
def test_reading_a_file(tmp_path: Path, suffix: str) -> None:
    recipe = apply(Recipe(), Change("training.epochs", 3))
    path = tmp_path / f"recipe.{suffix}"
    path.write_text(recipe_to_toml(recipe) if suffix == "toml" else json.dumps(recipe_to_dict(recipe)))
    assert read_recipe(path) == recipe


def problems_of(path: Path) -> str:
    with pytest.raises(RecipeError) as caught:
        read_recipe(path)
    return str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    missing = problems_of(tmp_path / "missing.toml")
    assert "missing.toml" in missing
    assert "No such file" in missing
    assert "directory" in problems_of(tmp_path)
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    assert "binary.toml" in problems_of(binary)


def test_a_file_in_another_language_is_told_with_its_line(tmp_path: Path) -> None:
    toml = tmp_path / "broken.toml"
    toml.write_text("[training]\nepochs = = 3\n")
    assert "broken.toml: is not TOML" in problems_of(toml)
    assert "line 2" in problems_of(toml)
    other = tmp_path / "broken.json"
    other.write_text('{"training": \n}')
    assert "broken.json: is not JSON" in problems_of(other)
    assert "line 2" in problems_of(other)


def test_a_problem_in_a_file_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("training.epoch = 3")
    assert problems_of(path) == f"{path}: training: 'epoch' is not a key here (did you mean 'epochs'?)"
