"""Metrics of the distance between probabilities and labels. Less is better."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.keras.checks import real
from steelyard.keras.metrics.metric import Metric, Output, Target

EPSILON = 1e-7
"""How close to 0 and 1 Keras lets a probability come before it takes the logarithm."""


class BinaryCrossentropy(Metric):
    """Log loss, in nats: mean of -log of the probability given to what happened.

    As a metric it has neither class weights nor penalty in it, so train and validation compare. Set
    ``from_logits`` if the output of the network is a logit. ``label_smoothing`` is in [0, 1].
    """

    direction = "down"

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(name, dtype)
        self.from_logits = from_logits
        self.label_smoothing = real("BinaryCrossentropy: label_smoothing", label_smoothing, low=0, high=1)

    @property
    def series(self) -> str | None:
        """The engine's plain loss."""
        return "loss" if not self.from_logits and not self.label_smoothing else None

    @property
    def logit_series(self) -> str | None:
        """The same, if told that it gets logits."""
        return "loss" if self.from_logits and not self.label_smoothing else None

    def result(self, target: Target, output: Output) -> float:
        """At least 0, in nats."""
        y = target * (1.0 - self.label_smoothing) + 0.5 * self.label_smoothing
        p = output.astype(np.float64)
        if self.from_logits:
            return float(np.mean(np.maximum(p, 0.0) - p * y + np.log1p(np.exp(-np.abs(p)))))
        p = np.clip(p, EPSILON, 1.0 - EPSILON)
        return float(np.mean(-y * np.log(p) - (1.0 - y) * np.log1p(-p)))

    def get_config(self) -> dict[str, Any]:
        """As Keras'."""
        return {
            **super().get_config(),
            "from_logits": self.from_logits,
            "label_smoothing": self.label_smoothing,
        }


class MeanSquaredError(Metric):
    """Mean squared difference between output and label; of probabilities it is called Brier score."""

    direction = "down"

    def __init__(self, name: str | None = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def result(self, target: Target, output: Output) -> float:
        """At least 0."""
        return float(np.mean(_difference(target, output) ** 2))


class RootMeanSquaredError(Metric):
    """Square root of :class:`MeanSquaredError`."""

    direction = "down"

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def result(self, target: Target, output: Output) -> float:
        """At least 0."""
        return float(np.sqrt(np.mean(_difference(target, output) ** 2)))


class MeanAbsoluteError(Metric):
    """Mean absolute difference between output and label."""

    direction = "down"

    def __init__(self, name: str | None = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def result(self, target: Target, output: Output) -> float:
        """At least 0."""
        return float(np.mean(np.abs(_difference(target, output))))


def _difference(target: Target, output: Output) -> NDArray[np.float64]:
    return output.astype(np.float64) - target
