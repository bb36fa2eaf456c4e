"""The layers of a trained network beside their tensors: what every format writes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.data.encoding import Encoding
from steelyard.recipe.network import BatchNormalization, Dense, Layer, Network
from steelyard.run import Weights, weight_shapes


@dataclass(frozen=True, eq=False)
class Stage:
    """One layer and its tensors by their short names: ``kernel`` and ``bias``, or ``gamma``, ``beta``,
    ``moving_mean`` and ``moving_variance``, as far as the layer has them. ``name`` is that of the layer in
    :data:`steelyard.run.Weights`, or empty for a layer without tensors."""

    layer: Layer
    name: str
    tensors: Mapping[str, NDArray[np.float32]]


def stages(network: Network, weights: Weights, encoding: Encoding) -> tuple[Stage, ...]:
    """The layers from input to logit; embeddings, which come before them, are in ``weights`` alone."""
    tensors: dict[str, dict[str, NDArray[np.float32]]] = {}
    for path in weight_shapes(network, encoding):  # in the order of the layers
        layer, _, tensor = path.rpartition("/")
        if layer != "embedding":
            tensors.setdefault(layer, {})[tensor] = weights[path]
    with_tensors = iter(tensors.items())
    return tuple(
        Stage(layer, *next(with_tensors))
        if isinstance(layer, Dense | BatchNormalization)
        else Stage(layer, "", {})
        for layer in network.stack()
    )


def embedded_columns(encoding: Encoding) -> list[int]:
    """The positions of the categories that have an embedding; in the encoded matrix they come first."""
    return [j for j, category in enumerate(encoding.categories) if category.embedding_dim]


def one_hot_columns(encoding: Encoding) -> list[int]:
    """The positions of the categories that are one-hot."""
    return [j for j, category in enumerate(encoding.categories) if not category.embedding_dim]
