"""The cross-entropy of a label and a probability."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.keras.losses.loss import MEAN, Loss, column
from steelyard.recipe import loss as recipe

EPSILON = 1e-7
"""Keras keeps probabilities this far from 0 and 1."""


def binary_crossentropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> NDArray[np.float64]:
    """``-y log p - (1 - y) log(1 - p)``, averaged over ``axis``; p is ``y_pred``, or its sigmoid.

    With ``label_smoothing`` s, y is ``y_true (1 - s) + s / 2``.
    """
    y = smoothed(y_true, label_smoothing)
    if from_logits:
        z = np.asarray(y_pred, np.float64)
        return np.asarray(np.mean(np.logaddexp(0.0, z) - y * z, axis=axis))
    return np.asarray(np.mean(of_probability(y, np.asarray(y_pred, np.float64)), axis=axis))


def smoothed(y_true: ArrayLike, smoothing: float) -> NDArray[np.float64]:
    """Labels after Keras' label smoothing."""
    return np.asarray(y_true, np.float64) * (1.0 - smoothing) + 0.5 * smoothing


def of_probability(y: NDArray[np.float64], p: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cross-entropy of each (smoothed) label and probability."""
    p = np.clip(p, EPSILON, 1.0 - EPSILON)
    return -(y * np.log(p) + (1.0 - y) * np.log1p(-p))


class BinaryCrossentropy(Loss):
    """The cross-entropy of a label and a probability, or its logit.

    Args:
        from_logits: Whether the network ends in a logit, ``Dense(1)``, instead of a probability.
        label_smoothing: s in ``y (1 - s) + s / 2``; at least 0, below 1.
        axis: Only -1.
        reduction: Only the mean: "sum_over_batch_size", "mean" or Keras 2's "auto".
        name: Any.
        dtype: Only float32.
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = MEAN,
        name: str | None = "binary_crossentropy",
        dtype: object = None,
    ) -> None:
        super().__init__(from_logits, label_smoothing, axis, reduction, name, "binary_crossentropy", dtype)

    def call(self, y_true: ArrayLike, y_pred: ArrayLike) -> NDArray[np.float64]:
        """The loss of each row; both arrays have the shape (rows, 1)."""
        return binary_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing)

    def rows(self, target: NDArray[np.uint8], logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """The loss of each row given its logit, whichever of the two the network ends in; shape (rows,)."""
        return binary_crossentropy(column(target), column(logits), True, self.label_smoothing)

    @property
    def is_plain(self) -> bool:
        """Whether it is the cross-entropy of labels as they are, the loss that every run records."""
        return self.label_smoothing == 0.0

    def recipe(self) -> recipe.BinaryCrossentropy:
        """The same as part of a recipe."""
        return recipe.BinaryCrossentropy(label_smoothing=self.label_smoothing)
