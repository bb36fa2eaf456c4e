"""The cross-entropy of adjusted logits (Menon et al. 2021); Keras has no such loss."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit

from steelyard.keras.checks import real
from steelyard.keras.codes import refuse
from steelyard.keras.losses.crossentropy import EPSILON, binary_crossentropy
from steelyard.keras.losses.loss import MEAN, Loss, column
from steelyard.keras.serialized import Config
from steelyard.recipe import loss as recipe


class LogitAdjustedBinaryCrossentropy(Loss):
    """The cross-entropy of ``z + tau * log(pi / (1 - pi))``, z the logit and pi the base rate.

    The network learns what the base rate does not explain: with ``tau`` 1 its bare output ranks and decides
    as if both classes were equally common, and 0.5 is the threshold of balanced accuracy.
    ``steelyard.prior.restate(p, from_rate=0.5, to_rate=y.mean())`` makes natural probabilities of it.

    Args:
        tau: How much of the base rate is taken out: 0 makes it the plain cross-entropy.
        base_rate: Share of positives among the training rows, above 0 and below 1. ``fit`` puts in that of
            the rows it trains on, whatever is given; it is for ``evaluate`` without ``fit``.
        from_logits: Whether the network ends in a logit, ``Dense(1)``, instead of a probability.
        label_smoothing: s in ``y (1 - s) + s / 2``; at least 0, below 1.
        axis: Only -1.
        reduction: Only the mean: "sum_over_batch_size", "mean" or Keras 2's "auto".
        name: Any.
        dtype: Only float32.

    Raises K256 where a loss is asked for and the base rate is not known.
    """

    in_keras = False

    def __init__(
        self,
        tau: float = 1.0,
        base_rate: float | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = MEAN,
        name: str | None = "logit_adjusted_binary_crossentropy",
        dtype: object = None,
    ) -> None:
        default_name = "logit_adjusted_binary_crossentropy"
        super().__init__(from_logits, label_smoothing, axis, reduction, name, default_name, dtype)
        self.tau = real("LogitAdjustedBinaryCrossentropy: tau", tau)
        self.base_rate = (
            None
            if base_rate is None
            else real("LogitAdjustedBinaryCrossentropy: base_rate", base_rate, above=0, below=1)
        )

    def call(self, y_true: ArrayLike, y_pred: ArrayLike) -> NDArray[np.float64]:
        """The loss of each row; both arrays have the shape (rows, 1)."""
        z = np.asarray(y_pred, np.float64)
        if not self.from_logits:
            z = logit(np.clip(z, EPSILON, 1.0 - EPSILON))
        return binary_crossentropy(y_true, z + self._shift(), True, self.label_smoothing)

    def rows(self, target: NDArray[np.uint8], logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """The loss of each row given its logit, whichever of the two the network ends in; shape (rows,)."""
        return binary_crossentropy(column(target), column(logits) + self._shift(), True, self.label_smoothing)

    def fitted_to(self, base_rate: float) -> LogitAdjustedBinaryCrossentropy:
        """The loss for training rows of which this share is positive."""
        return LogitAdjustedBinaryCrossentropy.from_config({**self.get_config(), "base_rate": base_rate})

    def recipe(self) -> recipe.LogitAdjusted:
        """The same as part of a recipe."""
        return recipe.LogitAdjusted(tau=self.tau, label_smoothing=self.label_smoothing)

    def get_config(self) -> Config:
        """The arguments of the loss."""
        return {**super().get_config(), "tau": self.tau, "base_rate": self.base_rate}

    def _shift(self) -> float:
        if self.base_rate is None:
            raise refuse(
                "K256",
                f"{self.name} does not know the base rate to adjust logits by",
                "Call fit first, or give LogitAdjustedBinaryCrossentropy(base_rate=y_train.mean()).",
            )
        return self.tau * math.log(self.base_rate / (1.0 - self.base_rate))
