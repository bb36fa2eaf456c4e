"""Keras' serialized form: names of classes, keys of configurations."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.errors import RecipeError
from steelyard.keras.serialized import arguments, parameters_of, read_form, snake_case


def example(one: int, two: int = 2, *, three: int = 3, **more: int) -> None:
    """Something with arguments of all kinds."""


@given(st.from_regex(r"[A-Z][A-Za-z0-9]{0,12}", fullmatch=True))
def test_names_are_those_that_keras_makes(keras: ModuleType, name: str) -> None:
    from keras.src.utils.naming import to_snake_case

    assert snake_case(name) == to_snake_case(name)


def test_arguments_of_a_signature() -> None:
    assert parameters_of(example, ("four",)) == ["one", "two", "three", "four"]
    assert arguments(
        "x",
        example,
        {"One": 1, "four": 4, "old": 0},
        further=("four",),
        ignored=("old",),
        renamed={"One": "one"},
    ) == {
        "one": 1,
        "four": 4,
    }


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"one": 1, "tow": 2}, r"K212: x: 'tow' is not a known key \(did you mean 'two'\?\)"),
        ({"two": 1}, "K212: x: 'one' is missing"),
        ([1], "K212: x: its config must be an object of keys and values"),
        (None, "K212: x: its config must be an object of keys and values"),
    ],
)
def test_what_is_no_configuration_is_refused(config: Any, message: str) -> None:
    with pytest.raises(RecipeError, match=f"^{message}"):
        arguments("x", example, config)


def test_a_class_of_another_package_keeps_its_module(keras: ModuleType) -> None:
    written = keras.saving.serialize_keras_object(keras.layers.Dropout(0.5))
    assert read_form("x", written)[0] == "Dropout"
    assert read_form("x", {**written, "module": "keras.src.layers.regularization.dropout"})[0] == "Dropout"
    assert read_form("x", {**written, "module": "mine"})[0] == "mine.Dropout"
    assert read_form("x", {"class_name": "Custom>Adam"}) == ("Adam", {})
    with pytest.raises(RecipeError, match=r"K212: x: has no class_name; found the keys \['config'\]"):
        read_form("x", {"config": {}})
