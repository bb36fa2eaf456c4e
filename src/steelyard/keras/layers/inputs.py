"""The input of a network (``keras/src/layers/core/input_layer.py``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from steelyard.keras.checks import default_only, whole
from steelyard.keras.codes import refuse
from steelyard.keras.layers.layer import Layer
from steelyard.keras.layers.shapes import width_of
from steelyard.keras.serialized import Config

Shape = Sequence[int | None]


class InputLayer(Layer):
    """Says how many columns the table has; computes nothing.

    Args:
        shape: ``(columns,)``.
        batch_size: Kept for the configuration. ``fit`` and ``predict`` choose the size of the batches.
        dtype: float32 or float64; the engine computes in float32 either way.
        sparse: Only False: arrays hold every cell.
        ragged: Only False.
        batch_shape: ``(None, columns)``, instead of ``shape``.
        input_tensor: Not supported.
        optional: Only False.
        name: By default "input_layer".
        input_shape: What Keras 2 called ``shape``.
        batch_input_shape: What Keras 2 called ``batch_shape``.
    """

    def __init__(
        self,
        shape: Shape | None = None,
        batch_size: int | None = None,
        dtype: str | None = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Shape | None = None,
        input_tensor: None = None,
        optional: bool = False,
        name: str | None = None,
        *,
        input_shape: Shape | None = None,
        batch_input_shape: Shape | None = None,
    ) -> None:
        super().__init__({"name": name})
        given: dict[str, Any] = {
            "shape": shape,
            "input_shape": input_shape,
            "batch_shape": batch_shape,
            "batch_input_shape": batch_input_shape,
        }
        written = {key: value for key, value in given.items() if value is not None}
        if len(written) != 1:
            found = " and ".join(written) if written else "none"
            raise refuse("K211", f"Input: one shape is needed; found {found}")
        ((key, value),) = written.items()
        rows = key.startswith("batch")
        self.input_width: int = width_of(f"Input: {key}", value, rows=rows)
        if rows:
            batch_size = value[0]
        self.batch_size = None if batch_size is None else whole("Input: batch_size", batch_size, low=1)
        self.dtype = dtype or "float32"
        default_only("K208", "Input: dtype", self.dtype, "float32", "float64", why="tables are of float32")
        for argument, setting in {"sparse": sparse, "ragged": ragged, "optional": optional}.items():
            default_only(
                "K208",
                f"Input: {argument}",
                setting,
                None,
                False,
                why="a table holds every cell of every row",
            )
        default_only("K208", "Input: tensor", input_tensor, None, why="networks are stacks of layers")
        self.connect(self.input_width)

    @property
    def batch_shape(self) -> tuple[int | None, int]:
        """``(None, columns)``, or with the size of batches that was written."""
        return self.batch_size, self.input_width

    def get_config(self) -> Config:
        """The arguments of the layer, as Keras 3 writes them."""
        return {
            "batch_shape": self.batch_shape,
            "dtype": self.dtype,
            "sparse": False,
            "ragged": False,
            "name": self.name or self.default_name,
            "optional": False,
        }


def Input(
    shape: Shape | None = None,
    batch_size: int | None = None,
    dtype: str | None = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Shape | None = None,
    name: str | None = None,
    tensor: None = None,
    optional: bool = False,
) -> InputLayer:
    """The first entry of a Sequential: ``Input(shape=(columns,))``. See :class:`InputLayer`."""
    return InputLayer(shape, batch_size, dtype, sparse, ragged, batch_shape, tensor, optional, name)
