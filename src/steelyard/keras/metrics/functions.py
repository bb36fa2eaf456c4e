"""Metrics that are functions ``f(y_true, y_pred)``: the ones here, and the user's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.keras.codes import refuse
from steelyard.keras.metrics.confusion import Counts, count
from steelyard.keras.metrics.distance import BinaryCrossentropy, MeanSquaredError
from steelyard.keras.metrics.metric import Metric, Output, Target
from steelyard.keras.metrics.ranking import AUC
from steelyard.keras.serialized import snake_case


class MetricFunction(Protocol):
    """A user's function."""

    def __call__(self, y_true: NDArray[np.float32], y_pred: NDArray[np.float32], /) -> Any:
        """Both are (rows, 1), all rows of a set; the result is one number, or one per row, of which the
        mean is taken."""


def binary_accuracy(y_true: ArrayLike, y_pred: ArrayLike, threshold: float = 0.5) -> float:
    """Share of rows predicted right."""
    return _counts(y_true, y_pred, threshold).accuracy


def precision(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Share of positives among rows with a probability above 0.5; 0 if there are none.

    >>> precision([0, 1, 1], [0.9, 0.8, 0.3])
    0.5
    """
    return _counts(y_true, y_pred).precision


def recall(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Share of positives with a probability above 0.5; NaN without positives."""
    return _counts(y_true, y_pred).recall


def f1(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Harmonic mean of precision and recall at 0.5; NaN without positives."""
    return _counts(y_true, y_pred).f_beta(1.0)


def auc(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Area under the ROC curve; NaN if only one class is present."""
    return AUC().result(_labels(y_true), _outputs(y_pred))


def binary_crossentropy(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Log loss of probabilities, in nats."""
    return BinaryCrossentropy().result(_labels(y_true), _outputs(y_pred))


def mean_squared_error(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Brier score, if ``y_pred`` are probabilities."""
    return MeanSquaredError().result(_labels(y_true), _outputs(y_pred))


class FunctionMetric(Metric):
    """A user's function as a metric, under the function's name."""

    def __init__(self, function: MetricFunction, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name or function_name(function), dtype)
        self.function = function

    def result(self, target: Target, output: Output) -> float:
        """What the function returns; the mean of it if that is one number per row."""
        y_true = target.astype(np.float32).reshape(-1, 1)
        y_pred = output.reshape(-1, 1)
        # Backends of Keras divide by zero and take logarithms of it in silence; so does a metric here.
        with np.errstate(all="ignore"):
            try:
                value = np.asarray(self.function(y_true, y_pred))
            except Exception as error:  # a stranger's code may raise anything: say which function did
                raise self._refusal(f"raised {type(error).__name__}: {error}") from error
        if value.dtype.kind not in "fiub":
            raise self._refusal(f"returned {value.dtype} and not a number")
        if value.size not in (1, len(target)):
            raise self._refusal(f"returned an array of shape {value.shape}")
        return float(value.mean())

    def _refusal(self, what: str) -> Exception:
        return refuse(
            "K225",
            f"metric {self.name!r}: the function {what}. A metric function is called as f(y_true, y_pred) "
            "with float32 numpy arrays of shape (rows, 1), all rows of a set at once, and returns one "
            "number, or one per row",
        )


def function_name(function: Callable[..., Any]) -> str:
    """As Keras names it: its own name in snake case; the class' for an object that can be called."""
    return snake_case(getattr(function, "__name__", type(function).__name__))


def _counts(y_true: ArrayLike, y_pred: ArrayLike, threshold: float = 0.5) -> Counts:
    return count(_labels(y_true), _outputs(y_pred), threshold)


def _labels(y_true: ArrayLike) -> Target:
    return np.asarray(y_true).reshape(-1).astype(np.uint8)


def _outputs(y_pred: ArrayLike) -> Output:
    return np.asarray(y_pred, dtype=np.float32).reshape(-1)
