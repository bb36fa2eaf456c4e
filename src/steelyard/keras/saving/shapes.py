"""Which tensors a stack of layers has, in which order, and how Keras calls its layers inside a file."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from steelyard.keras.layers import Layer
from steelyard.keras.serialized import snake_case

Shapes = Mapping[str, tuple[int, ...]]
"""Of one layer, by tensor, in Keras' order."""

Array = NDArray[np.float32]

Tensors = tuple[tuple[Array, ...], ...]
"""Of all layers: kernel and bias, or gamma, beta, moving mean and moving variance."""

NOT_TRAINED = ("moving_mean", "moving_variance")
"""Tensors that follow the data instead of the gradient."""


def tensor_shapes(layers: Sequence[Layer], width: int) -> list[Shapes]:
    """The tensors of each layer of a stack with ``width`` inputs."""
    shapes: list[Shapes] = []
    for layer in layers:
        shapes.append(layer.tensor_shapes(width))
        width = layer.output_width(width)
    return shapes


def parameters(layers: Sequence[Layer], width: int) -> int:
    """How many numbers they hold together."""
    return sum(math.prod(shape) for one in tensor_shapes(layers, width) for shape in one.values())


def folder_names(layers: Sequence[Layer]) -> Iterator[str]:
    """The group of each layer in a Keras 3 weights file: its class, not its own name.

    Class names in snake case, counted within the model (``_save_container_state`` in
    ``keras/src/saving/saving_lib.py``).
    """
    used: Counter[str] = Counter()
    for layer in layers:
        name = snake_case(type(layer).__name__)
        yield f"{name}_{used[name]}" if used[name] else name
        used[name] += 1


def trainable_shapes(layers: Sequence[Layer], width: int) -> list[tuple[int, ...]]:
    """The tensors that an optimizer moves, in the order of the layers."""
    return [
        shape
        for shapes in tensor_shapes(layers, width)
        for name, shape in shapes.items()
        if name not in NOT_TRAINED
    ]
