"""Activations as layers (``keras/src/layers/activations``), and what ``activation=`` may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Unpack

from steelyard.keras import activations
from steelyard.keras.checks import default_only, real
from steelyard.keras.layers.layer import Layer, LayerOptions
from steelyard.keras.serialized import Config, read_form, serialized
from steelyard.recipe import network


class LeakyReLU(Layer):
    """``x`` above zero, ``negative_slope * x`` below.

    ``alpha`` is what Keras 2 called ``negative_slope``. The default is 0.3, as in Keras, while the
    activation named "leaky_relu" has 0.2.
    """

    _renamed_keys: ClassVar[Mapping[str, str]] = {"alpha": "negative_slope"}

    def __init__(
        self, negative_slope: float = 0.3, *, alpha: float | None = None, **common: Unpack[LayerOptions]
    ) -> None:
        super().__init__(common)
        written = "negative_slope" if alpha is None else "alpha"
        self.negative_slope = real(f"LeakyReLU: {written}", negative_slope if alpha is None else alpha, low=0)

    def recipe_layers(self) -> tuple[network.Layer, ...]:
        """The layer in a recipe."""
        return (_layer(self),)

    def get_config(self) -> Config:
        """The arguments of the layer, as Keras 3 writes them."""
        return {**super().get_config(), "negative_slope": self.negative_slope}


class ReLU(Layer):
    """``max(x, 0)``, or leaky with a ``negative_slope``. Only these ``max_value`` and ``threshold``."""

    def __init__(
        self,
        max_value: None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **common: Unpack[LayerOptions],
    ) -> None:
        super().__init__(common)
        default_only("K208", "ReLU: max_value", max_value, None, why="the engine's relu has no upper end")
        self.max_value = None
        self.negative_slope = real("ReLU: negative_slope", negative_slope, low=0)
        self.threshold = real("ReLU: threshold", threshold)
        default_only("K208", "ReLU: threshold", self.threshold, 0.0, why="the engine's relu bends at zero")

    def recipe_layers(self) -> tuple[network.Layer, ...]:
        """The layer in a recipe."""
        return (_layer(self),)

    def get_config(self) -> Config:
        """The arguments of the layer, as Keras 3 writes them."""
        return {
            **super().get_config(),
            "max_value": None,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }


class ELU(Layer):
    """``x`` above zero, ``exp(x) - 1`` below. Other values of ``alpha`` are not supported."""

    def __init__(self, alpha: float = 1.0, **common: Unpack[LayerOptions]) -> None:
        super().__init__(common)
        self.alpha = real("ELU: alpha", alpha)
        default_only("K208", "ELU: alpha", self.alpha, 1.0, why="the engine's elu has alpha 1")

    def recipe_layers(self) -> tuple[network.Layer, ...]:
        """The layer in a recipe."""
        return (_layer(self),)

    def get_config(self) -> Config:
        """The arguments of the layer, as Keras 3 writes them."""
        return {**super().get_config(), "alpha": self.alpha}


ActivationLike = activations.Activation | LeakyReLU | ReLU | ELU
"""An activation function, or a layer in its place: ``Dense(8, activation=LeakyReLU(0.1))``."""


class Activation(Layer):
    """Any activation: ``Activation("relu")``."""

    def __init__(self, activation: object, **common: Unpack[LayerOptions]) -> None:
        super().__init__(common)
        self.activation = get(activation)

    def recipe_layers(self) -> tuple[network.Layer, ...]:
        """The layer in a recipe; nothing for a linear one."""
        return () if self.activation is activations.linear else (_layer(self.activation),)

    def get_config(self) -> Config:
        """The arguments of the layer, as Keras 3 writes them."""
        return {**super().get_config(), "activation": serialize(self.activation)}


_CLASSES: Mapping[str, type[LeakyReLU] | type[ReLU] | type[ELU]] = {
    "LeakyReLU": LeakyReLU,
    "ReLU": ReLU,
    "ELU": ELU,
}


def get(identifier: object) -> ActivationLike:
    """What ``activation=`` means: a name, a function, one of the layers above, or a configuration."""
    if isinstance(identifier, LeakyReLU | ReLU | ELU):
        return identifier
    if isinstance(identifier, Activation):
        return identifier.activation
    if isinstance(identifier, Mapping):
        name, config = read_form("activation", identifier)
        if name in _CLASSES:
            return _CLASSES[name].from_config(config)
    return activations.get(identifier)


def serialize(activation: ActivationLike) -> str | Config:
    """As Keras writes it into a configuration: a name, or a layer within the layer."""
    if isinstance(activation, Layer):
        return serialized("keras.layers", type(activation).__name__, activation.get_config())
    return activations.serialize(activation)


def in_recipe(activation: ActivationLike) -> dict[str, Any]:
    """The fields of a recipe's layer that say which activation it has."""
    match activation:
        case ReLU(negative_slope=0.0):
            return {"activation": "relu"}
        case LeakyReLU() | ReLU():
            return {"activation": "leaky_relu", "negative_slope": activation.negative_slope}
        case ELU():
            return {"activation": "elu"}
        case _:
            return {"activation": activations.recipe_name(activation)}


def _layer(activation: ActivationLike) -> network.ActivationLayer:
    return network.ActivationLayer(**in_recipe(activation))
