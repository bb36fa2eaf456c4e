"""What all losses have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.keras.checks import default_only, flag, real
from steelyard.keras.codes import refuse
from steelyard.keras.serialized import Config, arguments
from steelyard.recipe import loss as recipe

MEAN = "sum_over_batch_size"
"""The only reduction: the sum over the rows, weighted if they are, divided by their number."""


def column(values: ArrayLike) -> NDArray[np.float64]:
    """Values of rows as float64 (rows, 1)."""
    return np.asarray(values, np.float64).reshape(-1, 1)


class Loss(ABC):
    """Common ground of the losses here; not for subclassing.

    Attributes:
        name: As given.
        from_logits: Whether the network ends in a logit instead of a probability.
        label_smoothing: At least 0, below 1.
    """

    in_keras: ClassVar[bool] = True
    """Whether Keras has it too, and so can read its configuration."""

    def __init_subclass__(cls) -> None:
        if not cls.__module__.startswith(f"{__package__}."):
            raise refuse("K207", f"class {cls.__name__}(Loss): the engine cannot run a loss in Python")

    def __init__(
        self,
        from_logits: bool,
        label_smoothing: float,
        axis: int,
        reduction: str | None,
        name: str | None,
        default_name: str,
        dtype: object,
    ) -> None:
        kind = type(self).__name__
        self.from_logits = flag(f"{kind}: from_logits", from_logits)
        self.label_smoothing = real(f"{kind}: label_smoothing", label_smoothing, low=0, below=1)
        self.name = name or default_name
        default_only("K209", f"{kind}: axis", axis, -1, 1, why="there is one output, in the last dimension")
        default_only(
            "K209",
            f"{kind}: reduction",
            reduction,
            MEAN,
            "mean",
            "auto",
            why="gradients are means over the rows of a batch",
            help=f"Leave it out, or write reduction={MEAN!r}.",
        )
        self.axis = -1
        self.reduction = MEAN
        default_only("K209", f"{kind}: dtype", dtype, None, "float32", why="the engine computes in float32")

    @abstractmethod
    def call(self, y_true: ArrayLike, y_pred: ArrayLike) -> NDArray[np.float64]:
        """The loss of each row; both arrays have the shape (rows, 1)."""

    def __call__(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """The mean of the (weighted) losses of rows."""
        losses = self.call(column(y_true), column(y_pred))
        if sample_weight is not None:
            losses = losses * np.asarray(sample_weight, np.float64).reshape(-1)
        return float(np.mean(losses))

    @abstractmethod
    def rows(self, target: NDArray[np.uint8], logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """The loss of each row given its logit, whichever of the two the network ends in; shape (rows,)."""

    @property
    def is_plain(self) -> bool:
        """Whether it is the cross-entropy of labels as they are, the loss that every run records."""
        return False

    def fitted_to(self, base_rate: float) -> Loss:
        """The loss for training rows of which this share is positive; the same, unless it depends on it."""
        return self

    @abstractmethod
    def recipe(self) -> recipe.Loss:
        """The same as part of a recipe."""

    def get_config(self) -> Config:
        """The arguments of the loss, as Keras 3 writes them."""
        return {
            "name": self.name,
            "reduction": self.reduction,
            "from_logits": self.from_logits,
            "label_smoothing": self.label_smoothing,
            "axis": self.axis,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`get_config`; reads Keras 2's configurations too."""
        # Keras 2 wrote the name of the function beside the class.
        return cls(**arguments(f"loss {cls.__name__}", cls.__init__, config, ignored=("fn",)))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} from_logits={self.from_logits}>"
