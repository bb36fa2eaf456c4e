"""Scores against formulas written out, and what is undefined."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.errors import DataError
from steelyard.metrics import score

rows = st.lists(st.tuples(st.booleans(), st.floats(0.0, 1.0), st.integers(1, 4)), min_size=1, max_size=40)


@settings(max_examples=40, deadline=None)
@given(rows)
def test_scores_are_their_definitions(table: list[tuple[bool, float, int]]) -> None:
    y = np.array([label for label, _, _ in table], np.uint8)
    p = np.array([probability for _, probability, _ in table])
    found = score(y, p)
    n, positives = len(y), int(y.sum())
    assert (found.rows, found.positives) == (n, positives)
    assert found.base_rate == pytest.approx(positives / n)
    assert found.brier == pytest.approx(np.mean((p - y) ** 2))
    clipped = np.clip(p, np.finfo(np.float64).eps, 1 - np.finfo(np.float64).eps)
    assert found.log_loss == pytest.approx(-np.mean(np.where(y, np.log(clipped), np.log1p(-clipped))))
    predicted = p > 0.5
    right = int((predicted & (y == 1)).sum())
    assert found.accuracy == pytest.approx(np.mean(predicted == y))
    assert found.precision == pytest.approx(right / max(1, predicted.sum()))
    if positives:
        assert found.recall == pytest.approx(right / positives)
        assert found.f1 == pytest.approx(2 * right / (predicted.sum() + positives))
    if 0 < positives < n:
        pairs = np.sign(p[y == 1][:, None] - p[y == 0][None, :])
        assert found.roc_auc == pytest.approx(np.mean((pairs + 1) / 2))
        assert found.average_precision == pytest.approx(_average_precision(y, p))


def _average_precision(y: np.ndarray, p: np.ndarray) -> float:
    total, reached = 0.0, 0
    for threshold in np.unique(p)[::-1]:
        taken = p >= threshold
        right = int(y[taken].sum())
        total += (right - reached) / y.sum() * right / taken.sum()
        reached = right
    return total


@settings(max_examples=40, deadline=None)
@given(rows)
def test_a_weight_is_a_number_of_copies(table: list[tuple[bool, float, int]]) -> None:
    y = np.array([label for label, _, _ in table], np.uint8)
    p = np.array([probability for _, probability, _ in table])
    w = np.array([weight for _, _, weight in table])
    weighted, repeated = score(y, p, w), score(np.repeat(y, w), np.repeat(p, w))
    for name in (
        "roc_auc",
        "average_precision",
        "log_loss",
        "brier",
        "base_rate",
        "accuracy",
        "precision",
        "f1",
    ):
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name), nan_ok=True), name
    assert (weighted.rows, weighted.positives) == (len(y), int(y.sum()))


def test_the_base_rate_reaches_its_own_floors() -> None:
    y = np.array([1] * 3 + [0] * 57)
    found = score(y, np.full(60, 3 / 60))
    assert found.log_loss == pytest.approx(found.base_rate_entropy)
    assert found.average_precision == pytest.approx(found.base_rate)
    assert found.roc_auc == 0.5


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_leaves_some_scores_undefined_without_a_warning(label: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = score(np.full(4, label), np.array([0.1, 0.2, 0.3, 0.4]))
    assert math.isnan(found.roc_auc)
    for name in ("average_precision", "recall", "f1"):
        assert math.isnan(getattr(found, name)) == (label == 0), name
    assert found.precision == 0.0
    assert found.base_rate_entropy == 0.0
    assert math.isfinite(found.log_loss)


def test_exactly_one_half_is_not_positive() -> None:
    assert score([1, 0], [0.5, 0.2]).recall == 0.0


@pytest.mark.parametrize(
    ("target", "probability", "weights", "message"),
    [
        ([], [], None, "no rows"),
        ([0, 1], [0.5], None, r"target \(2,\), probability \(1,\)"),
        ([0, 2], [0.5, 0.5], None, "0 and 1 only"),
        ([0, 1], [0.5, math.nan], None, r"\[0, 1\]"),
        ([0, 1], [0.5, 1.5], None, r"\[0, 1\]"),
        ([0, 1], [0.5, 0.5], [1, -1], "not negative"),
        ([0, 1], [0.5, 0.5], [0, 0], "not all zero"),
    ],
)
def test_what_cannot_be_scored_is_refused(
    target: list[int], probability: list[float], weights: list[float] | None, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        score(target, probability, weights)
