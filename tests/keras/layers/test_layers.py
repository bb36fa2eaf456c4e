"""Layers: what they are in a recipe, their shapes, and what is refused."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from steelyard.errors import RecipeError
from steelyard.keras import activations, layers
from steelyard.keras.initializers import HeNormal, glorot_normal
from steelyard.keras.layers import Layer
from steelyard.keras.layers.layer import Tensors
from steelyard.keras.regularizers import l1_l2, l2
from steelyard.recipe import network
from steelyard.recipe.initializer import Constant, VarianceScaling


class Model:
    """Holds the tensors of one layer, as Sequential does."""

    name = "model"

    def __init__(self, layer: Layer, inputs: int) -> None:
        layer.connect(inputs)
        layer.join(self)
        self.tensors: Tensors = {
            name: np.full(shape, 0.5, np.float32) for name, shape in layer.tensor_shapes(inputs).items()
        }

    def tensors_of(self, layer: Layer) -> Tensors:
        return dict(self.tensors)

    def set_tensors_of(self, layer: Layer, tensors: Tensors) -> None:
        self.tensors = tensors


def test_dense_in_a_recipe() -> None:
    layer = layers.Dense(
        80,
        kernel_regularizer=l2(0.01),
        kernel_initializer=glorot_normal(seed=42),
        bias_initializer={"class_name": "Constant", "config": {"value": 0.5}},
        bias_regularizer=l1_l2(0.25, 0.125),
        activation="relu",
        input_dim=125,
    )
    assert layer.recipe_layers() == (
        network.Dense(
            units=80,
            activation="relu",
            kernel_initializer=VarianceScaling(name="glorot_normal"),
            bias_initializer=Constant(value=0.5),
            l2=0.01,
            bias_l1=0.25,
            bias_l2=0.125,
        ),
    )
    assert layer.input_width == 125
    assert layer.seeds() == {"kernel": 42}
    assert layer.output_width(125) == 80
    assert layer.tensor_shapes(125) == {"kernel": (125, 80), "bias": (80,)}


def test_without_a_bias_its_arguments_mean_nothing() -> None:
    layer = layers.Dense(2, use_bias=False, bias_initializer=HeNormal(3), bias_regularizer="l2")
    assert layer.recipe_layers() == (
        network.Dense(units=2, use_bias=False, bias_initializer=HeNormal().recipe()),
    )
    assert layer.seeds() == {}
    assert layer.tensor_shapes(3) == {"kernel": (3, 2)}


@pytest.mark.parametrize(
    ("layer", "part"),
    [
        (layers.Dropout(0.25, seed=1), network.Dropout(rate=0.25)),
        (
            layers.BatchNormalization(momentum=0.5, epsilon=0.1, center=False),
            network.BatchNormalization(momentum=0.5, epsilon=0.1, center=False),
        ),
        (layers.Activation("tanh"), network.ActivationLayer(activation="tanh")),
        (
            layers.Activation("leaky_relu"),
            network.ActivationLayer(activation="leaky_relu", negative_slope=0.2),
        ),
        (layers.LeakyReLU(), network.ActivationLayer(activation="leaky_relu", negative_slope=0.3)),
        (layers.ReLU(), network.ActivationLayer(activation="relu")),
        (
            layers.ReLU(negative_slope=0.1),
            network.ActivationLayer(activation="leaky_relu", negative_slope=0.1),
        ),
        (layers.ELU(), network.ActivationLayer(activation="elu")),
    ],
)
def test_other_layers_in_a_recipe(layer: Layer, part: network.Layer) -> None:
    assert layer.recipe_layers() == (part,)
    assert layer.output_width(9) == 9


def test_layers_that_compute_nothing_are_nothing_in_a_recipe() -> None:
    for layer in (layers.Input((3,)), layers.Flatten(), layers.Identity(), layers.Activation("linear")):
        assert layer.recipe_layers() == ()
        assert layer.tensor_shapes(3) == {}


@pytest.mark.parametrize(
    "activation", [layers.LeakyReLU(0.1), layers.Activation(layers.LeakyReLU(alpha=0.1))]
)
def test_an_activation_layer_can_stand_for_an_activation(activation: Layer) -> None:
    (part,) = layers.Dense(3, activation=activation).recipe_layers()
    assert part == network.Dense(units=3, activation="leaky_relu", negative_slope=0.1)
    assert layers.Dense(3, activations.gelu).recipe_layers() == (network.Dense(units=3, activation="gelu"),)


@pytest.mark.parametrize(
    "layer",
    [
        layers.Dense(4),
        layers.Dense(4, use_bias=False),
        layers.BatchNormalization(),
        layers.BatchNormalization(center=False),
        layers.BatchNormalization(scale=False),
        layers.Dropout(0.5),
    ],
)
def test_tensors_have_keras_names_order_and_shapes(keras: ModuleType, layer: Layer) -> None:
    theirs = keras.layers.deserialize(layers.serialize(layer))
    if layer.tensor_shapes(3):
        theirs.build((None, 3))
    assert [(each.name, tuple(each.shape)) for each in theirs.weights] == list(
        layer.tensor_shapes(3).items()
    ) or [each.name for each in theirs.weights] == ["seed_generator_state"]
    layer.connect(3)
    if layer.tensor_shapes(3):
        assert layer.count_params() == theirs.count_params()


def test_weights_are_copies_in_keras_order() -> None:
    layer = layers.Dense(2, name="out")
    assert layer.get_weights() == []
    assert not layer.built
    with pytest.raises(RecipeError, match="K256: set_weights: layer 'out' has no tensors yet"):
        layer.set_weights([])
    with pytest.raises(RecipeError, match="K256: count_params: layer 'out' has no tensors yet"):
        layer.count_params()
    Model(layer, 3)
    assert layer.built
    assert (layer.input_shape, layer.output_shape) == ((None, 3), (None, 2))
    kernel, bias = layer.get_weights()
    assert (kernel.shape, bias.shape) == ((3, 2), (2,))
    kernel[:] = 7.0
    assert layer.get_weights()[0][0, 0] == 0.5
    layer.set_weights([kernel, [1, 2]])
    assert layer.get_weights()[0][0, 0] == 7.0
    assert [(each.name, each.path, each.shape) for each in layer.weights] == [
        ("kernel", "out/kernel", (3, 2)),
        ("bias", "out/bias", (2,)),
    ]
    assert np.asarray(layer.weights[1]).tolist() == [1.0, 2.0]
    assert layer.weights[1].numpy().dtype == layer.weights[1].dtype


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        [np.zeros((3, 2))],
        [np.zeros((2, 3)), np.zeros(2)],
        [np.zeros((3, 2)), ["a", "b"]],
        [[[1], [2, 3]], [1]],
    ],
)
def test_weights_that_do_not_fit_are_refused(wrong: list[NDArray[Any]]) -> None:
    layer = layers.Dense(2, name="out")
    Model(layer, 3)
    with pytest.raises(RecipeError, match="K213: layer 'out'"):
        layer.set_weights(wrong)


def test_a_layer_belongs_to_one_model() -> None:
    layer = layers.Dense(2, name="out")
    Model(layer, 3)
    with pytest.raises(
        RecipeError, match="K256: layer 'out' is part of 'model' already: weights cannot be shared"
    ):
        Model(layer, 3)
    layer.leave()
    assert not layer.built
    Model(layer, 3)


@pytest.mark.parametrize(
    ("arguments", "width"),
    [
        ({"input_dim": 9}, 9),
        ({"input_dim": np.int64(9)}, 9),
        ({"input_shape": (9,)}, 9),
        ({"input_shape": [9]}, 9),
        ({"batch_input_shape": (None, 9)}, 9),
        ({"batch_input_shape": (32, 9)}, 9),
        ({"input_dim": 9, "input_shape": (9,)}, 9),
        ({"input_dim": None, "input_shape": None}, None),
        ({}, None),
    ],
)
def test_every_way_to_write_the_width(arguments: dict[str, Any], width: int | None) -> None:
    assert layers.Dense(2, **arguments).input_width == width


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"input_dim": 0}, "K210: Dropout: input_dim is 0; it must be at least 1"),
        ({"input_dim": (9,)}, r"K210: Dropout: input_dim is \(9,\); it must be a whole number"),
        ({"input_shape": 9}, r"K211: Dropout: input_shape is 9; a table has the shape \(columns,\)"),
        ({"input_shape": (28, 28)}, r"K211: Dropout: input_shape is \(28, 28\); a table has"),
        (
            {"input_shape": (None,)},
            r"K211: Dropout: input_shape is \(None,\); the number of columns must be known",
        ),
        (
            {"batch_input_shape": (9,)},
            r"K211: Dropout: batch_input_shape is \(9,\); a table has .*\(None, columns\)",
        ),
        (
            {"input_dim": 9, "input_shape": (8,)},
            "K211: Dropout: input_dim and input_shape say different widths",
        ),
    ],
)
def test_inputs_that_are_no_tables_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=f"^{message}"):
        layers.Dropout(0.5, **arguments)


def test_the_input_layer_has_one_shape() -> None:
    for made in (
        layers.Input((9,)),
        layers.Input(shape=(9,), batch_size=32),
        layers.Input(batch_shape=(None, 9)),
        layers.InputLayer(input_shape=(9,)),
        layers.InputLayer(batch_input_shape=[None, 9]),
    ):
        assert made.input_width == 9
        assert made.output_shape == (None, 9)
    assert layers.Input((9,), batch_size=32).batch_shape == (32, 9)
    with pytest.raises(RecipeError, match="K211: Input: one shape is needed; found none"):
        layers.Input()
    with pytest.raises(RecipeError, match="K211: Input: one shape is needed; found shape and batch_shape"):
        layers.Input((9,), batch_shape=(None, 9))
    with pytest.raises(RecipeError, match=r"K211: Input: shape is \(28, 28, 1\)"):
        layers.Input((28, 28, 1))
    for argument, value in {"sparse": True, "ragged": True, "optional": True, "dtype": "int32"}.items():
        with pytest.raises(RecipeError, match=f"K208: Input: {argument}="):
            layers.Input((9,), **{argument: value})  # type: ignore[arg-type]  # the point of the test


@given(st.floats(0, 1, exclude_max=True) | st.just(0))
def test_rates_below_one_are_kept(rate: float) -> None:
    assert layers.Dropout(rate).rate == rate


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("Dense", {"units": 0}, "K210: Dense: units is 0; it must be at least 1"),
    ("Dense", {"units": 2.5}, "K210: Dense: units is 2.5; it must be a whole number"),
    ("Dense", {"units": 1, "use_bias": "no"}, "K210: Dense: use_bias is 'no'; it must be True or False"),
    ("Dense", {"units": 1, "activation": "softmax"}, "K203: activation 'softmax'"),
    (
        "Dense",
        {"units": 1, "kernel_initializer": "orthogonal"},
        "K204: Dense: kernel_initializer: 'orthogonal'",
    ),
    ("Dense", {"units": 1, "kernel_initializer": None}, "K204: Dense: kernel_initializer: 'NoneType'"),
    ("Dense", {"units": 1, "bias_regularizer": 0.1}, "K205: Dense: bias_regularizer: 'float'"),
    (
        "Dense",
        {"units": 1, "activity_regularizer": "l2"},
        "K208: Dense: activity_regularizer='l2' is not supported",
    ),
    ("Dense", {"units": 1, "bias_constraint": "non_neg"}, "K208: Dense: bias_constraint='non_neg'"),
    ("Dense", {"units": 1, "lora_rank": 2}, "K208: Dense: lora_rank=2"),
    ("Dense", {"units": 1, "dtype": "float64"}, "K208: Dense: dtype='float64'"),
    ("Dense", {"units": 1, "trainable": False}, "K208: Dense: trainable=False"),
    ("Dense", {"units": 1, "name": "a/b"}, "K210: Dense: name is 'a/b'"),
    ("Dense", {"units": 1, "init": "normal"}, "K201: Dense: 'init' is not an argument.*'kernel_initializer'"),
    ("Dense", {"units": 1, "activaton": "relu"}, "K201: Dense: 'activaton' .*did you mean 'activation'"),
    ("Dropout", {"rate": 1}, "K210: Dropout: rate is 1; it must be at least 0 and below 1"),
    ("Dropout", {"rate": float("nan")}, "K210: Dropout: rate is nan"),
    ("Dropout", {"rate": 0.5, "noise_shape": (None, 1)}, "K208: Dropout: noise_shape="),
    ("BatchNormalization", {"axis": 0}, "K208: BatchNormalization: axis=0 is not supported"),
    ("BatchNormalization", {"axis": [1, 2]}, r"K208: BatchNormalization: axis=\[1, 2\] is not supported"),
    ("BatchNormalization", {"momentum": 2}, "K210: BatchNormalization: momentum is 2; it must be at least 0"),
    ("BatchNormalization", {"epsilon": 0}, "K210: BatchNormalization: epsilon is 0; it must be above 0"),
    ("BatchNormalization", {"renorm": True}, "K208: BatchNormalization: renorm=True"),
    ("BatchNormalization", {"virtual_batch_size": 8}, "K208: BatchNormalization: virtual_batch_size=8"),
    ("BatchNormalization", {"gamma_regularizer": "l2"}, "K208: BatchNormalization: gamma_regularizer='l2'"),
    (
        "BatchNormalization",
        {"gamma_initializer": "zeros"},
        "K208: BatchNormalization: gamma_initializer: gamma starts",
    ),
    ("LeakyReLU", {"alpha": -1}, "K210: LeakyReLU: alpha is -1; it must be at least 0"),
    ("ReLU", {"max_value": 6}, "K208: ReLU: max_value=6"),
    ("ReLU", {"threshold": 1}, "K208: ReLU: threshold=1.0"),
    ("ELU", {"alpha": 0.5}, "K208: ELU: alpha=0.5"),
    ("Activation", {"activation": "relu6"}, "K203: activation 'relu6'"),
    ("Flatten", {"data_format": "sideways"}, "K208: Flatten: data_format='sideways'"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), REFUSED)
def test_arguments_are_refused_by_name(name: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=f"^{message}"):
        getattr(layers, name)(**arguments)


def test_starts_of_a_normalisation_that_are_the_usual_ones_under_another_name() -> None:
    made = layers.BatchNormalization(gamma_initializer={"class_name": "Constant", "config": {"value": 1}})
    assert made.recipe_layers() == (network.BatchNormalization(),)


def test_every_layer_of_keras_is_there_or_refused_by_name(keras: ModuleType) -> None:
    theirs = {name for name in dir(keras.layers) if name[0].isupper()}
    assert set(layers.LAYERS) <= theirs
    assert not set(layers.LAYERS) & set(layers.KNOWN)
    for name in sorted(theirs - set(layers.LAYERS) - {"Input", "Layer"}):
        with pytest.raises(
            RecipeError, match=f"^K202: keras.layers.{name}: layer {name} is not supported: .+; there"
        ):
            getattr(layers, name)
    with pytest.raises(AttributeError):
        layers.Dence  # type: ignore[attr-defined]  # noqa: B018  # the point of the test


def test_code_of_ones_own_and_branches_are_refused() -> None:
    with pytest.raises(RecipeError, match=r"K202: class Mine\(Layer\): layers of one's own"):

        class Mine(layers.Layer):
            pass

    with pytest.raises(RecipeError, match="K202: Dense was called like a function"):
        layers.Dense(3)(layers.Input((3,)))
    layer = layers.Dense(3)
    with pytest.raises(RecipeError, match="K208: Dense: trainable=False"):
        layer.trainable = False


def test_things_that_stand_where_a_layer_should(keras: ModuleType) -> None:
    def message(value: object) -> str:
        return str(layers.not_a_layer(value, "Sequential: layer 2"))

    assert message(layers.Dense).startswith(
        "K202: Sequential: layer 2: found the class Dense\nhelp: Write Dense(...)"
    )
    assert "from steelyard.keras.layers import Dense" in message(keras.layers.Dense(3))
    assert message([layers.Dense(3)]).startswith("K202: Sequential: layer 2: found list, which is no layer")
    assert "layer Conv1D is not supported: it is for images" in message(keras.layers.Conv1D(3, 3))
