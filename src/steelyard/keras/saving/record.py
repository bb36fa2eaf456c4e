"""What a file holds of a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from steelyard.keras.layers import Layer
from steelyard.keras.losses import Loss
from steelyard.keras.metrics import Metric
from steelyard.keras.optimizers import Optimizer
from steelyard.keras.saving.optimizer_state import OptimizerState
from steelyard.keras.saving.shapes import Tensors

MetricSpec = str | Metric | Callable[..., object]
"""A metric as it was given to ``compile``."""


@dataclass(frozen=True, eq=False)
class Compiled:
    """What ``compile`` was given."""

    optimizer: Optimizer
    loss: Loss
    metrics: tuple[MetricSpec, ...] = ()


@dataclass(frozen=True, eq=False)
class SavedModel:
    """A stack of layers and what else was saved with it.

    ``layers`` are without the input; ``input_width`` is None if the model was saved before its input was
    known. ``weights`` has one tuple per layer, in the order of ``layer.tensor_shapes``, and is None where
    there are none: in an architecture alone, or a model that was never built. ``compiled`` is None if the
    model was not compiled, or compiled in a way that is not understood. ``optimizer`` is None where the
    optimizer starts anew. ``threshold`` is None where none was chosen.
    """

    name: str
    layers: tuple[Layer, ...]
    input_width: int | None = None
    input_name: str = "input_layer"
    weights: Tensors | None = None
    compiled: Compiled | None = None
    optimizer: OptimizerState | None = None
    threshold: float | None = None
