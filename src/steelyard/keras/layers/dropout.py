"""Dropout (``keras/src/layers/regularization/dropout.py``)."""

from __future__ import annotations

from typing import Unpack

from steelyard.keras.checks import default_only, real, whole
from steelyard.keras.initializers import LARGEST_SEED
from steelyard.keras.layers.layer import Layer, LayerOptions
from steelyard.keras.serialized import Config
from steelyard.recipe import network


class Dropout(Layer):
    """Sets a share ``rate`` of its inputs to zero while training and scales the rest by 1 / (1 - rate).

    Args:
        rate: At least 0 and below 1. Keras takes 1 too, with which nothing can be learned.
        noise_shape: Only None: every cell is dropped by itself.
        seed: Kept for the configuration. What is dropped follows from the seed of the model, which makes
            a run repeatable with or without it.
        **common: See :class:`~steelyard.keras.layers.layer.LayerOptions`.
    """

    def __init__(
        self,
        rate: float,
        noise_shape: None = None,
        seed: int | None = None,
        **common: Unpack[LayerOptions],
    ) -> None:
        super().__init__(common)
        self.rate = real("Dropout: rate", rate, low=0, below=1)
        default_only("K208", "Dropout: noise_shape", noise_shape, None, why="every cell is dropped by itself")
        self.noise_shape = None
        self.seed = None if seed is None else whole("Dropout: seed", seed, low=0, high=LARGEST_SEED)

    def recipe_layers(self) -> tuple[network.Layer, ...]:
        """The layer in a recipe."""
        return (network.Dropout(rate=self.rate),)

    def get_config(self) -> Config:
        """The arguments of the layer, as Keras 3 writes them."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed, "noise_shape": None}
