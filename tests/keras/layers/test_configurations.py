"""Layers as Keras writes and reads them: both ways, Keras 2 and 3."""

from __future__ import annotations

import copy
import inspect
import json
from types import ModuleType
from typing import Any

import pytest

from steelyard.errors import RecipeError
from steelyard.keras import layers, regularizers
from steelyard.keras.initializers import Constant, GlorotNormal
from steelyard.keras.layers import Layer

LAYERS: list[Layer] = [
    layers.Input(shape=(5,)),
    layers.InputLayer(batch_shape=(32, 5), name="in", dtype="float64"),
    layers.Dense(3),
    layers.Dense(
        4,
        "relu",
        use_bias=False,
        kernel_initializer=GlorotNormal(seed=42),
        kernel_regularizer=regularizers.l2(0.25),
        name="hidden",
    ),
    layers.Dense(
        1, activation="sigmoid", bias_initializer=Constant(-3.0), bias_regularizer=regularizers.L1(0.25)
    ),
    layers.Dense(2, activation=layers.LeakyReLU(0.125)),
    layers.Dropout(0.25),
    layers.Dropout(0.5, seed=7),
    layers.BatchNormalization(),
    layers.BatchNormalization(axis=1, momentum=0.5, epsilon=0.25, center=False, scale=False),
    layers.Activation("swish"),
    layers.Activation(layers.ReLU(negative_slope=0.5)),
    layers.LeakyReLU(),
    layers.LeakyReLU(alpha=0.5),
    layers.ReLU(),
    layers.ReLU(negative_slope=0.25),
    layers.ELU(),
    layers.Flatten(),
    layers.Identity(),
]


def as_file(config: Any) -> Any:
    """What is left of a configuration in a file: no tuples."""
    return json.loads(json.dumps(config))


def named(layer: Layer) -> Layer:
    """A copy with the name that a model would give it, and so its inner layers."""
    layer = layers.deserialize(layers.serialize(layer))
    layer.name = layer.name or layer.default_name
    return layer


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_configurations_are_keras_own_both_ways(keras: ModuleType, layer: Layer) -> None:
    ours = as_file(layers.serialize(named(layer)))
    theirs = keras.layers.deserialize(copy.deepcopy(ours))
    assert type(theirs).__name__ == type(layer).__name__
    written = as_file(keras.layers.serialize(theirs))
    written.pop("build_config", None)  # Keras builds layers without weights at once
    assert written == ours
    assert as_file(layers.serialize(layers.deserialize(written))) == ours


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_what_is_read_trains_the_same(layer: Layer) -> None:
    read = layers.deserialize(as_file(layers.serialize(layer)))
    assert type(read) is type(layer)
    assert read.recipe_layers() == layer.recipe_layers()
    assert read.seeds() == layer.seeds()
    assert read.tensor_shapes(7) == layer.tensor_shapes(7)


def test_the_shape_of_the_input_is_written_where_keras_writes_it(keras: ModuleType) -> None:
    stack = [layers.Dense(3), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(1)]
    width = 5
    for layer in stack:
        layer.name = layer.default_name
        width = layer.connect(width)
    theirs = keras.Sequential([keras.layers.deserialize(layers.serialize(layer)) for layer in stack[:3]])
    theirs.build((None, 5))
    for ours, their in zip(stack, theirs.layers, strict=False):
        assert as_file(layers.serialize(ours)) == as_file(keras.layers.serialize(their))


@pytest.mark.parametrize("name", sorted(set(layers.LAYERS) - {"InputLayer"}))
def test_arguments_and_defaults_are_those_of_keras(keras: ModuleType, name: str) -> None:
    theirs = inspect.signature(getattr(keras.layers, name)).parameters
    ours = inspect.signature(getattr(layers, name)).parameters
    expected = [(key, each.default) for key, each in theirs.items() if key not in ("kwargs", "name")]
    found = [(key, each.default) for key, each in ours.items() if each.kind == each.POSITIONAL_OR_KEYWORD]
    assert found == expected


@pytest.mark.parametrize("name", ["Input", "InputLayer"])
def test_arguments_of_the_input_are_those_of_keras(keras: ModuleType, name: str) -> None:
    theirs = inspect.signature(getattr(keras.layers, name)).parameters
    ours = inspect.signature(getattr(layers, name)).parameters
    expected = [(key, each.default) for key, each in theirs.items() if key != "kwargs"]
    found = [(key, each.default) for key, each in ours.items() if each.kind == each.POSITIONAL_OR_KEYWORD]
    assert found == expected


@pytest.mark.parametrize("name", sorted(layers.LAYERS))
def test_default_names_are_those_of_keras(keras: ModuleType, name: str) -> None:
    keras.utils.clear_session()
    arguments = {"Dense": (1,), "Dropout": (0.5,), "Activation": ("relu",), "InputLayer": ((3,),)}.get(
        name, ()
    )
    assert getattr(layers, name)(*arguments).default_name == getattr(keras.layers, name)(*arguments).name


def test_keras_2_configurations_are_read() -> None:
    dense = {
        "class_name": "Dense",
        "config": {
            "name": "dense_7",
            "trainable": True,
            "dtype": "float32",
            "batch_input_shape": [None, 5],
            "units": 8,
            "activation": "relu",
            "use_bias": True,
            "kernel_initializer": {
                "class_name": "VarianceScaling",
                "config": {"scale": 2.0, "mode": "fan_in", "distribution": "normal", "seed": 3},
            },
            "bias_initializer": {"class_name": "Zeros", "config": {}},
            "kernel_regularizer": {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.5}},
            "bias_regularizer": None,
            "activity_regularizer": None,
            "kernel_constraint": None,
            "bias_constraint": None,
        },
    }
    read = layers.deserialize(dense)
    assert (read.name, read.input_width, read.seeds()) == ("dense_7", 5, {"kernel": 3})
    (part,) = read.recipe_layers()
    assert part.model_dump(include={"units", "activation", "l2"}) == {
        "units": 8,
        "activation": "relu",
        "l2": 0.5,
    }
    policy = {"class_name": "Policy", "config": {"name": "float32"}}
    leaky = layers.deserialize({"class_name": "LeakyReLU", "config": {"alpha": 0.25, "dtype": policy}})
    assert leaky.recipe_layers() == layers.LeakyReLU(0.25).recipe_layers()
    normal = {"axis": [1], "momentum": 0.5, "fused": True, "virtual_batch_size": None, "renorm": False}
    assert (
        layers.deserialize({"class_name": "BatchNormalization", "config": normal}).recipe_layers()
        == layers.BatchNormalization(momentum=0.5).recipe_layers()
    )
    entry = {
        "batch_input_shape": [None, 5],
        "dtype": "float32",
        "sparse": False,
        "ragged": False,
        "name": "in",
    }
    assert layers.deserialize({"class_name": "InputLayer", "config": entry}).input_width == 5


@pytest.mark.parametrize(
    ("form", "message"),
    [
        (
            {"class_name": "Conv1D", "config": {}},
            "K202: m.json: layer Conv1D is not supported: it is for images",
        ),
        ({"class_name": "Dence", "config": {}}, r"K202: m.json: layer Dence .*did you mean 'Dense'"),
        ({"module": "mine", "class_name": "Dense"}, r"K202: m.json: layer mine\.Dense is not supported"),
        ({"class_name": "Sequential", "config": {}}, r"K202: m.json: layer Sequential .*networks are stacks"),
        ({"config": {}}, "K212: m.json: has no class_name"),
        ([], "K212: m.json: must be an object of keys and values"),
        ({"class_name": "Dense", "config": 3}, r"K212: a layer \(Dense\): its config must be an object"),
        (
            {"class_name": "Dense", "config": {"name": "d", "units": 1, "lora_magic": 2}},
            r"K212: layer 'd' \(Dense\): 'lora_magic' is not a known key",
        ),
        (
            {"class_name": "InputLayer", "config": {"shape": [3], "trainable": True}},
            r"K212: a layer \(InputLayer\): 'trainable' is not a known key",
        ),
        (
            {"class_name": "Dense", "config": {"units": 1, "kernel_constraint": {"class_name": "MaxNorm"}}},
            "K208: Dense: kernel_constraint=.*is not supported: weights are not constrained",
        ),
        (
            {"class_name": "Dense", "config": {"units": 1, "dtype": {"config": {"name": "mixed_float16"}}}},
            "K208: Dense: dtype='mixed_float16' is not supported",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(form: Any, message: str) -> None:
    with pytest.raises(RecipeError, match=f"^{message}"):
        layers.deserialize(form, "m.json")


def test_a_layer_without_its_arguments_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"K212: a layer \(Dense\): 'units' is missing"):
        layers.deserialize({"class_name": "Dense", "config": {}})
