"""A training run, whatever became of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from steelyard.data.calibrator import Calibrator
from steelyard.data.encoding import Encoding
from steelyard.data.schema import Schema
from steelyard.data.split import Split
from steelyard.history import History, Telemetry
from steelyard.recipe.network import BatchNormalization, Dense, Network
from steelyard.recipe.recipe import Recipe

Weights = Mapping[str, NDArray[np.float32]]
"""Tensors by name: ``dense/kernel``, ``dense/bias``, ``dense_1/kernel``, ``batch_normalization/gamma``,
``beta``, ``moving_mean``, ``moving_variance``, ``embedding/<category column number>``. Layers of a kind
are numbered from input to logit as Keras does: dense, dense_1, ... A kernel is (inputs, units) with the
inputs in the order of :class:`~steelyard.data.encoding.Encoding`."""


def weight_shapes(network: Network, encoding: Encoding) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of a network, in the order from input to logit."""
    shapes: dict[str, tuple[int, ...]] = {}
    for position, category in enumerate(encoding.categories):
        if category.embedding_dim:
            shapes[f"embedding/{position}"] = (category.size, category.embedding_dim)
    width = encoding.inputs
    counts = {"dense": 0, "batch_normalization": 0}
    for layer in network.stack():
        if not isinstance(layer, Dense | BatchNormalization):
            continue
        number = counts[layer.layer]
        counts[layer.layer] += 1
        name = f"{layer.layer}_{number}" if number else layer.layer
        if isinstance(layer, Dense):
            shapes[f"{name}/kernel"] = (width, layer.units)
            width = layer.units
            if layer.use_bias:
                shapes[f"{name}/bias"] = (width,)
        else:
            tensors = {
                "gamma": layer.scale,
                "beta": layer.center,
                "moving_mean": True,
                "moving_variance": True,
            }
            shapes |= {f"{name}/{tensor}": (width,) for tensor, present in tensors.items() if present}
    return shapes


class RunStatus(StrEnum):
    """How a run ended. Each is a result, not an error."""

    COMPLETED = "completed"
    STOPPED_EARLY = "stopped_early"
    """No improvement for ``patience`` epochs, ``max_seconds`` have passed, or a callback of a Keras program
    wanted it: see ``reason``."""
    DIVERGED = "diverged"
    """The loss or a gradient was not finite; the weights are finite: those of the best epoch before if
    the recipe restores them, else the last."""
    PRUNED = "pruned"
    """Stopped between epochs by whoever watched it."""
    INTERRUPTED = "interrupted"
    """Stopped by Ctrl-C; the weights are usable."""


@dataclass(frozen=True, eq=False)
class Progress:
    """What a job carries from epoch to epoch besides its weights: how far it is, and what the optimizer
    remembers (a tensor for every trainable weight per slot, such as Adam's two moments)."""

    epochs: int
    steps: int
    slots: tuple[Weights, ...]


@dataclass(frozen=True, eq=False)
class Run:
    """One network trained with one recipe on one split from one seed.

    ``weights`` are those of ``best_epoch`` if the recipe restores them, else the last; ``best_epoch``
    (from 1; 0 if no epoch was finished) is the one with the best ``recipe.monitor``.
    ``reason`` is one sentence that says why training ended. ``progress`` belongs to the last epoch, not
    to the best.
    """

    recipe: Recipe
    seed: int
    split: Split
    encoding: Encoding
    status: RunStatus
    reason: str
    best_epoch: int
    history: History
    telemetry: Telemetry
    weights: Weights
    progress: Progress | None = None


@dataclass(frozen=True)
class Readout:
    """How the logits of a model become probabilities and labels.

    From each network's logit ``offset`` is taken: by how much weights or resampling shifted the log-odds
    (:mod:`steelyard.prior`). The mean of the networks' probabilities then goes through ``calibrator``. A
    row is labelled positive if its probability exceeds ``threshold``, which was chosen for ``objective``.
    ``base_rate`` is the share of positives, in row weight, that the probabilities are for: that of the
    training rows before anything was resampled, or of the rows the calibrator was fitted to (a temperature
    leaves it as it was); NaN if it is not known.
    """

    offset: float = 0.0
    calibrator: Calibrator | None = None
    threshold: float = 0.5
    objective: str = "0.5"
    base_rate: float = math.nan


@dataclass(frozen=True, eq=False)
class Model:
    """What predicts: networks of one recipe that differ in their seeds, how rows enter them, and how
    their logits are read."""

    schema: Schema
    encoding: Encoding
    network: Network
    weights: tuple[Weights, ...]
    readout: Readout = Readout()
