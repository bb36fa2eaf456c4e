"""Weights of rows and of classes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from steelyard import DataError, RecipeError
from steelyard.sklearn.rows import rows_that_count
from tests.sklearn.problems import customers, quick, rare


@pytest.mark.parametrize("class_weight", [None, "balanced", "square_root"])
def test_a_weight_is_so_many_copies(class_weight: str | None) -> None:
    X, y = rare(300)
    weights = np.random.default_rng(0).integers(0, 4, len(y))
    rows = np.repeat(np.arange(len(y)), weights)
    weighted = quick(class_weight=class_weight).fit(X, y, sample_weight=weights)
    repeated = quick(class_weight=class_weight).fit(X[rows], y[rows])
    np.testing.assert_array_equal(weighted.decision_function(X), repeated.decision_function(X))


def test_the_split_names_weighted_rows_of_x() -> None:
    X, y = rare(300)
    weights = np.random.default_rng(0).integers(0, 4, len(y))
    split = quick().fit(X, y, sample_weight=weights).run_.split
    np.testing.assert_array_equal(np.bincount([*split.train, *split.validation], minlength=len(y)), weights)
    half = weights / 2 + 0.25 * (weights > 0)
    split = quick().fit(X, y, sample_weight=half).run_.split
    np.testing.assert_array_equal(np.sort([*split.train, *split.validation]), np.flatnonzero(weights))


def test_a_weight_is_so_many_copies_in_a_frame() -> None:
    frame, y = customers(300)
    weights = np.random.default_rng(0).integers(0, 4, len(y))
    rows = np.repeat(np.arange(len(y)), weights)
    weighted = quick().fit(frame, y, sample_weight=pd.Series(weights))
    repeated = quick().fit(frame.iloc[rows], y.iloc[rows])
    np.testing.assert_array_equal(weighted.decision_function(frame), repeated.decision_function(frame))


def test_no_fraction_of_a_row_of_weight_zero_is_left() -> None:
    X, y = rare(400)
    weights = np.random.default_rng(0).random(len(y)) + 0.5
    nothing = np.arange(len(y)) % 5 == 0
    X[nothing] *= 1e6
    weights[nothing] = 0.0
    with_them = quick().fit(X, y, sample_weight=weights)
    without = quick().fit(X[~nothing], y[~nothing], sample_weight=weights[~nothing])
    np.testing.assert_array_equal(with_them.decision_function(X), without.decision_function(X))


def test_the_scale_of_fractional_weights_does_not_matter() -> None:
    X, y = rare()
    weights = np.random.default_rng(0).random(len(y)) + 0.5
    small, large = (quick().fit(X, y, sample_weight=factor * weights) for factor in (1.0, 4096.0))
    np.testing.assert_array_equal(small.decision_function(X), large.decision_function(X))


def test_fractional_weights_shift_the_base_rate() -> None:
    """As they do in logistic regression."""
    X, y = rare(2000)
    weights = np.where(y == 1, 2.5, 0.5)
    shifts = []
    for model in (quick(epochs=40), LogisticRegression()):
        plain = model.fit(X, y).decision_function(X).mean()
        shifts.append(model.fit(X, y, sample_weight=weights).decision_function(X).mean() - plain)
    assert shifts[0] == pytest.approx(shifts[1], rel=0.5) and shifts[0] > 0.5


def test_copies_have_a_limit() -> None:
    """Weights that count people by the thousand must not make the table thousands of times as long."""
    rows, weights = rows_that_count(np.array([1000.0, 3000.0]))
    assert rows.tolist() == [0, 1]
    assert weights is not None and weights.tolist() == [0.5, 1.5]


def test_class_weight_by_label_is_a_weight_of_its_rows() -> None:
    X, y = rare()
    labels = np.array(["no", "yes"])[y]
    model = quick(class_weight={"yes": 3.0}).fit(X, labels)
    assert model.recipe_.imbalance.class_weight.model_dump() == {"negative": 1.0, "positive": 3.0}
    plain = quick().fit(X, labels)
    assert (
        model.predict_proba(X, raw=True)[:, 1].mean() > plain.predict_proba(X, raw=True)[:, 1].mean() + 0.03
    )


@pytest.mark.parametrize(
    ("labels", "key"), [((0.0, 1.0), 1), ((False, True), True), (("0", "1"), "1"), ((-1, 1), 1)]
)
def test_class_weight_finds_its_label(labels: tuple[object, object], key: object) -> None:
    X, y = rare(200)
    model = quick(class_weight={key: 2}).fit(X, np.array(labels)[y])
    assert model.recipe_.imbalance.class_weight.positive == 2


def test_class_weight_of_an_unknown_label() -> None:
    X, y = rare(200)
    with pytest.raises(RecipeError, match=r"class_weight: y has no label 'Yes' .did you mean 'yes'"):
        quick(class_weight={"Yes": 2}).fit(X, np.array(["no", "yes"])[y])


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (-1.0, "Negative values"),
        (np.nan, "NaN"),
        (np.inf, "infinity"),
        (0.0, "non-zero"),
    ],
)
def test_weights_that_make_no_sense(weights: float, said: str) -> None:
    X, y = rare(100)
    with pytest.raises(ValueError, match=said) as caught:
        quick().fit(X, y, sample_weight=np.full(len(y), weights))
    assert not isinstance(caught.value, DataError)


def test_one_class_left() -> None:
    X, y = rare(100)
    with pytest.raises(ValueError, match="Only one class is left"):
        quick().fit(X, y, sample_weight=y)
