"""Metric functions of old notebooks, written with keras.backend, on numpy."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from steelyard.errors import RecipeError
from steelyard.keras import backend as K
from steelyard.keras import metrics


def precision(y_true: Any, y_pred: Any) -> Any:
    """From Keras 1, and hundreds of notebooks since."""
    true_positives = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
    predicted_positives = K.sum(K.round(K.clip(y_pred, 0, 1)))
    return true_positives / (predicted_positives + K.epsilon())


def recall(y_true: Any, y_pred: Any) -> Any:
    true_positives = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
    possible_positives = K.sum(K.round(K.clip(y_true, 0, 1)))
    return true_positives / (possible_positives + K.epsilon())


def f1(y_true: Any, y_pred: Any) -> Any:
    p, r = precision(y_true, y_pred), recall(y_true, y_pred)
    return 2 * (p * r) / (p + r + K.epsilon())


def matthews_correlation(y_true: Any, y_pred: Any) -> Any:
    predicted = K.round(K.clip(y_pred, 0, 1))
    positive = K.round(K.clip(y_true, 0, 1))
    tp, tn = K.sum(positive * predicted), K.sum((1 - positive) * (1 - predicted))
    fp, fn = K.sum((1 - positive) * predicted), K.sum(positive * (1 - predicted))
    return (tp * tn - fp * fn) / (K.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)) + K.epsilon())


def binary_accuracy(y_true: Any, y_pred: Any) -> Any:
    return K.mean(K.equal(y_true, K.round(y_pred)), axis=-1)


def focal_loss(y_true: Any, y_pred: Any, gamma: float = 2.0, alpha: float = 0.25) -> Any:
    y_pred = K.clip(y_pred, K.epsilon(), 1.0 - K.epsilon())
    p_t = K.switch(K.equal(y_true, 1), y_pred, 1 - y_pred)
    factor = K.ones_like(y_true) * alpha
    a_t = K.switch(K.equal(y_true, 1), factor, 1 - factor)
    return K.mean(-a_t * K.pow(1 - p_t, gamma) * K.log(p_t))


@given(
    target=st.lists(st.integers(0, 1), min_size=2, max_size=40),
    seed=st.integers(0, 10**6),
)
def test_metric_functions_of_notebooks(target: list[int], seed: int) -> None:
    y = np.array(target, np.uint8)
    p = np.random.default_rng(seed).uniform(0.001, 0.999, len(y)).astype(np.float32)
    counts = metrics.confusion.count(y, p, 0.5)
    tp, fp, tn, fn = (
        counts.true_positives,
        counts.false_positives,
        counts.true_negatives,
        counts.false_negatives,
    )

    def value(function: Any) -> float:
        return metrics.get(function).result(y, p)

    assert value(precision) == pytest.approx(tp / max(tp + fp, 1), abs=1e-6)
    assert value(recall) == pytest.approx(tp / max(tp + fn, 1), abs=1e-6)
    assert value(f1) == pytest.approx(2 * tp / max(2 * tp + fp + fn, 1), abs=1e-5)
    assert value(binary_accuracy) == pytest.approx(counts.accuracy, abs=1e-6)
    divisor = ((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)) ** 0.5
    assert value(matthews_correlation) == pytest.approx((tp * tn - fp * fn) / max(divisor, 1e-7), abs=1e-5)
    p_t = np.where(y == 1, p, 1 - p.astype(np.float64))
    expected = np.mean(np.where(y == 1, 0.25, 0.75) * (1 - p_t) ** 2 * -np.log(p_t))
    assert value(focal_loss) == pytest.approx(expected, rel=1e-4)


X = np.array([[0.5, -1.5], [2.5, 0.0]], np.float32)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (K.round(X), [[0, -2], [2, 0]]),
        (K.sqrt(X), np.sqrt([[0.5, 0], [2.5, 0]])),
        (K.mean(X > 0), 0.5),
        (K.max(X, axis=0), [2.5, 0]),
        (K.min(X, axis=[0, 1]), -1.5),
        (K.prod(X + 2), 2.5 * 0.5 * 4.5 * 2),
        (K.std(X, axis=1), [1, 1.25]),
        (K.var(X, axis=1, keepdims=True), [[1], [1.5625]]),
        (K.any(X > 2), True),
        (K.all(X > -2), True),
        (K.argmax(X), [0, 0]),
        (K.argmin(X, axis=0), [0, 0]),
        (K.cumsum(X), [[0.5, -1.5], [3, -1.5]]),
        (K.abs(X), [[0.5, 1.5], [2.5, 0]]),
        (K.square(X), [[0.25, 2.25], [6.25, 0]]),
        (K.exp(np.zeros(2, np.int32)), [1, 1]),
        (K.sign(X), [[1, -1], [1, 0]]),
        (K.sigmoid([-1000.0, 0.0, 1000.0]), [0, 0.5, 1]),
        (K.not_equal(X, 0.5), [[False, True], [True, True]]),
        (K.greater(X, 0), [[True, False], [True, False]]),
        (K.greater_equal(X, 0), [[True, False], [True, True]]),
        (K.less(X, 0), [[False, True], [False, False]]),
        (K.less_equal(X, 0), [[False, True], [False, True]]),
        (K.maximum(X, 0), [[0.5, 0], [2.5, 0]]),
        (K.minimum(X, 0), [[0, -1.5], [0, 0]]),
        (K.cast_to_floatx([True, False]), [1, 0]),
        (K.constant(2, shape=(2,)), [2, 2]),
        (K.zeros((1, 2)), [[0, 0]]),
        (K.ones(2), [1, 1]),
        (K.zeros_like(X), np.zeros((2, 2))),
        (K.flatten(X), [0.5, -1.5, 2.5, 0]),
        (K.reshape(X, (4, 1)), [[0.5], [-1.5], [2.5], [0]]),
        (K.expand_dims(X[0]), [[0.5], [-1.5]]),
        (K.squeeze(X[:1], 0), [0.5, -1.5]),
        (K.transpose(X), [[0.5, 2.5], [-1.5, 0]]),
        (K.concatenate([X, X], axis=0), [[0.5, -1.5], [2.5, 0], [0.5, -1.5], [2.5, 0]]),
        (K.stack([X[0], X[1]]), X),
        (K.dot(X, X), X @ X),
        (K.binary_crossentropy([1.0, 0.0], [0.5, 0.0]), [np.log(2), 0]),
        (K.binary_crossentropy([1.0, 0.0], [0.0, 0.0], from_logits=True), [np.log(2), np.log(2)]),
        (K.shape(X), (2, 2)),
        (K.int_shape(X), (2, 2)),
        (K.ndim(X), 2),
    ],
)
def test_functions(found: NDArray[Any], expected: Any) -> None:
    np.testing.assert_allclose(found, expected, atol=2e-7)


def test_float32_stays_float32() -> None:
    for array in (
        K.sum(X),
        K.mean(X),
        K.mean(X > 0),
        K.round(X),
        K.clip(X, 0, 1),
        K.pow(X, 2),
        K.sqrt(X),
        K.log(X + 2),
    ):
        assert K.dtype(array) == "float32" == K.floatx()
    assert K.dtype(K.cast(X, "int32")) == "int32"


def test_set_value_needs_something_that_can_be_set() -> None:
    class Rate(float):
        def assign(self, value: float) -> None:
            assigned.append(value)

    assigned: list[float] = []
    K.set_value(Rate(0.1), 0.05)
    assert assigned == [0.05]
    assert K.get_value(Rate(0.1)) == 0.1
    with pytest.raises(
        RecipeError, match=r"^K229: set_value: float .*(?s:.)*model\.optimizer\.learning_rate = "
    ):
        K.set_value(0.1, 0.05)


@pytest.mark.parametrize("name", ["variable", "function", "get_session", "learning_phase"])
def test_what_is_not_here_says_so(name: str) -> None:
    with pytest.raises(RecipeError, match=rf"^K229: backend\.{name} is not supported"):
        getattr(importlib.import_module("steelyard.keras.backend"), name)
    assert not hasattr(K, "no_such_function")
