"""Documents are plain JSON and say what the cross-validation says."""

from __future__ import annotations

import dataclasses
import json

import pytest

from steelyard.comparison import fold_mean
from steelyard.crossvalidation import (
    CrossValidation,
    compare_strategies,
    comparison_document,
    cross_validate,
    decision_metric,
    fold_values,
    validation_document,
)
from steelyard.data import Table
from steelyard.recipe import Recipe
from steelyard.recipe.strategies import strategies


@pytest.fixture(scope="module")
def result(table: Table, quick: Recipe) -> CrossValidation:
    return cross_validate(strategies(quick, ("none", "threshold", "under")), table, folds=3)


def test_a_validation_is_plain_json(result: CrossValidation) -> None:
    document = validation_document(result, ["log_loss", "f1"], ranked_by="auc", warnings=["w"])
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert list(document["metrics"]) == ["roc_auc", "log_loss", "f1"]
    values = fold_values(result, "log_loss")["under"]
    assert document["recipes"]["under"]["by_fold"]["log_loss"] == values.tolist()
    expected = fold_mean(values, result.ratio)
    assert document["recipes"]["under"]["metrics"]["log_loss"] == dataclasses.asdict(expected)
    rates = document["folds"].pop("base_rates")
    assert rates == pytest.approx([result.target.mean()] * 3, abs=0.01)
    assert document["folds"] == {
        "by": "random",
        "method": "3 folds, stratified at random, seed 0",
        "planned": 3,
        "finished": 3,
        "rows": {"train": 266, "validation": 67, "test": 167},
    }
    at_half, chosen = (document["recipes"][name]["bookkeeping"] for name in ("none", "under"))
    assert chosen == {
        "preprocessing": "train",
        "epoch": "validation",
        "calibrator": "validation",
        "threshold": "validation",
    }
    assert at_half == {**chosen, "threshold": None}
    assert document["status"] == "completed"
    assert document["warnings"] == ["w"]
    assert set(document["yardsticks"]) == {"prevalence", "logistic_regression"}


def test_recipes_that_share_networks_are_tied(result: CrossValidation) -> None:
    board = validation_document(result, [], ranked_by="auc")["leaderboard"]
    assert sorted(board["order"]) == ["none", "threshold", "under"]
    assert {"none", "threshold"} <= set(board["tied"])
    assert set(board["behind"]) == set(board["order"][1:])


def test_a_comparison_is_plain_json(result: CrossValidation) -> None:
    document = comparison_document(result, compare_strategies(result))
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    under = document["metrics"]["log_loss"]["strategies"]["under"]
    assert under["as_trained"] > under["mean"]
    assert under["difference"]["verdict"] in ("better", "worse", "no difference", "cannot tell")
    assert document["metrics"]["f1"]["reference"] == "threshold"
    assert document["metrics"]["f1"]["strategies"]["threshold"]["difference"] is None


def test_what_is_not_known_is_null(result: CrossValidation) -> None:
    one = {name: (found[0], None, None) for name, found in result.results.items()}
    cut = dataclasses.replace(result, results=one, yardsticks={})
    document = validation_document(cut, ["log_loss"], ranked_by="auc")
    assert document["status"] == "interrupted"
    assert document["folds"]["finished"] == 1
    assert document["recipes"]["none"]["metrics"]["log_loss"]["low"] is None
    json.dumps(document, allow_nan=False)


@pytest.mark.parametrize(
    ("objective", "metric"),
    [
        ("f1", "f1"),
        ("fbeta=0.5", "fbeta=0.5"),
        ("balanced_accuracy", "balanced_accuracy"),
        ("mcc", "mcc"),
        ("cost fn=10 fp=1", "cost fp=1 fn=10"),
        ("recall>=0.8", "precision"),
        ("precision>=0.5", "recall"),
        ("top=800", "precision"),
        ("rate=0.1", "precision"),
        ("0.5", "f1"),
        ("as_trained", "f1"),
    ],
)
def test_every_objective_has_a_metric(objective: str, metric: str) -> None:
    assert decision_metric(objective) == metric
