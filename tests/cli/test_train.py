"""``steelyard train``: what it prints and what it leaves behind."""

from __future__ import annotations

import json
import math
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

from tests.cli.calls import QUICK, Steelyard, visits_csv

SCORES = {"roc_auc", "average_precision", "log_loss", "brier", "base_rate"}


def train(steelyard: Steelyard, data: Path, *options: object) -> dict[str, Any]:
    """The object that ``--json`` prints."""
    out = data.parent / "runs"
    done = steelyard("train", data, "--target", "bought", "--out", out, *QUICK, "--json", *options)
    assert done.exit_code == 0, done.output
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_json_is_one_object_with_the_promised_keys(steelyard: Steelyard, visits: Path) -> None:
    document = train(steelyard, visits)
    assert document["status"] in {"completed", "stopped_early"}
    assert document["data"]["target"] | {"name": "bought"} == {
        "name": "bought",
        "positive": "yes",
        "negative": "no",
        "positive_by_default": True,
    }
    for part in ("validation", "test"):
        scores = document["scores"][part]
        assert scores.keys() >= SCORES
        assert all(math.isfinite(scores[name]) for name in SCORES)
        assert set(document["baselines"]) == {"prevalence", "logistic_regression"}
        assert document["baselines"]["prevalence"][part]["roc_auc"] == 0.5
    assert document["split"]["rows"] == {"train": 360, "validation": 120, "test": 120}
    assert document["seconds"] > 0
    assert 1 <= document["best_epoch"] <= document["epochs"] <= 4
    run = Path(document["run"])
    assert json.loads((run / "metrics.json").read_text()) == {
        key: value for key, value in document.items() if key not in ("run", "diagnosis")
    }
    assert json.loads((run / "diagnosis.json").read_text()) == document["diagnosis"]


def test_the_scores_are_those_of_the_predictions_in_the_folder(steelyard: Steelyard, visits: Path) -> None:
    document = train(steelyard, visits)
    predictions = pl.read_parquet(Path(document["run"]) / "predictions.parquet")
    labels = pl.read_csv(visits)["bought"].to_numpy() == "yes"
    for part in ("validation", "test"):
        rows = predictions.filter(pl.col("split") == part)
        target = labels[rows["row"].to_numpy()]
        probability = rows["probability"].to_numpy()
        scores = document["scores"][part]
        assert scores["roc_auc"] == pytest.approx(roc_auc_score(target, probability))
        assert scores["average_precision"] == pytest.approx(average_precision_score(target, probability))
        assert scores["log_loss"] == pytest.approx(log_loss(target, probability))
        assert scores["base_rate"] == pytest.approx(np.mean(target))


def test_the_summary_tells_what_a_person_wants_to_know(steelyard: Steelyard, visits: Path) -> None:
    out = visits.parent / "runs"
    done = steelyard("train", visits, "--target", "bought", "--out", out, *QUICK)
    assert done.exit_code == 0, done.output
    for words in (
        "visits.csv",
        "600 rows",
        "visit (",  # left out as an identifier, and why
        "bought = yes",
        "rarer",
        "base rate",
        "360 train, 120 validation, 120 test",
        "stratified",
        "best epoch",
        "ROC AUC",
        "average precision",
        "log loss",
        "Brier",
        "logistic regression",
        "prevalence",
        "floor",
        str(out / "visits-1"),
        "steelyard predict",
    ):
        assert words in done.stdout, words
    assert (out / "visits-1" / "model.safetensors").exists()


def test_runs_are_numbered(steelyard: Steelyard, visits: Path) -> None:
    runs = [Path(train(steelyard, visits)["run"]).name for _ in range(2)]
    assert runs == ["visits-1", "visits-2"]


def test_the_same_call_gives_the_same_scores(steelyard: Steelyard, visits: Path) -> None:
    first, second = (train(steelyard, visits, "--threads", threads) for threads in (1, 2))
    assert first["scores"] == second["scores"]


def test_seeds_are_averaged_and_their_spread_shown(steelyard: Steelyard, visits: Path) -> None:
    document = train(steelyard, visits, "--seeds", 3, "--seed", 5)
    assert [network["seed"] for network in document["networks"]] == [5, 6, 7]
    alone = [network["scores"]["test"]["log_loss"] for network in document["networks"]]
    assert len(set(alone)) == 3
    # Log loss is convex: the average predicts at least as well as the networks do on average.
    assert document["scores"]["test"]["log_loss"] <= np.mean(alone)
    shown = steelyard("show", document["run"]).stdout
    assert "3 networks" in shown
    lowest, highest = (line.split() for line in shown.splitlines() if "est of a network" in line)
    assert (lowest[-2], highest[-2]) == (f"{min(alone):.4f}", f"{max(alone):.4f}")


def test_recipe_file_and_changes_reach_the_run(steelyard: Steelyard, visits: Path) -> None:
    recipe = visits.parent / "recipe.toml"
    recipe.write_text(
        '[optimizer]\nname = "sgd"\nlearning_rate = 0.05\n[training]\nepochs = 9\nbatch_size = 64\n'
    )
    document = train(steelyard, visits, "--recipe", recipe, "--set", "optimizer.momentum=0.9")
    saved = tomllib.loads((Path(document["run"]) / "recipe.toml").read_text())
    assert saved["optimizer"]["name"] == "sgd"
    assert saved["optimizer"]["momentum"] == 0.9
    assert saved["training"]["batch_size"] == 64
    assert saved["training"]["epochs"] == 4  # --set comes after the file


def test_a_diverged_run_is_a_result_with_advice(steelyard: Steelyard, visits: Path) -> None:
    options = (
        "--set",
        "optimizer.name=sgd",
        "--set",
        "optimizer.learning_rate=1e30",
        "--set",
        "network.dropout=0",
    )
    document = train(steelyard, visits, *options)
    assert document["status"] == "diverged"
    assert any(change.startswith("optimizer.learning_rate=") for change in document["advice"])
    shown = steelyard("show", document["run"]).stdout
    assert "diverged" in shown
    assert "--set optimizer.learning_rate=" in shown


def test_columns_can_be_dropped_and_given_a_kind(steelyard: Steelyard, visits: Path) -> None:
    document = train(steelyard, visits, "--drop", "noise", "--category", "pages")
    kinds = {column["name"]: column["kind"] for column in document["data"]["columns"]}
    assert kinds["noise"] == "dropped"
    assert kinds["pages"] == "category"


def test_the_positive_label_can_be_chosen(steelyard: Steelyard, visits: Path) -> None:
    document = train(steelyard, visits, "--positive", "no")
    assert document["data"]["target"]["positive"] == "no"
    assert not document["data"]["target"]["positive_by_default"]
    assert document["data"]["base_rate"] > 0.5


def test_a_test_file_is_tested_on_and_nothing_else(steelyard: Steelyard, visits: Path) -> None:
    other = visits.parent / "later.csv"
    other.write_text(visits_csv(150, seed=1))
    document = train(steelyard, visits, "--test", other)
    assert document["split"]["rows"]["test"] == 150
    assert document["split"]["rows"]["train"] + document["split"]["rows"]["validation"] == 600


@pytest.mark.parametrize("way", [("--file-order",), ("--time", "noise"), ("--group", "source")])
def test_other_ways_to_split(steelyard: Steelyard, visits: Path, way: tuple[str, ...]) -> None:
    if way == ("--time", "noise"):  # a time column may not have gaps
        lines = [line.split(",") for line in visits.read_text().splitlines()]
        visits.write_text("\n".join(",".join([*fields[:3], fields[3] or "0", fields[4]]) for fields in lines))
    document = train(steelyard, visits, *way)
    assert sum(document["split"]["rows"].values()) == 600


def test_no_terminal_no_escape_codes(steelyard: Steelyard, visits: Path) -> None:
    done = steelyard("train", visits, "--target", "bought", "--out", visits.parent / "runs", *QUICK)
    assert "\x1b" not in done.stdout + done.stderr
    assert "epoch 4/4" in done.stderr


# --- Thresholds and checks ----------------------------------------------------------------------------------


def test_a_threshold_for_a_purpose(steelyard: Steelyard, visits: Path) -> None:
    told = train(steelyard, visits, "--threshold", "recall >= 90%")["decision"]
    assert told["threshold"]["objective"] == "recall>=0.9"
    assert told["confusion"]["validation"]["at_threshold"]["recall"] >= 0.9
    assert train(steelyard, visits, "--threshold", "0.3")["decision"]["threshold"]["value"] == 0.3
    assert train(steelyard, visits)["decision"]["threshold"]["objective"] == "f1"


def test_a_threshold_for_nothing_known(steelyard: Steelyard, visits: Path) -> None:
    done = steelyard(
        "train", visits, "--target", "bought", "--out", visits.parent / "runs", "--threshold", "f"
    )
    assert done.exit_code == 2
    assert "'f' is no objective" in done.stderr
    assert not (visits.parent / "runs").exists()


def test_a_leak_is_told_before_training_unless_ignored(steelyard: Steelyard, visits: Path) -> None:
    lines = visits.read_text().splitlines()
    leak = [
        f"{line},{len(line) % 2 if n == 0 else int(line.endswith('yes'))}.5" for n, line in enumerate(lines)
    ]
    leak[0] = lines[0] + ",refund"
    visits.write_text("\n".join(leak) + "\n")
    arguments = ("train", visits, "--target", "bought", "--out", visits.parent / "runs", *QUICK)
    done = steelyard(*arguments)
    assert done.exit_code == 0, done.output
    first = done.stderr.index("D101")
    assert "refund" in done.stderr
    assert first < done.stderr.index("epoch 1/")
    ignored = steelyard(*arguments, "--ignore", "d101,D107")
    assert "D101" not in ignored.stderr
    assert "D107" not in ignored.stderr


def test_an_unknown_code_is_not_ignored(steelyard: Steelyard, visits: Path) -> None:
    done = steelyard("train", visits, "--target", "bought", "--ignore", "D999")
    assert done.exit_code == 2
    assert "D999" in done.stderr and "D101" in done.stderr
