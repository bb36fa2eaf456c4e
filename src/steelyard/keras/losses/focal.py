"""The focal cross-entropy (Lin et al. 2017)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.keras.checks import flag, real
from steelyard.keras.losses.crossentropy import of_probability, smoothed
from steelyard.keras.losses.loss import MEAN, Loss, column
from steelyard.keras.serialized import Config
from steelyard.recipe import loss as recipe


def binary_focal_crossentropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> NDArray[np.float64]:
    """``(1 - p_t)^gamma`` times the cross-entropy, averaged over ``axis`` (Lin et al. 2017).

    p_t is the probability of the true label. With ``apply_class_balancing``, positive rows weigh ``alpha``
    and the others ``1 - alpha``; without it ``alpha`` means nothing.
    """
    y = smoothed(y_true, label_smoothing)
    p = np.asarray(y_pred, np.float64)
    if from_logits:
        p = np.exp(-np.logaddexp(0.0, -p))
    losses = (1.0 - (y * p + (1.0 - y) * (1.0 - p))) ** gamma * of_probability(y, p)
    if apply_class_balancing:
        losses = losses * (y * alpha + (1.0 - y) * (1.0 - alpha))
    return np.asarray(np.mean(losses, axis=axis))


class BinaryFocalCrossentropy(Loss):
    """The focal cross-entropy (Lin et al. 2017).

    Args:
        apply_class_balancing: Whether positive rows weigh ``alpha`` and the others ``1 - alpha``.
        alpha: Above 0, below 1; without meaning without ``apply_class_balancing``.
        gamma: At least 0; 0 makes it the plain cross-entropy.
        from_logits: Whether the network ends in a logit, ``Dense(1)``, instead of a probability.
        label_smoothing: s in ``y (1 - s) + s / 2``; at least 0, below 1.
        axis: Only -1.
        reduction: Only the mean: "sum_over_batch_size", "mean" or Keras 2's "auto".
        name: Any.
        dtype: Only float32.
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = MEAN,
        name: str | None = "binary_focal_crossentropy",
        dtype: object = None,
    ) -> None:
        super().__init__(
            from_logits, label_smoothing, axis, reduction, name, "binary_focal_crossentropy", dtype
        )
        self.apply_class_balancing = flag(
            "BinaryFocalCrossentropy: apply_class_balancing", apply_class_balancing
        )
        self.alpha = real("BinaryFocalCrossentropy: alpha", alpha)
        if self.apply_class_balancing:
            real("BinaryFocalCrossentropy: alpha", alpha, above=0, below=1)
        self.gamma = real("BinaryFocalCrossentropy: gamma", gamma, low=0)

    def call(self, y_true: ArrayLike, y_pred: ArrayLike) -> NDArray[np.float64]:
        """The loss of each row; both arrays have the shape (rows, 1)."""
        return binary_focal_crossentropy(
            y_true,
            y_pred,
            self.apply_class_balancing,
            self.alpha,
            self.gamma,
            self.from_logits,
            self.label_smoothing,
        )

    def rows(self, target: NDArray[np.uint8], logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """The loss of each row given its logit, whichever of the two the network ends in; shape (rows,)."""
        return binary_focal_crossentropy(
            column(target),
            column(logits),
            self.apply_class_balancing,
            self.alpha,
            self.gamma,
            True,
            self.label_smoothing,
        )

    def recipe(self) -> recipe.FocalCrossentropy:
        """The same as part of a recipe."""
        return recipe.FocalCrossentropy(
            gamma=self.gamma,
            alpha=self.alpha if self.apply_class_balancing else None,
            label_smoothing=self.label_smoothing,
        )

    def get_config(self) -> Config:
        """The arguments of the loss, as Keras 3 writes them."""
        return {
            **super().get_config(),
            "apply_class_balancing": self.apply_class_balancing,
            "alpha": self.alpha,
            "gamma": self.gamma,
        }
