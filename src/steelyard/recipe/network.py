"""The network: a stack of layers that ends in one logit.

The sigmoid that turns the logit into a probability belongs to the loss, so the last layer
is a linear :class:`Dense` with one unit.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from steelyard.recipe.base import Float, NonNegativeFloat, Part, PositiveFloat, PositiveInt
from steelyard.recipe.initializer import Initializer, KernelInitializer, LogOdds, VarianceScaling, Zeros

Activation = Literal[
    "linear",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "mish",
    "tanh",
    "sigmoid",
    "softplus",
]
"""Keras' names. gelu is the exact one (erf); elu has alpha 1."""

Rate = Annotated[Float, Field(ge=0.0, lt=1.0)]


class Dense(Part):
    """``activation(x @ kernel + bias)``."""

    layer: Literal["dense"] = "dense"
    units: PositiveInt
    activation: Activation = "linear"
    negative_slope: NonNegativeFloat = 0.2
    """Slope of leaky_relu below zero (Keras' default for the activation by name)."""
    use_bias: bool = True
    kernel_initializer: KernelInitializer = VarianceScaling(name="glorot_uniform")
    bias_initializer: Initializer = Zeros()
    l1: NonNegativeFloat = 0.0
    """Adds ``l1 * sum(|kernel|)`` to the loss."""
    l2: NonNegativeFloat = 0.0
    """Adds ``l2 * sum(kernel ** 2)`` to the loss."""
    bias_l1: NonNegativeFloat = 0.0
    bias_l2: NonNegativeFloat = 0.0


class ActivationLayer(Part):
    """An activation as a layer of its own, as after a batch normalisation."""

    layer: Literal["activation"] = "activation"
    activation: Activation
    negative_slope: NonNegativeFloat = 0.2


class Dropout(Part):
    """Sets a share ``rate`` of its inputs to zero while training and scales the rest by 1 / (1 - rate)."""

    layer: Literal["dropout"] = "dropout"
    rate: Rate


class BatchNormalization(Part):
    """Normalises each unit over the batch; moving averages at inference (Keras' defaults)."""

    layer: Literal["batch_normalization"] = "batch_normalization"
    momentum: Annotated[Float, Field(ge=0.0, le=1.0)] = 0.99
    epsilon: PositiveFloat = 1e-3
    center: bool = True
    scale: bool = True


Layer = Annotated[Dense | ActivationLayer | Dropout | BatchNormalization, Field(discriminator="layer")]


class Stack(Part):
    """Any stack of layers, written out."""

    layers: tuple[Layer, ...]
    embedding_initializer: KernelInitializer = VarianceScaling(name="lecun_normal")

    @model_validator(mode="after")
    def _ends_in_one_logit(self) -> Self:
        last = self.layers[-1] if self.layers else None
        if not (isinstance(last, Dense) and last.units == 1 and last.activation == "linear"):
            raise ValueError(
                "the last layer must be dense with one unit and a linear activation "
                "(the sigmoid belongs to the loss)"
            )
        return self

    def stack(self) -> tuple[Layer, ...]:
        """The layers, from input to logit."""
        return self.layers


class MultilayerPerceptron(Part):
    """Dense layers of the given widths, all alike, then one logit."""

    hidden_units: tuple[PositiveInt, ...] = (64, 32)
    """Width of each hidden layer; empty makes a logistic regression."""
    activation: Activation = "relu"
    kernel_initializer: KernelInitializer = VarianceScaling(name="he_normal")
    dropout: Rate = 0.1
    """After each hidden layer."""
    input_dropout: Rate = 0.0
    batch_normalization: bool = False
    """Between each hidden product and its activation."""
    l1: NonNegativeFloat = 0.0
    """On the kernels of the hidden layers, as in :class:`Dense`."""
    l2: NonNegativeFloat = 0.0005
    """Likewise; keeps rare levels of categories from being learned by heart."""
    output_kernel_initializer: KernelInitializer = VarianceScaling(name="glorot_uniform")
    output_bias_initializer: Initializer = LogOdds()
    embedding_initializer: KernelInitializer = VarianceScaling(name="lecun_normal")

    def stack(self) -> tuple[Layer, ...]:
        """The layers, from input to logit."""
        return _written_out(self)


@lru_cache(maxsize=256)
def _written_out(network: MultilayerPerceptron) -> tuple[Layer, ...]:
    """The layers of a perceptron. All networks of a search ask for them, several times each."""
    layers: list[Layer] = []
    if network.input_dropout:
        layers.append(Dropout(rate=network.input_dropout))
    for units in network.hidden_units:
        activation: Activation = "linear" if network.batch_normalization else network.activation
        layers.append(
            Dense(
                units=units,
                activation=activation,
                kernel_initializer=network.kernel_initializer,
                l1=network.l1,
                l2=network.l2,
            )
        )
        if network.batch_normalization:
            layers += [BatchNormalization(), ActivationLayer(activation=network.activation)]
        if network.dropout:
            layers.append(Dropout(rate=network.dropout))
    layers.append(
        Dense(
            units=1,
            kernel_initializer=network.output_kernel_initializer,
            bias_initializer=network.output_bias_initializer,
        )
    )
    return tuple(layers)


def _form(value: Any) -> str:
    has_layers = "layers" in value if isinstance(value, dict) else isinstance(value, Stack)
    return "stack" if has_layers else "mlp"


Network = Annotated[
    Annotated[MultilayerPerceptron, Tag("mlp")] | Annotated[Stack, Tag("stack")],
    Discriminator(_form),
]
"""A table with ``layers`` is a :class:`Stack`; any other is a :class:`MultilayerPerceptron`."""
