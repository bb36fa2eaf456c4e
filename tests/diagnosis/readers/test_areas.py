from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from steelyard.diagnosis.readers import keras_model, quantities, read
from steelyard.diagnosis.readers.areas import with_areas
from steelyard.diagnosis.readers.assembling import column_of, history_of
from steelyard.diagnosis.readers.enriching import with_facts
from steelyard.diagnosis.readers.post import read_text
from steelyard.history import History, Series
from steelyard.log import Facts
from tests.diagnosis.readers.samples import MODEL


def _history(*names: str) -> History:
    history, _ = history_of(
        np.array([1, 2]), {name: column_of([0.5, 0.25]) for name in names}, quantities.keras
    )
    assert history is not None
    return history


@pytest.mark.parametrize(
    ("names", "metrics", "of_pr", "called"),
    [
        (("auc", "val_auc"), ("auc",), ("auc",), ["train_average_precision", "validation_average_precision"]),
        (("auc", "val_auc"), ("auc", "prc"), ("prc",), ["train_roc_auc", "validation_roc_auc"]),
        (("auc",), ("auc", "auc_1"), ("auc_1",), ["train_roc_auc"]),
        (("auc", "auc_1"), ("auc", "auc_1"), ("auc_1",), ["train_roc_auc", "train_average_precision"]),
        (("auc_3", "auc_2"), ("auc", "auc_1"), ("auc_1",), ["train_average_precision", "train_roc_auc"]),
        (("auc", "prc"), ("auc", "prc"), ("auc", "prc"), ["train_roc_auc", "train_average_precision"]),
        (("auc", "auc_1"), ("auc", "auc_1"), ("auc", "auc_1"), ["train_auc", "train_auc_1"]),
        (("auc",), ("auc",), None, ["train_roc_auc"]),
    ],
)
def test_areas_are_called_what_the_metrics_say(
    names: tuple[str, ...], metrics: tuple[str, ...], of_pr: tuple[str, ...] | None, called: list[str]
) -> None:
    found = with_areas(_history(*names), Facts(metrics=metrics, pr_metrics=of_pr))
    assert list(found) == called


def test_a_history_without_areas_stays_as_it_is() -> None:
    history = History(np.array([1]), (Series("train", "loss", np.array([0.5])),))
    assert list(with_areas(history, Facts(metrics=("auc",), pr_metrics=("auc",)))) == ["train_loss"]


def test_the_code_of_a_post_says_it() -> None:
    (log,) = read_text(
        "model.compile('adam', 'binary_crossentropy', metrics=[AUC(curve='PR')])\n"
        "model.fit(x, y, epochs=2)\n{'loss': [0.5, 0.25], 'auc': [0.5, 0.75]}\n",
        "x",
    )
    assert log.history is not None
    assert list(log.history) == ["train_loss", "train_average_precision"]
    assert log.facts.pr_metrics == ("auc",)


def test_a_model_beside_the_log_says_it(tmp_path: Path) -> None:
    area = {"class_name": "AUC", "config": {"name": "auc", "curve": "PR"}}
    model = tmp_path / "model.json"
    model.write_text(json.dumps(MODEL | {"compile_config": MODEL["compile_config"] | {"metrics": [area]}}))
    path = tmp_path / "history.json"
    path.write_text(json.dumps({"loss": [0.5, 0.25], "auc": [0.5, 0.75], "val_auc": [0.5, 0.75]}))
    (log,) = read(path)
    told = with_facts(log, keras_model.facts_of(model))
    assert log.history is not None and told.history is not None
    assert list(log.history) == ["train_loss", "train_roc_auc", "validation_roc_auc"]
    assert list(told.history) == ["train_loss", "train_average_precision", "validation_average_precision"]
