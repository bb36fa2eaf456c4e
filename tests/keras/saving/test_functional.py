"""A functional model that is one chain of layers is read as a stack; any other is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from steelyard.errors import RecipeError
from steelyard.keras import models
from tests.keras.saving.files import CLOSE, predicted, save

X = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)


def chain(keras: ModuleType) -> Any:
    inputs = keras.Input((4,), name="customers")
    x = keras.layers.Dense(5, activation="gelu")(inputs)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.LeakyReLU(negative_slope=0.1)(x)
    x = keras.layers.Dropout(0.3)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_a_chain(keras: ModuleType, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"chain{ending}"
    theirs = chain(keras)
    save(theirs, path)
    mine = models.load_model(path)
    np.testing.assert_allclose(mine.predict(X, verbose=0), predicted(theirs, X), atol=CLOSE, rtol=0)
    assert mine.name == theirs.name
    assert [layer.name for layer in mine.layers] == [layer.name for layer in theirs.layers[1:]]


def test_a_chain_of_keras_2() -> None:
    """As tf_keras 2.21 writes it, shortened."""
    form = {
        "class_name": "Functional",
        "config": {
            "name": "model",
            "layers": [
                {
                    "class_name": "Dense",
                    "config": {"name": "out", "units": 1, "dtype": "float32"},
                    "name": "out",
                    "inbound_nodes": [[["hidden", 0, 0, {}]]],
                },
                {
                    "class_name": "InputLayer",
                    "config": {"batch_input_shape": [None, 4], "dtype": "float32", "name": "x"},
                    "name": "x",
                    "inbound_nodes": [],
                },
                {
                    "class_name": "Dense",
                    "config": {"name": "hidden", "units": 3, "dtype": "float32"},
                    "name": "hidden",
                    "inbound_nodes": [[["x", 0, 0, {}]]],
                },
            ],
            "input_layers": [["x", 0, 0]],
            "output_layers": [["out", 0, 0]],
        },
        "keras_version": "2.21.0",
        "backend": "tensorflow",
    }
    model = models.model_from_json(json.dumps(form))
    assert [layer.name for layer in model.layers] == ["hidden", "out"]
    assert model.input_shape == (None, 4)


def two_inputs(keras: ModuleType) -> Any:
    one, two = keras.Input((2,)), keras.Input((3,))
    return keras.Model([one, two], keras.layers.Dense(1)(keras.layers.Concatenate()([one, two])))


def branches(keras: ModuleType) -> Any:
    inputs = keras.Input((2,))
    left, right = (keras.layers.Dense(3, name=name)(inputs) for name in ("left", "right"))
    return keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Add()([left, right])))


def two_outputs(keras: ModuleType) -> Any:
    inputs = keras.Input((2,))
    x = keras.layers.Dense(3)(inputs)
    return keras.Model(inputs, [x, keras.layers.Dense(1)(x)])


def shared(keras: ModuleType) -> Any:
    inputs, layer = keras.Input((2,)), keras.layers.Dense(2, name="again")
    return keras.Model(inputs, keras.layers.Dense(1)(layer(layer(inputs))))


def always_dropping(keras: ModuleType) -> Any:
    inputs = keras.Input((2,))
    x = keras.layers.Dropout(0.5, name="always")(inputs, training=True)
    return keras.Model(inputs, keras.layers.Dense(1)(x))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (two_inputs, "2 inputs"),
        (branches, "'left' and 'right' branch"),
        (two_outputs, "outputs"),
        (shared, "'again' is used 2 times"),
        (always_dropping, "'always' is called with further arguments: training=True"),
    ],
)
def test_anything_else(
    keras: ModuleType, tmp_path: Path, make: Callable[[ModuleType], Any], said: str
) -> None:
    path = tmp_path / "model.keras"
    make(keras).save(path)
    with pytest.raises(RecipeError, match=r"K231: .*model.keras: .*not one chain") as caught:
        models.load_model(path)
    assert said in str(caught.value)


def test_a_ring_is_no_chain(keras: ModuleType) -> None:
    form = json.loads(chain(keras).to_json())
    ring = copy.deepcopy(form)
    first = ring["config"]["layers"][1]
    first["inbound_nodes"][0]["args"][0]["config"]["keras_history"][0] = ring["config"]["layers"][-1]["name"]
    with pytest.raises(RecipeError, match="not one chain"):
        models.model_from_json(json.dumps(ring))
