"""The stack of layers of a model: names, widths, and the tensors it needs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from steelyard.data.encoding import Encoding, identity
from steelyard.data.split import Split
from steelyard.engine import Job, initial_weights
from steelyard.keras import recipes
from steelyard.keras.checks import whole
from steelyard.keras.codes import refuse
from steelyard.keras.layers import InputLayer, Layer, not_a_layer
from steelyard.keras.layers.layer import Owner
from steelyard.recipe import network
from steelyard.recipe.recipe import Recipe
from steelyard.recipe.training import Training
from steelyard.run import Weights


class Architecture:
    """Layers in order, each with a name of its own, and the width of the input once it is known."""

    def __init__(self, owner: Owner) -> None:
        self.layers: list[Layer] = []
        self.width: int | None = None
        self.input: InputLayer | None = None
        self._owner = owner

    @property
    def name(self) -> str:
        """The name of the model."""
        return self._owner.name

    @property
    def input_name(self) -> str:
        """What the input is called: Keras' own name, unless the user gave one."""
        return (self.input.name if self.input is not None else None) or "input_layer"

    def add(self, layer: Layer) -> None:
        """Appends a layer, or notes the input."""
        if not isinstance(layer, Layer):
            raise not_a_layer(layer, f"{self.name}: layer {len(self.layers)}")
        if isinstance(layer, InputLayer):
            if self.layers or self.input is not None:
                raise refuse(
                    "K256", f"{self.name}: the input must come first, and once", "Move it to the front."
                )
            self.input = layer
        else:
            layer.join(self._owner)
            self._name(layer)
            self.layers.append(layer)
        if self.width is None and len(self.layers) < 2:
            self.width = layer.input_width  # what later layers say of their input is not asked, as in Keras

    def pop(self) -> Layer:
        """Takes the last layer away."""
        if not self.layers:
            raise refuse("K256", f"{self.name}: there is no layer to remove", "Add one first.")
        layer = self.layers.pop()
        layer.leave()
        return layer

    def see_width(self, width: object, where: str) -> None:
        """Notes how wide the input is, or refuses (K253) what contradicts the width known."""
        found = whole(where, width, low=1)
        if self.width is not None and found != self.width:
            raise refuse("K253", f"{where} is {found}; {self.name} was built for {self.width} columns")
        self.width = found

    def connect(self) -> int:
        """Tells every layer its width; returns that of the output."""
        width = self.known_width("weights")
        for layer in self.layers:
            width = layer.connect(width)
        return width

    def known_width(self, what: str) -> int:
        """The width of the input; refuses (K256) to do ``what`` without it."""
        if self.width is None:
            raise refuse(
                "K256",
                f"{what}: {self.name} does not know how many columns its input has",
                "Begin with Input(shape=(columns,)), or call build((None, columns)), or fit.",
            )
        return self.width

    @property
    def encoding(self) -> Encoding:
        """The numbers as they are."""
        return identity(self.known_width("encoding"))

    def stack(self) -> network.Stack:
        """The network as a Recipe has it, without the sigmoid at its end."""
        return recipes.stack_of(self.layers)

    def tensor_names(self) -> list[tuple[Layer, dict[str, str]]]:
        """For each layer, Keras' names of its tensors and the engine's (:data:`steelyard.run.Weights`)."""
        counts = {"dense": 0, "batch_normalization": 0}
        named = []
        for layer in self.layers:
            tensors = list(layer.tensor_shapes(1))
            if tensors:
                kind = layer.recipe_layers()[0].layer
                prefix = f"{kind}_{counts[kind]}" if counts[kind] else kind
                counts[kind] += 1
                named.append((layer, {tensor: f"{prefix}/{tensor}" for tensor in tensors}))
            else:
                named.append((layer, {}))
        return named

    def trainable_names(self) -> list[str]:
        """The engine's names of what the optimizer changes, in Keras' order."""
        return [
            name
            for _, names in self.tensor_names()
            for tensor, name in names.items()
            if tensor not in ("moving_mean", "moving_variance")
        ]

    def names_of(self, layer: Layer) -> dict[str, str]:
        """The same for one layer."""
        for mine, names in self.tensor_names():
            if mine is layer:
                return names
        raise refuse("K256", f"{layer!r} is not a layer of {self.name}", "Ask the model it belongs to.")

    def initial_tensors(self, seed: int) -> Weights:
        """Drawn from the seed of the model; those whose initializer has a seed of its own, from that."""
        drawn = cache(self._drawn)
        tensors = dict(drawn(seed))
        for layer, names in self.tensor_names():
            for tensor, own_seed in layer.seeds().items():
                tensors[names[tensor]] = drawn(own_seed)[names[tensor]]
        return tensors

    def _drawn(self, seed: int) -> Weights:
        row = np.zeros(1, np.int64)
        recipe = Recipe(network=self.stack(), training=Training(patience=None, restore_best_weights=False))
        job = Job(
            recipe, Split(row, row[:0], row[:0], "one row, for the engine to have one"), self.encoding, seed
        )
        return initial_weights(job, np.zeros(1, np.uint8))

    def penalty(self, tensors: Weights) -> float:
        """The L1 and L2 terms of the loss."""
        total = 0.0
        for layer, names in self.tensor_names():
            for part in layer.recipe_layers():
                if isinstance(part, network.Dense):
                    total += _penalty(tensors[names["kernel"]], part.l1, part.l2)
                    if part.use_bias:
                        total += _penalty(tensors[names["bias"]], part.bias_l1, part.bias_l2)
        return total

    def _name(self, layer: Layer) -> None:
        taken = {mine.name for mine in self.layers}
        if layer.name is None:
            name, number = layer.default_name, 0
            while name in taken:
                number += 1
                name = f"{layer.default_name}_{number}"
            layer.name = name
        elif layer.name in taken:
            raise refuse(
                "K256", f"{self.name} has a layer named {layer.name!r} already", "Names must differ."
            )


def flat(tensors: Sequence[Sequence[NDArray[np.float32]]]) -> list[NDArray[np.float32]]:
    """Tensors of layers as one list."""
    return [tensor for layer in tensors for tensor in layer]


def _penalty(tensor: NDArray[np.float32], l1: float, l2: float) -> float:
    values = tensor.astype(np.float64)
    return float(l1 * np.abs(values).sum() + l2 * np.square(values).sum())
