"""Activation functions: values against Keras, names, and what is refused."""

from __future__ import annotations

from types import ModuleType
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from steelyard.errors import RecipeError
from steelyard.keras import activations
from steelyard.recipe import network

POINTS = np.concatenate([np.linspace(-30, 30, 241), [-100.0, -1e-6, 0.0, 1e-6, 100.0]]).astype(np.float32)


def test_the_functions_are_those_of_the_recipe() -> None:
    assert set(activations.FUNCTIONS) == set(get_args(network.Activation))


@pytest.mark.parametrize("name", [*activations.FUNCTIONS, "swish"])
def test_values_and_types_are_those_of_keras(keras: ModuleType, name: str) -> None:
    ours = activations.get(name)(POINTS)
    theirs = keras.ops.convert_to_numpy(keras.activations.get(name)(POINTS))
    np.testing.assert_allclose(ours, theirs, rtol=2e-6, atol=1e-6)
    assert ours.dtype == np.float32
    assert ours.shape == POINTS.shape


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("relu", {"negative_slope": 0.1}),
        ("relu", {"max_value": 6.0}),
        ("relu", {"threshold": 1.0}),
        ("leaky_relu", {"negative_slope": 0.3}),
        ("elu", {"alpha": 0.5}),
        ("gelu", {"approximate": True}),
    ],
)
def test_arguments_mean_what_they_mean_to_keras(
    keras: ModuleType, name: str, arguments: dict[str, float]
) -> None:
    ours = getattr(activations, name)(POINTS, **arguments)
    theirs = keras.ops.convert_to_numpy(getattr(keras.activations, name)(POINTS, **arguments))
    np.testing.assert_allclose(ours, theirs, rtol=2e-6, atol=1e-6)


@given(
    arrays(np.float64, st.integers(0, 8), elements=st.floats(-1e300, 1e300)),
    st.sampled_from(sorted(activations.FUNCTIONS)),
)
def test_no_number_overflows_or_warns(x: np.ndarray, name: str) -> None:
    assert np.isfinite(activations.get(name)(x)).all()


def test_whole_numbers_and_lists_are_taken() -> None:
    assert activations.relu([-1, 2]).tolist() == [0.0, 2.0]
    assert activations.relu([-1, 2]).dtype == np.float32


def test_a_function_is_known_by_itself_its_name_and_its_configuration() -> None:
    assert activations.get(activations.tanh) is activations.tanh
    assert activations.get("swish") is activations.silu
    assert activations.get(None) is activations.linear
    written = {
        "module": "builtins",
        "class_name": "function",
        "config": "relu",
        "registered_name": "function",
    }
    assert activations.get(written) is activations.relu


@pytest.mark.parametrize("name", [*activations.FUNCTIONS, "swish"])
def test_the_written_name_is_the_one_keras_writes(keras: ModuleType, name: str) -> None:
    assert activations.serialize(activations.get(name)) == keras.activations.serialize(
        keras.activations.get(name)
    )


def test_every_activation_of_keras_is_there_or_refused_by_name(keras: ModuleType) -> None:
    theirs = set(dir(keras.activations)) - {"deserialize", "get", "serialize"}
    for name in sorted(each for each in theirs if not each.startswith("_")):
        if name in activations.FUNCTIONS or name == "swish":
            activations.get(name)
        else:
            with pytest.raises(
                RecipeError, match=f"^K203: activation '{name}' is not supported; there are elu"
            ):
                activations.get(name)


def test_refusals_say_what_to_write_instead(keras: ModuleType) -> None:
    with pytest.raises(RecipeError, match=r"K203: activation 'rleu' .*did you mean 'relu'"):
        activations.get("rleu")
    with pytest.raises(
        RecipeError, match=r"(?s)K203: activation 'softmax'.*end with Dense\(1, activation='sigmoid'\)"
    ):
        activations.get("softmax")
    with pytest.raises(
        RecipeError, match=r"(?s)K203: activation the function relu .*write activation='relu'"
    ):
        activations.get(keras.activations.relu)
    with pytest.raises(RecipeError, match="K203: activation the function <lambda> is not supported"):
        activations.get(lambda x: x)
