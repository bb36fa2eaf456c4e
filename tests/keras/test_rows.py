"""What fit is handed becomes one checked table."""

from __future__ import annotations

import warnings
from typing import Any

import hypothesis.extra.numpy as arrays
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.errors import DataError, SteelyardError, SteelyardWarning
from steelyard.keras.rows import binary_labels, evaluation_rows, prediction_rows, training_rows

X = np.arange(12.0).reshape(6, 2)
Y = np.array([0, 1, 0, 0, 1, 0])


@pytest.mark.parametrize(
    "labels",
    [
        Y,
        Y.tolist(),
        Y.astype(bool),
        Y.astype(np.float64)[:, None],
        pd.Series(Y, index=range(5, 11)),
        pd.DataFrame({"y": Y}),
        pl.Series(Y),
        Y.astype(object),
    ],
    ids=["array", "list", "bool", "column", "series", "frame", "polars", "objects"],
)
def test_labels_of_any_form(labels: Any) -> None:
    found = binary_labels(labels, "y")
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, Y)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([1, 2, 1, 1], r"K251: y must hold 0 and 1; found 1 \(3 rows\), 2 \(1 rows\); 1 rows are neither"),
        (["no", "yes", "no"], r"K251: y .*found no \(2 rows\), yes \(1 rows\)"),
        ([0.0, 1.0, np.nan], "K251"),
        ([0.1, 0.9], "K251"),
        ([-1, 1, 1], "K251"),
        (np.eye(2), r"K253: y has shape \(2, 2\).*pass y\[:, 1\]"),
        (list(range(9)), "K251: y must hold 0 and 1; found 9 different values"),
        ({"a": [0, 1]}, "K253: y is a dict"),
    ],
)
def test_labels_that_are_not_0_and_1(labels: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        binary_labels(labels, "y")


def test_the_advice_for_two_other_labels_is_code_that_works() -> None:
    y: Any = ["no", "yes", "no"]
    with pytest.raises(DataError) as caught:
        binary_labels(y, "y")
    code = caught.value.help.removeprefix("Make the rare class 1: ")
    scope: dict[str, Any] = {"y": y, "np": np}
    exec(code, scope)
    np.testing.assert_array_equal(scope["y"], [0, 1, 0])


def test_training_then_validation_rows() -> None:
    rows = training_rows(
        pd.DataFrame(X), Y, sample_weight=np.arange(6), validation_data=[X[:3] + 100, Y[:3], [1, 2, 3]]
    )
    assert rows.width == 2
    np.testing.assert_array_equal(rows.features.numeric[6:], X[:3] + 100)
    np.testing.assert_array_equal(rows.split.validation, [6, 7, 8])
    assert rows.row_weights is not None
    np.testing.assert_array_equal(rows.row_weights, [0, 1, 2, 3, 4, 5, 1, 1, 1])
    assert rows.validation_weights is not None
    np.testing.assert_array_equal(rows.validation_weights, [1, 2, 3])
    np.testing.assert_array_equal(rows.validation_target, Y[:3])


@given(rows=st.integers(2, 200), share=st.floats(0.01, 0.99))
def test_the_split_is_keras_own(rows: int, share: float) -> None:
    """floor(n (1 - share)) rows train, from the front (keras/src/trainers/data_adapters/array_slicing.py)."""
    cut = int(np.floor(rows * (1.0 - share)))
    x, y = np.zeros((rows, 1)), np.arange(rows) % 2
    if cut in (0, rows):
        with pytest.raises(SteelyardError, match="K257"):
            training_rows(x, y, validation_split=share)
        return
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        split = training_rows(x, y, validation_split=share).split
    assert any(f"the last {rows - cut} of {rows} rows" in str(w.message) for w in caught)
    np.testing.assert_array_equal(split.train, np.arange(cut))
    np.testing.assert_array_equal(split.validation, np.arange(cut, rows))


def test_sorted_rows_are_told_of() -> None:
    with pytest.warns(SteelyardWarning, match=r"100\.00% positives there, 25\.00% in the rows that train"):
        training_rows(X, [0, 0, 0, 1, 1, 1], validation_split=0.33)


def test_no_positives_in_validation() -> None:
    with pytest.warns(SteelyardWarning, match="K105: none of the 2 validation rows is positive"):
        training_rows(X, Y, validation_data=(X[:2], [0, 0]))


@pytest.mark.parametrize(("labels", "word"), [([0] * 6, "negative"), ([1] * 6, "positive")])
def test_one_class_only(labels: list[int], word: str) -> None:
    with pytest.warns(SteelyardWarning, match=f"K106: all 6 training rows are {word}"):
        training_rows(X, labels)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "lengths": ({"y": Y[:5]}, "K253: 6 rows of x, but 5 labels"),
    "weights": ({"sample_weight": [1, 2]}, "K253: 6 rows of x, but 2 sample weights"),
    "negative weights": ({"sample_weight": [1, 2, 3, -4, 5, 6]}, "K253.*the first in row 3"),
    "validation lengths": ({"validation_data": (X, Y[:2])}, "K253: validation_data: 6 rows of x, but 2"),
    "validation width": (
        {"validation_data": (X[:, :1], Y)},
        r"K253: x has 2 columns, validation_data\[0\] has 1",
    ),
    "validation alone": ({"validation_data": X}, "K253: validation_data is a ndarray"),
    "four parts": ({"validation_data": (X, Y, Y, Y)}, "K253: validation_data is a tuple of 4"),
    "one dimension too many": ({"x": X[None]}, r"K253: x has shape \(1, 6, 2\)"),
    "text": ({"x": pd.DataFrame({"a": ["u"] * 6, "b": 1})}, r"K253: x holds 'u' in column 'a'"),
    "generator": ({"x": iter([1])}, "K253: x is a list_iterator"),
    "several inputs": ({"x": {"a": X}}, "K253: x is a dict"),
    "ragged": ({"x": [[1, 2], [3]]}, "K253: x cannot be read as an array"),
    "no rows": ({"x": X[:0], "y": Y[:0]}, "K253: x has no rows"),
    "split": ({"validation_split": 1.5}, "K257: validation_split must lie between 0 and 1; found 1.5"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_fit(name: str) -> None:
    arguments, message = BAD[name]
    with pytest.raises(SteelyardError, match=message):
        training_rows(**{"x": X, "y": Y, **arguments})


def test_cells_that_are_not_finite() -> None:
    x = X.copy()
    x[2, 1] = np.nan
    with pytest.raises(DataError, match="K252: x has 1 NaN cells in column 1, the first in row 2, column 1"):
        training_rows(x, Y)
    x[4] = [1e300, -np.inf]
    with pytest.raises(DataError, match="K252: x has 1 NaN and 2 infinite cells in 2 columns"):
        training_rows(x, Y)
    with pytest.raises(DataError, match=r"K252: validation_data\[0\] has"):
        training_rows(X, Y, validation_data=(x, Y))


@given(
    x=arrays.arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.uint8, np.bool_, np.float16]),
        st.tuples(st.integers(1, 40), st.integers(1, 4)),
        elements=None,
    )
)
def test_any_matrix_is_taken_or_refused(x: Any) -> None:
    with np.errstate(over="ignore"):
        finite = np.isfinite(x.astype(np.float32)).all()
    if finite:
        found = prediction_rows(x, x.shape[1]).numeric
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, x.astype(np.float32))
    else:
        with pytest.raises(DataError, match="K252"):
            prediction_rows(x, None)


def test_rows_to_evaluate() -> None:
    features, target, weights = evaluation_rows(X, Y, None, 2)
    assert len(features) == len(target) == 6
    assert weights is None
    with pytest.raises(DataError, match="K253: x has 2 columns; the network was built for 3"):
        evaluation_rows(X, Y, None, 3)
