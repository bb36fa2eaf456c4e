"""``--weight COLUMN``: rows that count more, in training and in all that is told of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from tests.cli.calls import QUICK, Steelyard


@pytest.fixture
def weighted(visits: Path) -> Path:
    frame = pl.read_csv(visits)
    weights = np.random.default_rng(0).uniform(0.2, 3.0, frame.height)
    path = visits.parent / "weighted.csv"
    frame.with_columns(pl.Series("survey_weight", weights)).write_csv(path)
    return path


def test_weights_count_in_everything_that_is_told(steelyard: Steelyard, weighted: Path) -> None:
    runs = weighted.parent / "runs"
    common = ("train", weighted, "--target", "bought", "--out", runs, "--json", *QUICK)
    done = steelyard(*common, "--weight", "survey_weight")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    predictions = pl.read_parquet(runs / "weighted-1" / "predictions.parquet").filter(
        pl.col("split") == "test"
    )
    expected = roc_auc_score(
        predictions["target"], predictions["probability"], sample_weight=predictions["weight"]
    )
    assert told["scores"]["test"]["roc_auc"] == pytest.approx(expected, abs=1e-6)
    assert told["evaluation"]["metrics"]["roc_auc"]["value"] == pytest.approx(expected, abs=1e-6)
    counts = told["decision"]["confusion"]["test"]["at_threshold"]
    total = sum(counts[name] for name in ("tp", "fp", "fn", "tn"))
    assert total == pytest.approx(predictions["weight"].sum(), rel=1e-3)
    plain = json.loads(steelyard(*common, "--drop", "survey_weight").stdout)
    assert plain["scores"]["test"]["log_loss"] != told["scores"]["test"]["log_loss"]
    shown = steelyard("show", runs / "weighted-1")
    assert shown.exit_code == 0, shown.stderr
    chosen = steelyard(
        "predict",
        runs / "weighted-1",
        weighted,
        "--threshold",
        "recall>=0.8",
        "--out",
        weighted.parent / "p.csv",
    )
    assert chosen.exit_code == 0, chosen.stderr


def test_cross_validation_takes_it_too(steelyard: Steelyard, weighted: Path) -> None:
    done = steelyard(
        "cv", weighted, "--target", "bought", "--weight", "survey_weight", "--folds", 2, *QUICK, "--json"
    )
    assert done.exit_code == 0, done.stderr
