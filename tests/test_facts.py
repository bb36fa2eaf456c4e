"""The document of a run: plain JSON, complete, and without numbers JSON cannot hold."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from steelyard.data import Split
from steelyard.facts import facts
from steelyard.recipe import Change, Recipe, apply
from steelyard.tables import table_from
from steelyard.training import TrainingResult, train


@pytest.fixture(scope="module")
def result() -> TrainingResult:
    """Two networks; the test rows hold no positives, so that some scores are undefined."""
    random = np.random.default_rng(0)
    frame = pl.DataFrame({"x": random.normal(size=300), "same": [1] * 300, "kind": ["a", "b", "c"] * 100})
    y = (random.random(300) < 0.3).astype(int)
    y[240:] = 0
    with pytest.warns(UserWarning, match="same"):
        table = table_from(frame, y)
    split = Split(np.arange(180), np.arange(180, 240), np.arange(240, 300), "by hand")
    recipe = apply(Recipe(), Change("training.epochs", 3), Change("network.hidden_units", [4]))
    return train(table, recipe, split, seeds=2)


def test_it_is_strict_json(result: TrainingResult) -> None:
    document = facts(result, ["a warning"])
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_undefined_scores_are_null(result: TrainingResult) -> None:
    test = facts(result)["scores"]["test"]
    assert test["roc_auc"] is None
    assert test["average_precision"] is None
    assert test["log_loss"] == result.scores["test"].log_loss


def test_it_tells_the_data(result: TrainingResult) -> None:
    data = facts(result)["data"]
    assert data["rows"] == 300
    assert data["positives"] == result.positives
    assert data["base_rate"] == pytest.approx(result.positives / 300)
    columns = {column["name"]: column for column in data["columns"]}
    assert columns["same"]["kind"] == "constant"
    assert columns["kind"]["levels"] == 3


def test_it_tells_every_network(result: TrainingResult) -> None:
    document = facts(result, ["a warning"])
    assert [network["seed"] for network in document["networks"]] == [0, 1]
    assert document["networks"][1]["scores"]["validation"]["brier"] == (
        result.network_scores[1]["validation"].brier
    )
    assert document["best_epoch"] == min(run.best_epoch for run in result.runs)
    assert document["split"]["rows"] == {"train": 180, "validation": 60, "test": 60}
    assert document["warnings"] == ["a warning"]
