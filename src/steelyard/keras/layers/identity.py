"""Layers that leave a table as it is."""

from __future__ import annotations

from typing import Unpack

from steelyard.keras.checks import default_only
from steelyard.keras.layers.layer import Layer, LayerOptions
from steelyard.keras.serialized import Config


class Flatten(Layer):
    """Makes each row one list of numbers, which in a table it is already.

    ``data_format`` is "channels_last"; the other one means the same for tables and is written back as given.
    """

    def __init__(self, data_format: str | None = None, **common: Unpack[LayerOptions]) -> None:
        super().__init__(common)
        self.data_format = data_format or "channels_last"
        default_only(
            "K208",
            "Flatten: data_format",
            self.data_format,
            "channels_last",
            "channels_first",
            why="there are these two",
        )

    def get_config(self) -> Config:
        """The arguments of the layer, as Keras 3 writes them."""
        return {**super().get_config(), "data_format": self.data_format}


class Identity(Layer):
    """Returns what it gets."""

    def __init__(self, **common: Unpack[LayerOptions]) -> None:
        super().__init__(common)
