"""Frames with columns of all kinds, and arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.metrics import roc_auc_score

from steelyard import ColumnKind, DataError, SteelyardWarning
from tests.sklearn.problems import customers, quick, rare


def as_polars(frame: pd.DataFrame) -> pl.DataFrame:
    """Without pyarrow, which polars' own conversion needs."""

    def column(name: str) -> Any:
        if name in ("city", "size"):
            return [None if pd.isna(value) else value for value in frame[name]]
        return frame[name].to_numpy()

    return pl.DataFrame({name: column(name) for name in frame})


@pytest.mark.parametrize("convert", [lambda frame: frame, as_polars])
def test_frames(convert: Any) -> None:
    frame, y = customers()
    X = convert(frame)
    model = quick().fit(X, y)
    assert model.feature_names_in_.tolist() == list(frame.columns)
    assert {column.name: column.kind for column in model.model_.schema.columns} == {
        "age": ColumnKind.NUMERIC,
        "income": ColumnKind.NUMERIC,
        "city": ColumnKind.CATEGORY,
        "since": ColumnKind.DATE,
        "news": ColumnKind.BOOLEAN,
        "size": ColumnKind.CATEGORY,
    }
    target = model.model_.schema.target
    assert (target.name, target.negative, target.positive) == ("bought", "no", "yes")
    assert roc_auc_score(y == "yes", model.predict_proba(X)[:, 1]) > 0.8
    assert len(model.predict(X[:1])) == 1


def test_pandas_and_polars_are_one() -> None:
    frame, y = customers()
    by_pandas, by_polars = quick().fit(frame, y), quick().fit(as_polars(frame), y.to_numpy())
    np.testing.assert_array_equal(
        by_pandas.decision_function(frame), by_polars.decision_function(as_polars(frame))
    )


def test_what_training_never_saw() -> None:
    frame, y = customers()
    model = quick().fit(frame, y)
    strange = frame.head(2).assign(city=["Atlantis", None], income=np.nan)
    assert np.isfinite(model.predict_proba(strange)).all()


def test_an_array_of_objects_may_hold_text() -> None:
    frame, y = customers()
    X = frame.drop(columns="since").to_numpy(dtype=object)
    model = quick().fit(X, y)
    assert roc_auc_score(y == "yes", model.predict_proba(X)[:, 1]) > 0.8
    assert model.n_features_in_ == 5 and not hasattr(model, "feature_names_in_")


def test_missing_numbers_of_an_array() -> None:
    X, y = rare()
    gaps = np.where(np.random.default_rng(0).random(X.shape) < 0.1, np.nan, X)
    model = quick().fit(gaps, y)
    assert roc_auc_score(y, model.predict_proba(gaps)[:, 1]) > 0.8


def test_kinds_can_be_given() -> None:
    frame, y = customers()
    model = quick(kinds={"age": "category", "news": ColumnKind.DROPPED}).fit(frame, y)
    kinds = {column.name: column.kind for column in model.model_.schema.columns}
    assert (kinds["age"], kinds["news"]) == (ColumnKind.CATEGORY, ColumnKind.DROPPED)
    with pytest.raises(DataError, match=r"no column 'agee' .did you mean 'age'"):
        quick(kinds={"agee": "category"}).fit(frame, y)


def test_columns_that_cannot_help_are_told() -> None:
    frame, y = customers()
    with pytest.warns(SteelyardWarning, match="'same'"):
        quick().fit(frame.assign(same=1), y)


def test_other_columns_than_in_training() -> None:
    frame, y = customers()
    model = quick().fit(frame, y)
    with pytest.raises(ValueError, match=r"Feature names seen at fit time, yet now missing(.|\n)*income"):
        model.predict(frame.drop(columns="income"))
    with pytest.raises(ValueError, match="same order"):
        model.predict(frame[frame.columns[::-1]])
    with pytest.raises(ValueError, match="has 5 features, but SteelyardClassifier is expecting 10"):
        quick().fit(*rare()).predict(np.zeros((2, 5)))


def test_sparse_is_refused_in_the_words_of_scikit_learn() -> None:
    X, y = rare()
    with pytest.raises(TypeError, match="Sparse data was passed for X, but dense data is required"):
        quick().fit(sparse.csr_array(X), y)


def test_a_frame_without_rows() -> None:
    frame, y = customers()
    with pytest.raises(ValueError, match="0 sample"):
        quick().fit(frame.iloc[:0], y.iloc[:0])
    with pytest.raises(ValueError, match="0 sample"):
        quick().fit(frame, y).predict(frame.iloc[:0])


def test_infinity_is_refused() -> None:
    X, y = rare()
    X[3, 1] = np.inf
    with pytest.raises(ValueError, match="Input X contains infinity"):
        quick().fit(X, y)
    with pytest.raises(ValueError, match="infinite"):
        quick().fit(pd.DataFrame(X, columns=list("abcdefghij")), y)


@pytest.mark.parametrize(
    ("y", "said"),
    [
        ([0, 1, 2, 1] * 25, "Only binary classification is supported. The type of the target is multiclass."),
        (
            [0.5, 1.5, 2.5, 1.0] * 25,
            "Only binary classification is supported. The type of the target is continuous.",
        ),
        ([1] * 100, "one class"),
        ([0, 1, np.nan, 1] * 25, "Input y contains NaN"),
        (["no", "yes", None, "no"] * 25, "y has no label in 25 of 100 rows"),
        ([0, 1] * 49, "inconsistent numbers of samples"),
        (None, "requires y to be passed"),
    ],
    ids=["three classes", "numbers", "one class", "missing", "no label", "too short", "none"],
)
def test_targets_that_make_no_sense(y: Any, said: str) -> None:
    X, _ = rare(100)
    with pytest.raises(ValueError, match=said):
        quick().fit(X, y)
