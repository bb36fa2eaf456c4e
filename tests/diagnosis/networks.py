"""Builders of layers and telemetry for tests of rules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from steelyard.history import LayerTelemetry, Telemetry
from steelyard.log import LayerFact


def dense(units: int | None, activation: str | None = "relu", inputs: int | None = None) -> LayerFact:
    """A dense layer as Keras makes it by default, but for the activation."""
    return LayerFact(
        "dense",
        units,
        inputs,
        activation,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
    )


def dropout(rate: float) -> LayerFact:
    """A dropout layer."""
    return LayerFact("dropout", rate=rate)


def normalization() -> LayerFact:
    """A batch normalisation."""
    return LayerFact("batch_normalization")


def perceptron(
    *units: int, activation: str | None = "relu", inputs: int = 9, output: str = "sigmoid"
) -> tuple[LayerFact, ...]:
    """Hidden layers of these widths and one output."""
    widths = [inputs, *units]
    layers = [dense(many, activation, width) for width, many in zip(widths, units, strict=False)]
    return (*layers, dense(1, output, widths[-1]))


def of_the_question() -> tuple[LayerFact, ...]:
    """The network of the question on Cross Validated: 11 linear layers of 7 units with dropout after each."""
    hidden = [
        layer
        for at in range(11)
        for layer in (dense(7, "linear", 7 if at else 9), dropout(0.2 if at else 0.5))
    ]
    return (*hidden, dense(1, "sigmoid", 7))


def telemetry(
    epochs: int,
    *,
    gradient: Sequence[float] = (1.0, 1.0),
    update: Sequence[float] = (1e-3, 1e-3),
    dead: Sequence[float] = (0.0, 0.0),
    saturated: Sequence[float] = (0.0, 0.0),
) -> Telemetry:
    """Two layers or more whose numbers stay the same over the epochs."""
    layers = tuple(
        LayerTelemetry(f"dense_{at}", *(np.full(epochs, one) for one in (1.0, g, u, d, s)))
        for at, (g, u, d, s) in enumerate(zip(gradient, update, dead, saturated, strict=True), 1)
    )
    return Telemetry(np.arange(1, epochs + 1), layers, np.zeros(epochs), np.ones(epochs))
