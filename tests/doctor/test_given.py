"""Rows as ``fit`` gets them: several inputs, a share that validates, labels of more than two classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import steelyard
from steelyard.doctor.given import facts_given, parts_of
from steelyard.errors import DataError

Y = np.array([0, 0, 0, 1, 0, 0, 1, 0, 1, 1])
X = np.arange(20.0).reshape(10, 2)
CURVES = {"loss": [0.6, 0.5, 0.4], "val_loss": [0.6, 0.55, 0.5]}


@pytest.mark.parametrize(
    "inputs", [{"a": X, "b": X[:, :1]}, [X, X[:, :1]], (X, X)], ids=["by name", "list", "tuple"]
)
def test_several_inputs(inputs: Any) -> None:
    found = facts_given(train=(inputs, Y))
    assert (found.rows_train, found.positives_train, found.features) == (10, 4, None)


def test_one_of_several_inputs_with_other_rows() -> None:
    with pytest.raises(DataError, match="train: 9 rows of inputs, but 10 labels"):
        facts_given(train=({"a": X, "b": X[:9]}, Y))
    with pytest.raises(DataError, match="train: 2 rows of inputs, but 10 labels"):
        facts_given(train=([[1.0, 2.0], [3.0, 4.0]], Y))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.eye(3)[[0, 1, 2]], "one column of 0 and 1; found 3 columns"),
        ([0, 1, 2], "labels must be 0 and 1; found 2"),
    ],
)
def test_more_than_two_classes(labels: Any, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        facts_given(validation=(None, labels))
    assert "tells two classes apart; of more, take one against the others" in str(caught.value)


def test_batches_are_no_rows() -> None:
    class Dataset:
        """As one of TensorFlow: batches, and no length that is one of rows."""

    with pytest.raises(DataError, match=r"np.concatenate\(\[y for x, y in dataset\]\)"):
        facts_given(validation=Dataset())  # type: ignore[arg-type]  # what is refused


@pytest.mark.parametrize(
    "inputs",
    [X, pd.DataFrame(X), pl.DataFrame(X), X.tolist(), None, {"a": X}, [X, X]],
    ids=["array", "pandas", "polars", "list", "none", "by name", "several"],
)
def test_the_last_share_of_the_rows_validates(inputs: Any) -> None:
    train, validation, facts = parts_of((inputs, pd.Series(Y)), None, 0.25)
    assert train is not None and validation is not None
    assert (len(train[1]), len(validation[1])) == (7, 3), "Keras trains on the first floor(10 * 0.75)"
    assert list(validation[1]) == [0, 1, 1]
    assert facts == {"validation_way": "tail", "validation_share": 0.25}
    said = facts_given(train=train, validation=validation)
    assert (said.rows_train, said.positives_validation) == (7, 2)


@pytest.mark.parametrize(
    ("train", "validation", "share", "message"),
    [
        (None, None, 0.2, "splits the rows of train="),
        ((X, Y), (X, Y), 0.2, "validation= has no place beside it"),
        ((X, Y), None, 1.5, "must lie between 0 and 1; found 1.5"),
        ((X, Y), None, "a fifth", "must lie between 0 and 1"),
        ((X, Y), None, 1e-17, "of 10 rows 1e-17 leaves a part without rows"),
    ],
)
def test_shares_that_cannot_be(train: Any, validation: Any, share: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parts_of(train, validation, share)


def test_the_share_reaches_the_rules() -> None:
    (found,) = steelyard.diagnose(CURVES, train=(None, np.tile(Y, 100)), validation_split=0.2)
    assert "validation=(x, y)" not in found["CMP105"].reason, "both base rates are known"
    (other,) = steelyard.diagnose(CURVES, train=(None, np.tile(Y, 100)))
    assert "validation=(x, y)" in other["CMP105"].reason


def test_predictions_of_training_rows() -> None:
    pair = (np.tile(Y, 30), np.tile(np.linspace(0.1, 0.9, 10), 30))
    (without,) = steelyard.diagnose(CURVES, predictions=pair)
    (found,) = steelyard.diagnose(CURVES, predictions=pair, train_predictions=pair)
    lacks = [one.code for one in without.results if "train_predictions" in one.missing]
    assert lacks and all("train_predictions" not in found[code].missing for code in lacks)
    with pytest.raises(DataError, match="predictions: 1 of 2 probabilities are no finite number"):
        steelyard.diagnose(CURVES, predictions=([0, 1], [0.5, float("nan")]))
    with pytest.raises(DataError, match="train_predictions: probabilities must lie between 0 and 1"):
        steelyard.diagnose(CURVES, train_predictions=([0, 1], [0.5, 1.5]))
