"""Losses by Keras' names (``keras/src/losses/losses.py``): those of a label that is 0 or 1.

The engine computes losses from the logit, which loses nothing to rounding where a probability is close to 0
or 1; Keras clips probabilities to [1e-7, 1 - 1e-7]. The functions here are numpy, as Keras defines them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.errors import SteelyardError, did_you_mean
from steelyard.keras.checks import default_only, flag, import_hint, listed, real
from steelyard.keras.codes import refuse
from steelyard.keras.serialized import Config, arguments, read_form, serialized
from steelyard.recipe import loss as recipe

EPSILON = 1e-7
"""Keras keeps probabilities this far from 0 and 1."""
MEAN = "sum_over_batch_size"
"""The only reduction: the sum over the rows, weighted if they are, divided by their number."""


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
    y = _smoothed(y_true, label_smoothing)
    if from_logits:
        z = np.asarray(y_pred, np.float64)
        return np.asarray(np.mean(np.logaddexp(0.0, z) - y * z, axis=axis))
    return np.asarray(np.mean(_crossentropy(y, np.asarray(y_pred, np.float64)), axis=axis))


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
    y = _smoothed(y_true, label_smoothing)
    p = np.asarray(y_pred, np.float64)
    if from_logits:
        p = np.exp(-np.logaddexp(0.0, -p))
    losses = (1.0 - (y * p + (1.0 - y) * (1.0 - p))) ** gamma * _crossentropy(y, p)
    if apply_class_balancing:
        losses = losses * (y * alpha + (1.0 - y) * (1.0 - alpha))
    return np.asarray(np.mean(losses, axis=axis))


class Loss(ABC):
    """Common ground of the losses of this module; not for subclassing.

    Attributes:
        name: As given.
        from_logits: Whether the network ends in a logit instead of a probability.
        label_smoothing: At least 0, below 1.
    """

    def __init_subclass__(cls) -> None:
        if cls.__module__ != __name__:
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
        losses = self.call(_column(y_true), _column(y_pred))
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
        return binary_crossentropy(_column(target), _column(logits), True, self.label_smoothing)

    @property
    def is_plain(self) -> bool:
        """Whether it is the cross-entropy of labels as they are, the loss that every run records."""
        return self.label_smoothing == 0.0

    def recipe(self) -> recipe.BinaryCrossentropy:
        """The same as part of a recipe."""
        return recipe.BinaryCrossentropy(label_smoothing=self.label_smoothing)


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
            _column(target),
            _column(logits),
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


_NAMES: Mapping[str, type[BinaryCrossentropy] | type[BinaryFocalCrossentropy]] = {
    "binary_crossentropy": BinaryCrossentropy,
    "BinaryCrossentropy": BinaryCrossentropy,
    "bce": BinaryCrossentropy,
    "BCE": BinaryCrossentropy,
    "binary_focal_crossentropy": BinaryFocalCrossentropy,
    "BinaryFocalCrossentropy": BinaryFocalCrossentropy,
}
"""What people write, and the class they mean."""

_REASONS: Mapping[str, str] = {
    (
        "a label of two classes needs one output: end with Dense(1, activation='sigmoid') and write "
        "loss='binary_crossentropy', with labels 0 and 1"
    ): (
        "categorical_crossentropy CategoricalCrossentropy sparse_categorical_crossentropy "
        "SparseCategoricalCrossentropy categorical_focal_crossentropy CategoricalFocalCrossentropy "
        "categorical_generalized_cross_entropy CategoricalGeneralizedCrossEntropy categorical_hinge "
        "CategoricalHinge"
    ),
    "the label is 0 or 1: write loss='binary_crossentropy'": (
        "mean_squared_error MeanSquaredError mse MSE mean_absolute_error MeanAbsoluteError mae  MAE "
        "mean_absolute_percentage_error MeanAbsolutePercentageError mape MAPE "
        "mean_squared_logarithmic_error MeanSquaredLogarithmicError msle MSLE huber Huber huber_loss "
        "log_cosh  logcosh LogCosh poisson Poisson kl_divergence kullback_leibler_divergence KLDivergence "
        "kld KLD  cosine_similarity CosineSimilarity ctc CTC"
    ),
    "labels are 0 and 1 and the output is a probability: write loss='binary_crossentropy'": (
        "hinge Hinge squared_hinge SquaredHinge circle Circle"
    ),
    "for a rare class write loss=BinaryFocalCrossentropy(), or class_weight in fit": (
        "dice Dice tversky Tversky"
    ),
}
"""Losses that Keras 2 or 3 has and we do not, by what to write instead."""
_OTHERS: Mapping[str, str] = {name: reason for reason, names in _REASONS.items() for name in names.split()}


def get(identifier: object) -> Loss:
    """The loss meant by a name, a function or class of this module, an instance or a configuration.

    Anything else is refused with K207.
    """
    if isinstance(identifier, Loss):
        return identifier
    if isinstance(identifier, Mapping):
        name, config = read_form("loss", identifier)
        if name != "function":
            if name not in _NAMES:
                raise _unknown(name)
            return _NAMES[name].from_config(config)
        identifier = config
    if isinstance(identifier, str):
        if identifier not in _NAMES:
            raise _unknown(identifier)
        return _NAMES[identifier]()
    if identifier is binary_crossentropy or identifier is BinaryCrossentropy:
        return BinaryCrossentropy()
    if identifier is binary_focal_crossentropy or identifier is BinaryFocalCrossentropy:
        return BinaryFocalCrossentropy()
    if identifier is None:
        raise refuse("K207", "loss is None; a network needs one to be trained")
    raise _unknown(identifier)


def serialize(loss: Loss) -> Config:
    """Keras 3's serialized form."""
    return serialized("keras.losses", type(loss).__name__, loss.get_config())


def deserialize(config: Mapping[str, Any] | str) -> Loss:
    """The inverse of :func:`serialize`; reads Keras 2's form and names too."""
    return get(config)


def _unknown(found: object) -> SteelyardError:
    name = found if isinstance(found, str) else getattr(found, "__name__", type(found).__name__)
    names = f"there are {listed(['BinaryCrossentropy', 'BinaryFocalCrossentropy'])}"
    if name in _OTHERS:
        return refuse("K207", f"loss {name!r} is not supported; {names}", _OTHERS[name])
    if not isinstance(found, str):
        help = import_hint(found, _NAMES, "steelyard.keras.losses")
        return refuse("K207", f"loss {name} is Python code, which the engine cannot run; {names}", help)
    return refuse("K207", f"loss {name!r} is not supported{did_you_mean(name, _NAMES)}; {names}")


def _column(values: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(values, np.float64).reshape(-1, 1)


def _smoothed(y_true: ArrayLike, smoothing: float) -> NDArray[np.float64]:
    return np.asarray(y_true, np.float64) * (1.0 - smoothing) + 0.5 * smoothing


def _crossentropy(y: NDArray[np.float64], p: NDArray[np.float64]) -> NDArray[np.float64]:
    p = np.clip(p, EPSILON, 1.0 - EPSILON)
    return -(y * np.log(p) + (1.0 - y) * np.log1p(-p))


# Type checkers must not see this function: to them it would make every misspelt name an attribute.
if not TYPE_CHECKING:

    def __getattr__(name):
        if name in _OTHERS:
            raise _unknown(name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
