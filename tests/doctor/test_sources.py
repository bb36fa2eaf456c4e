"""What is no log is refused by what it is, with what would be one; what only has to be opened is opened."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

import steelyard
from steelyard.errors import DataError

CURVES = {"loss": [0.6, 0.5, 0.4], "val_loss": [0.6, 0.55, 0.5]}
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(80, 2))
Y = (X[:, 0] > 0.5).astype(int)


def refusal(history: Any) -> str:
    with pytest.raises(DataError) as caught:
        steelyard.diagnose(history)
    return str(caught.value)


@pytest.mark.parametrize(
    "numbers",
    [[0.5, 0.4], (0.5, 0.4), range(3), np.ones(3), np.ones((3, 2)), torch.tensor([0.5]), pd.Series([0.5])],
    ids=["list", "tuple", "range", "array", "matrix", "tensor", "column without a name"],
)
def test_numbers_alone_do_not_say_which_curve_they_are(numbers: Any) -> None:
    told = refusal(numbers)
    assert "of numbers does not say which curve it is" in told
    assert 'columns={"val_loss": "error on holdout"}' in told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, "history: NoneType is no training log"),
        ([None], "history: NoneType is no training log"),
        (b"loss", "history: bytes is no training log"),
        (torch.nn.Linear(2, 1), "torch.nn.modules.linear.Linear is no training log"),
        (
            GradientBoostingClassifier(n_estimators=2).fit(X, Y),
            "GradientBoostingClassifier is no training log",
        ),
        ([], "history: there is nothing in it"),
        ("", "history: the text is empty"),
        ("no-such-file.csv", "no-such-file.csv does not exist"),
    ],
    ids=["None", "list of None", "bytes", "torch", "trees", "empty list", "empty text", "no file"],
)
def test_what_is_no_log(given: Any, told: str) -> None:
    assert told in refusal(given)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "dict holds no curve: no list of numbers under a name that is known; it is empty"),
        ({"loss": 0.5}, "found 'loss'"),
        ({"fit": [0.5, 0.4], "holdout": [0.5, 0.4]}, "found 'fit' and 'holdout'"),
        (pd.DataFrame({"a": [1.0, 2.0]}), "pandas frame holds no curve: no list of numbers"),
        (pl.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}), "found 'a' and 'b'"),
    ],
    ids=["empty", "a number", "other names", "pandas", "polars"],
)
def test_dicts_and_frames_without_curves(given: Any, told: str) -> None:
    found = refusal(given)
    assert told in found
    assert 'columns={"val_loss": "error on holdout"}' in found and "--column" not in found


def test_a_search_of_scikit_learn_is_told_to_be_one() -> None:
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2).fit(X, Y)
    assert "GridSearchCV is a search of scikit-learn" in refusal(search)
    for table in (search.cv_results_, pd.DataFrame(search.cv_results_)):
        told = refusal(table)
        assert "is the table of a search of scikit-learn" in told
        assert "searches are read of Steelyard, Optuna, KerasTuner and Talos" in told


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "given",
    [
        pl.DataFrame(CURVES).lazy(),
        pd.Series(CURVES["val_loss"], name="val_loss"),
        pl.Series("val_loss", CURVES["val_loss"]),
        io.StringIO(pd.DataFrame(CURVES).to_csv(index_label="epoch")),
        (one for one in [CURVES]),
        {"a": CURVES}.values(),
    ],
    ids=["lazy", "pandas column", "polars column", "open file", "generator", "values of a dict"],
)
def test_what_has_to_be_opened_first(given: Any) -> None:
    (one,) = steelyard.diagnose(given)
    assert "Which epoch is best, and how sure is that?" in str(one)


def test_of_a_path_the_door_is_told_too(tmp_path: Any) -> None:
    path = tmp_path / "history.pkl"
    path.write_bytes(b"\x80\x04}q\x00.")
    assert "trust=True reads it" in refusal(path)
