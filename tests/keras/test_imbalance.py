"""What fit is told about a rare class: as the recipe has it, and refused where it cannot be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from steelyard.errors import DataError, RecipeError, SteelyardWarning
from steelyard.keras import Sequential
from steelyard.keras.imbalance import imbalance_of
from steelyard.keras.layers import Dense
from steelyard.keras.losses import LogitAdjustedBinaryCrossentropy
from steelyard.recipe import imbalance
from steelyard.recipe.imbalance import ClassWeight
from tests.keras.twins import table

ROWS = table()


def compiled(loss: Any = "binary_crossentropy") -> Sequential:
    model = Sequential([Dense(1, activation="sigmoid", input_dim=5)])
    model.compile("adam", loss)
    return model


def test_class_weights() -> None:
    assert imbalance_of(None).class_weight == "none"
    assert imbalance_of({0: 0.5, np.int64(1): 9}).class_weight == ClassWeight(negative=0.5, positive=9.0)
    assert imbalance_of({0.0: 1, 1.0: 2}).class_weight == ClassWeight(negative=1.0, positive=2.0)


@pytest.mark.parametrize("given", [np.array([0.5, 9.0]), [0.5, 9.0], (0.5, 9)])
def test_an_array_is_read_in_the_order_of_the_classes(given: Any) -> None:
    with pytest.warns(SteelyardWarning, match=r"K101: class_weight is an array.*\{0: 0\.5, 1: 9\}.*Keras 2"):
        imbalance = imbalance_of(given)
    assert imbalance.class_weight == ClassWeight(negative=0.5, positive=9.0)


def test_a_missing_class_weighs_1() -> None:
    with pytest.warns(
        SteelyardWarning, match=r"K102: class_weight names class 1 only \(9\); class 0 weighs 1"
    ):
        imbalance = imbalance_of({1: 9})
    assert imbalance.class_weight == ClassWeight(negative=1.0, positive=9.0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"0": 1, "1": 9}, "the keys '0', '1'; the classes are 0 and 1"),
        ({0: 1, 2: 9}, "the keys 0, 2"),
        ({}, "the keys of no class"),
        ({0: 1, 1: -1}, r"class_weight\[1\] is -1; needs a number above 0"),
        ({0: 1, 1: float("nan")}, r"class_weight\[1\] is nan"),
        ({0: "1", 1: 2}, r"class_weight\[0\] is '1'"),
        ([1.0, 2.0, 3.0], r"a list of shape \(3,\)"),
        (
            "balance",
            "is 'balance'.*did you mean 'balanced'.*by name there are 'balanced', 'square_root', 'none'",
        ),
        ("sqrt", "is 'sqrt'.*by name there are"),
    ],
)
def test_class_weights_that_cannot_be_used(given: Any, message: str) -> None:
    with pytest.raises(RecipeError, match=f"K254.*{message}"):
        imbalance_of(given)


@pytest.mark.parametrize("name", ["balanced", "square_root", "none"])
def test_class_weights_by_name(name: str) -> None:
    assert imbalance_of(name).class_weight == name


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (None, imbalance.NoResampling()),
        ("none", imbalance.NoResampling()),
        ("smote", imbalance.SMOTE()),
        ({"name": "random_under_sampling", "ratio": 0.5}, imbalance.RandomUnderSampling(ratio=0.5)),
        (imbalance.BalancedBatches(positive_share=0.2), imbalance.BalancedBatches(positive_share=0.2)),
    ],
)
def test_resampling_by_name_settings_or_record(given: Any, wanted: object) -> None:
    found = imbalance_of(None, given)
    assert found.resampling == wanted
    assert not found.correct_prior, "Keras leaves its outputs as they are"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("smot", r"^K258: fit: resampling.*'smot'.*did you mean 'smote'"),
        ({"name": "smote", "ratio": 2}, r"^K258: fit: resampling\.(smote\.)?ratio.*found 2"),
        ({"name": "smote", "neighbours": 2}, r"^K258: fit: resampling.*neighbours"),
        (3, r"^K258: fit: resampling is a int; needs the name of a method"),
        (object(), r"^K258: fit: resampling is a object"),
    ],
)
def test_resampling_that_is_none(given: Any, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        imbalance_of(None, given)


@pytest.mark.parametrize(
    ("y", "resampling", "message"),
    [
        (np.zeros(240), "smote", "K258: fit: resampling: smote needs rows of both classes; all 240 training"),
        (np.zeros(240), "balanced_batches", "K258: fit: resampling: balanced_batches needs rows of both"),
        (np.arange(240) == 7, "smote", "K258: fit: resampling: smote needs two rows of the rarer class"),
        (np.arange(240) % 2, "random_over_sampling", None),
        (
            np.arange(240) % 2,
            {"name": "random_over_sampling", "ratio": 0.5},
            "K258: fit: resampling: random_over_sampling with ratio 0.5 cannot be reached",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:K106")
def test_rows_that_cannot_be_resampled(y: Any, resampling: Any, message: str | None) -> None:
    if message is None:
        compiled().fit(ROWS.x, y.astype(int), resampling=resampling, verbose=0)
        return
    with pytest.raises(RecipeError, match=f"^{message}"):
        compiled().fit(ROWS.x, y.astype(int), resampling=resampling, verbose=0)


@pytest.mark.parametrize("y", [np.zeros(240, int), np.ones(240, int)])
@pytest.mark.parametrize(
    ("loss", "class_weight", "what"),
    [
        ("binary_crossentropy", "balanced", "class_weight='balanced'"),
        (LogitAdjustedBinaryCrossentropy(), None, "the loss logit_adjusted_binary_crossentropy"),
    ],
)
def test_one_class_where_both_are_needed(y: Any, loss: Any, class_weight: Any, what: str) -> None:
    with (
        pytest.warns(SteelyardWarning, match="K106"),
        pytest.raises(DataError, match=f"^K259: fit: {what} depends on the share of positives; all 240"),
    ):
        compiled(loss).fit(ROWS.x, y, class_weight=class_weight, verbose=0)


@pytest.mark.parametrize("method", ["smote", "adasyn"])
def test_fractions_in_columns_of_zeros_and_ones_are_told_of(method: str) -> None:
    x = np.where(np.arange(5) > 1, ROWS.x > 0, ROWS.x)
    x[:, 2] = 1 - x[:, 3]  # one of the two is 1 in every row
    with pytest.warns(SteelyardWarning, match=rf"K108: {method} will put fractions into 3 of 5.*x\[:, 2\]"):
        compiled().fit(x, ROWS.y, resampling=method, verbose=0)
    compiled().fit(x, ROWS.y, resampling="random_over_sampling", verbose=0)
