"""``activation(x @ kernel + bias)`` (``keras/src/layers/core/dense.py``)."""

from __future__ import annotations

from typing import Unpack

from steelyard.keras import initializers, regularizers
from steelyard.keras.checks import LARGEST, default_only, flag, whole
from steelyard.keras.layers import activation as activation_of
from steelyard.keras.layers.layer import Layer, LayerOptions
from steelyard.keras.serialized import Config
from steelyard.recipe import network


class Dense(Layer):
    """A densely connected layer; its tensors are ``kernel`` (inputs, units) and ``bias`` (units,).

    Args:
        units: Number of outputs.
        activation: A name, a function of :mod:`steelyard.keras.activations` or an activation layer;
            None means linear.
        use_bias: Whether a bias is added.
        kernel_initializer: Name, instance or configuration.
        bias_initializer: Likewise.
        kernel_regularizer: Name, instance or configuration of a penalty; None for none.
        bias_regularizer: Likewise.
        activity_regularizer: Not supported, nor are the arguments that follow.
        kernel_constraint: Only None.
        bias_constraint: Only None.
        lora_rank: Only None.
        lora_alpha: Only None.
        quantization_config: Only None.
        **common: See :class:`~steelyard.keras.layers.layer.LayerOptions`.

    Errors:
        K208 for what the engine cannot do, K210 for values out of range, K203 to K205 for unknown names.
    """

    def __init__(
        self,
        units: int,
        activation: object = None,
        use_bias: bool = True,
        kernel_initializer: object = "glorot_uniform",
        bias_initializer: object = "zeros",
        kernel_regularizer: object = None,
        bias_regularizer: object = None,
        activity_regularizer: None = None,
        kernel_constraint: None = None,
        bias_constraint: None = None,
        lora_rank: None = None,
        lora_alpha: None = None,
        quantization_config: None = None,
        **common: Unpack[LayerOptions],
    ) -> None:
        super().__init__(common)
        self.units = whole("Dense: units", units, low=1, high=LARGEST)
        self.activation = activation_of.get(activation)
        self.use_bias = flag("Dense: use_bias", use_bias)
        self.kernel_initializer = initializers.get(kernel_initializer, "Dense: kernel_initializer")
        self.bias_initializer = initializers.get(bias_initializer, "Dense: bias_initializer")
        self.kernel_regularizer = regularizers.get(kernel_regularizer, "Dense: kernel_regularizer")
        self.bias_regularizer = regularizers.get(bias_regularizer, "Dense: bias_regularizer")
        default_only(
            "K208",
            "Dense: activity_regularizer",
            activity_regularizer,
            None,
            why="only kernels and biases can be penalised",
            help="Use kernel_regularizer, or leave it out.",
        )
        for argument, value in {
            "kernel_constraint": kernel_constraint,
            "bias_constraint": bias_constraint,
        }.items():
            default_only(
                "K208",
                f"Dense: {argument}",
                value,
                None,
                why="weights are not constrained",
                help="Use kernel_regularizer, or the optimizer's clipnorm.",
            )
        for argument, value in {
            "lora_rank": lora_rank,
            "lora_alpha": lora_alpha,
            "quantization_config": quantization_config,
        }.items():
            default_only("K208", f"Dense: {argument}", value, None, why="all weights are trained, in float32")

    def recipe_layers(self) -> tuple[network.Layer, ...]:
        """The layer in a recipe."""
        kernel, bias = self.kernel_regularizer, self.bias_regularizer
        return (
            network.Dense(
                units=self.units,
                use_bias=self.use_bias,
                kernel_initializer=self.kernel_initializer.recipe(),
                bias_initializer=self.bias_initializer.recipe(),
                l1=kernel.l1 if kernel else 0.0,
                l2=kernel.l2 if kernel else 0.0,
                bias_l1=bias.l1 if bias and self.use_bias else 0.0,
                bias_l2=bias.l2 if bias and self.use_bias else 0.0,
                **activation_of.in_recipe(self.activation),
            ),
        )

    def output_width(self, inputs: int) -> int:
        """The number of outputs given the number of inputs."""
        return self.units

    def tensor_shapes(self, inputs: int) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the tensors, in Keras' order."""
        shapes: dict[str, tuple[int, ...]] = {"kernel": (inputs, self.units)}
        if self.use_bias:
            shapes["bias"] = (self.units,)
        return shapes

    def seeds(self) -> dict[str, int]:
        """The seeds that the user gave to initializers, by tensor."""
        seeds = {"kernel": self.kernel_initializer.seed}
        if self.use_bias:
            seeds["bias"] = self.bias_initializer.seed
        return {name: seed for name, seed in seeds.items() if seed is not None}

    def get_config(self) -> Config:
        """The arguments of the layer, as Keras 3 writes them."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activation_of.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": None,
            "bias_constraint": None,
            "quantization_config": None,
        }
