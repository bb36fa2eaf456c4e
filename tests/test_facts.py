"""The document of a run: plain JSON, complete, and without numbers JSON cannot hold."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import confusion_matrix, f1_score

import steelyard.facts
from steelyard.data import Split, Table
from steelyard.facts import facts, mark_of_test_rows
from steelyard.recipe import Change, Recipe, apply, parse_change
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


# --- Decision and bookkeeping -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rows() -> tuple[Table, Split]:
    """One number that tells something of a rare class, in parts that hold both."""
    random = np.random.default_rng(1)
    x = random.normal(size=900)
    y = (random.random(900) < 1 / (1 + np.exp(2.5 - 1.5 * x))).astype(int)
    split = Split(np.arange(300), np.arange(300, 600), np.arange(600, 900), "by hand")
    return table_from(pl.DataFrame({"x": x}), y), split


def trained(rows: tuple[Table, Split], *changes: str) -> TrainingResult:
    table, split = rows
    quick = ("training.epochs=8", "network.hidden_units=[4]", *changes)
    return train(table, apply(Recipe(), *map(parse_change, quick)), split)


def test_labels_are_counted_at_the_threshold_and_at_half(rows: tuple[Table, Split]) -> None:
    result = trained(rows, "decision.threshold=cost fp=1 fn=8", "imbalance.class_weight=balanced")
    document = facts(result)
    decision = document["decision"]
    chosen = decision["threshold"]
    assert chosen["objective"] == chosen["asked"] == "cost fp=1 fn=8"
    assert chosen["value"] == result.model.readout.threshold
    assert chosen["chosen"]["theoretical"] == pytest.approx(1 / 9)
    for part in ("validation", "test"):
        y, p = result.targets[part], result.probabilities[part]
        for place, threshold in (("at_threshold", chosen["value"]), ("at_half", 0.5)):
            counts = decision["confusion"][part][place]
            tn, fp, fn, tp = confusion_matrix(y, p > threshold).ravel().tolist()
            assert [counts[name] for name in ("tn", "fp", "fn", "tp")] == [tn, fp, fn, tp]
            assert counts["f1"] == pytest.approx(f1_score(y, p > threshold))
            assert counts["measure"] == {"name": "cost", "value": pytest.approx((fp + 8 * fn) / len(y))}
    assert decision["confusion"]["validation"]["at_threshold"]["measure"]["value"] == pytest.approx(
        chosen["chosen"]["value"]
    )


def test_the_prior_is_told(rows: tuple[Table, Split]) -> None:
    table, split = rows
    uncalibrated = ("imbalance.class_weight=balanced", "decision.calibration=none")
    decision = facts(trained(rows, *uncalibrated))["decision"]
    assert decision["base_rate"] == pytest.approx(table.target[split.train].mean())
    assert decision["base_rate_of"] == "train"
    assert decision["trained_rate"] == pytest.approx(0.5)
    calibrated = facts(trained(rows, "imbalance.class_weight=balanced", "decision.calibration=logistic"))
    assert calibrated["decision"]["base_rate"] == pytest.approx(table.target[split.validation].mean())
    assert calibrated["decision"]["base_rate_of"] == "validation"
    assert calibrated["decision"]["trained_rate"] == pytest.approx(0.5)
    smote = ("imbalance.resampling=smote", "decision.calibration=none")
    unknown = facts(trained(rows, *smote))["decision"]
    assert (unknown["base_rate"], unknown["base_rate_of"]) == (None, None)
    assert unknown["trained_rate"] == pytest.approx(0.5, abs=0.01)
    plain = facts(trained(rows, "decision.calibration=none"))["decision"]
    assert plain["offset"] == 0.0
    assert plain["trained_rate"] == pytest.approx(plain["base_rate"])


def test_the_calibrator_is_told(rows: tuple[Table, Split]) -> None:
    result = trained(rows, "decision.calibration=temperature")
    told = facts(result)["decision"]["calibration"]
    assert told["calibrator"] == {
        "name": "temperature",
        "temperature": result.model.readout.calibrator.temperature,
    }
    assert (told["asked"], told["rows"]) == ("temperature", 300)
    assert told["log_loss_after"] == result.calibration.log_loss_after


def test_scores_have_intervals(rows: tuple[Table, Split]) -> None:
    result = trained(rows, "decision.threshold=fbeta=0.5")
    evaluation = facts(result)["evaluation"]
    assert evaluation["part"] == "test"
    for name in ("roc_auc", "average_precision", "log_loss", "brier"):
        estimate = evaluation["metrics"][name]
        assert estimate["value"] == pytest.approx(getattr(result.scores["test"], name))
        assert estimate["low"] < estimate["value"] < estimate["high"]
    assert evaluation["metrics"]["roc_auc"]["method"] == "delong"
    assert {"fbeta=0.5", "calibration_slope", "calibration_error"} <= evaluation["metrics"].keys()
    assert json.loads(json.dumps(evaluation, allow_nan=False)) == evaluation


def test_who_chose_what(rows: tuple[Table, Split]) -> None:
    book = facts(trained(rows))["bookkeeping"]
    assert book["preprocessing"] == "train"
    assert book["epoch"] == book["calibrator"] == book["threshold"] == "validation"
    assert (book["test"]["readings"], book["test"]["earlier"]) == (1, [])
    unchosen = (
        'decision.threshold="0.3"',
        "decision.calibration=none",
        "training.patience=off",
        "training.restore_best_weights=false",
    )
    book = facts(trained(rows, *unchosen))["bookkeeping"]
    assert book["epoch"] is book["calibrator"] is book["threshold"] is None
    assert facts(trained(rows, "training.monitor=train_loss"))["bookkeeping"]["epoch"] == "train"


def test_earlier_readings_of_the_test_rows_are_counted(rows: tuple[Table, Split]) -> None:
    test = facts(trained(rows), earlier=["bank-1", "bank-2"])["bookkeeping"]["test"]
    assert (test["readings"], test["earlier"]) == (3, ["bank-1", "bank-2"])


def test_the_mark_is_that_of_the_test_rows(rows: tuple[Table, Split]) -> None:
    """Whatever was trained on the other rows, and how."""
    table, split = rows
    mark = mark_of_test_rows(trained(rows))
    assert len(mark) == 16
    assert mark == mark_of_test_rows(trained(rows, "network.hidden_units=[3]"))
    swapped = replace(split, train=split.validation, validation=split.train)
    assert mark == mark_of_test_rows(trained((table, swapped)))
    other = replace(split, validation=split.test, test=split.validation)
    assert mark != mark_of_test_rows(trained((table, other)))
    none = replace(split, test=np.zeros(0, np.int64))
    result = trained((table, none))
    assert mark_of_test_rows(result) == ""
    assert facts(result)["bookkeeping"]["test"] is None
    assert facts(result)["evaluation"]["part"] == "validation"


def test_without_validation_rows_nothing_is_chosen(rows: tuple[Table, Split]) -> None:
    table, split = rows
    none = replace(split, validation=np.zeros(0, np.int64))
    document = facts(trained((table, none), "training.monitor=train_loss"))
    assert document["decision"]["calibration"] is None
    assert document["decision"]["threshold"]["objective"] == "as_trained"
    assert document["decision"]["threshold"]["chosen"] is None
    assert document["bookkeeping"]["threshold"] is document["bookkeeping"]["calibrator"] is None


def test_interrupted_intervals_are_left_out(
    rows: tuple[Table, Split], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    result = trained(rows)
    monkeypatch.setattr(steelyard.facts, "evaluate", interrupted)
    document = facts(result)
    assert document["evaluation"] is None
    assert any("interrupted" in note for note in document["notes"])
    assert document["scores"]["test"]["roc_auc"] is not None
