from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from steelyard.diagnosis.readers import read
from steelyard.log import Log
from tests.diagnosis.readers.result_samples import XGBOOST


def _read(folder: Path, content: dict[str, Any]) -> Log:
    path = folder / "evals.json"
    path.write_text(json.dumps(content))
    (log,) = read(path)
    return log


def test_numbered_sets_of_xgboost(tmp_path: Path) -> None:
    log = _read(tmp_path, XGBOOST)
    assert log.history is not None
    assert log.history["train_loss"].tolist() == [0.5, 0.25]
    assert log.history["validation_loss"].tolist() == [0.625, 0.5]
    assert log.history["validation_accuracy"].tolist() == [0.625, 0.75]
    assert log.facts.framework == "xgboost"
    assert "validation_0 is taken for the training rows" in log.notes[0]
    loss = log.history.series[0].quantity
    assert (loss.penalized, loss.dropout, loss.epoch_mean, loss.weighted) == (False, False, False, None)


@pytest.mark.parametrize(
    ("sets", "framework", "splits"),
    [
        (("training", "valid_1"), "lightgbm", ["train", "validation"]),
        (("valid_0",), "lightgbm", ["validation"]),
        (("learn", "validation"), "catboost", ["train", "validation"]),
        (("train", "test"), "lightgbm", ["train", "validation"]),
        (("dtrain", "dvalid", "dtest"), "lightgbm", ["train", "validation", "test"]),
    ],
)
def test_sets_by_name(tmp_path: Path, sets: tuple[str, ...], framework: str, splits: list[str]) -> None:
    log = _read(tmp_path, {name: {"binary_logloss": [0.5, 0.25]} for name in sets})
    assert log.history is not None
    assert [one.split for one in log.history.series] == splits
    assert [one.metric for one in log.history.series] == ["loss"] * len(sets)
    assert log.facts.framework == framework
    assert not any("is taken for the training rows" in note for note in log.notes)


def test_areas_and_errors_with_a_threshold(tmp_path: Path) -> None:
    log = _read(tmp_path, {"train": {"auc": [0.5], "aucpr": [0.25], "error@0.5": [0.125]}})
    assert log.history is not None
    assert {name: log.history[name][0] for name in log.history} == {
        "train_roc_auc": 0.5,
        "train_average_precision": 0.25,
        "train_accuracy": 0.875,
    }


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        ("error@0.3", "train_error@0.3"),
        ("error@0.50", "train_accuracy"),
        ("binary_error", "train_accuracy"),
        ("PRAUC:type=Classic", "train_average_precision"),
    ],
)
def test_the_error_at_another_threshold_is_no_accuracy(tmp_path: Path, metric: str, name: str) -> None:
    log = _read(tmp_path, {"train": {"logloss": [0.5], metric: [0.125]}})
    assert log.history is not None
    assert list(log.history) == ["train_loss", name]
