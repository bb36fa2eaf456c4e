"""``steelyard cv``: tables, JSON, files, several recipes, Ctrl-C."""

from __future__ import annotations

import csv
import json
import signal
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from tests.cli.calls import QUICK, Spawn, Steelyard, visits_csv


def test_one_recipe_is_told_metric_by_metric(steelyard: Steelyard, visits: Path) -> None:
    done = steelyard("cv", visits, "--target", "bought", "--folds", 3, *QUICK)
    assert done.exit_code == 0, done.output
    assert "3 folds, stratified at random, seed 0" in done.stdout
    lines = {line.strip().split("  ")[0]: line for line in done.stdout.splitlines()}
    assert {"average precision", "ROC AUC", "log loss", "Brier", "F1"} <= set(lines)
    header = next(line for line in done.stdout.splitlines() if "95 % interval" in line)
    assert header.split()[-1] == "floor"
    assert "logistic regression" in header
    assert "Nadeau and Bengio" in done.stdout
    told = " ".join(done.stdout.split())
    assert (
        "rows used in each fold training rows chose the preprocessing; validation rows chose the epoch, the "
        "calibrator and the threshold; the rows held out were read once"
    ) in told
    assert "network 3 of 3" in done.stderr


def test_json_holds_what_the_table_shows_and_more(steelyard: Steelyard, visits: Path) -> None:
    options = ["--target", "bought", "--folds", 3, "--repeats", 2, "--seeds", 2, "--metric", "auc", *QUICK]
    done = steelyard("cv", visits, *options, "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["status"] == "completed"
    assert document["networks"] == 12
    assert document["folds"]["planned"] == document["folds"]["finished"] == 6
    assert next(iter(document["metrics"])) == "roc_auc"
    found = document["recipes"]["recipe"]["metrics"]["roc_auc"]
    assert found["low"] < found["mean"] < found["high"]
    assert found["folds"] == 6


def test_files_are_all_there_and_agree(steelyard: Steelyard, visits: Path, tmp_path: Path) -> None:
    out = tmp_path / "results" / "visits"
    done = steelyard(
        "cv", visits, "--target", "bought", "--folds", 3, "--metric", "auc", *QUICK, "--out", out
    )
    assert done.exit_code == 0, done.output
    assert str(out) in done.stdout
    assert sorted(path.name for path in out.iterdir()) == ["folds.csv", "out-of-fold.parquet", "results.json"]
    assert sorted(path.name for path in out.parent.iterdir()) == ["visits"]
    document = json.loads((out / "results.json").read_text())
    assert document["environment"]["command"][0] == "steelyard"
    predictions = pl.read_parquet(out / "out-of-fold.parquet")
    assert predictions.columns == [
        "recipe", "repeat", "fold", "row", "target", "probability", "raw", "predicted"
    ]  # fmt: skip
    own = predictions.filter(pl.col("recipe") == "recipe")
    assert own["row"].sort().to_list() == list(range(600))
    with (out / "folds.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert [line["recipe"] for line in lines] == ["recipe"] * 3 + ["prevalence"] * 3 + [
        "logistic_regression"
    ] * 3
    for line in lines[:3]:
        of_fold = own.filter(pl.col("fold") == int(line["fold"]))
        expected = roc_auc_score(of_fold["target"], of_fold["probability"])
        assert float(line["roc_auc"]) == expected
        decided = (of_fold["probability"] > float(line["threshold"])).cast(pl.UInt8)
        assert (of_fold["predicted"] == decided).all()
    scores = [float(line["roc_auc"]) for line in lines[:3]]
    mean = document["recipes"]["recipe"]["metrics"]["roc_auc"]["mean"]
    assert mean == pytest.approx(np.mean(scores))


def test_several_recipes_are_ordered_and_ties_are_named(
    steelyard: Steelyard, visits: Path, tmp_path: Path
) -> None:
    small, same, useless = (tmp_path / name for name in ("small.toml", "same.toml", "useless.toml"))
    settings = "[training]\nepochs = 60\n[network]\nhidden_units = [8]\n"
    small.write_text(settings)
    same.write_text(settings + "[decision]\nthreshold = 'f2'\n")
    useless.write_text(settings + "[optimizer]\nname = 'sgd'\nlearning_rate = 1e-9\n")
    files = [option for file in (useless, small, same) for option in ("--recipe", file)]
    done = steelyard("cv", visits, "--target", "bought", "--folds", 8, "--metric", "log_loss", *files)
    assert done.exit_code == 0, done.output
    told = " ".join(done.stdout.split())
    assert "= these two cannot be told apart (corrected for 3 pairs by Holm's method): small, same." in told
    board = done.stdout[done.stdout.index("by log loss, best first; lower is better:") :].splitlines()
    assert [line.split()[:2] for line in board[2:4]] == [["=", "small"], ["=", "same"]]
    assert board[4].split()[0] == "useless"
    assert "small: between" in done.stdout
    assert "chosen in each fold for f2" in done.stdout


def test_blocks_in_file_order(steelyard: Steelyard, visits: Path) -> None:
    done = steelyard("cv", visits, "--target", "bought", "--folds", 3, "--file-order", *QUICK)
    assert done.exit_code == 0, done.output
    assert "each block judged by what was learned before it" in " ".join(done.stdout.split())
    blocks = done.stdout[done.stdout.index("block by block, in order:") :].splitlines()
    assert blocks[1].split() == ["block", "1", "2", "3"]
    assert blocks[2].startswith("  base rate")
    assert blocks[3].startswith("  average precision")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--folds", "1"], "1 is not in the range x>=2"),
        (["--metric", "acu"], "'acu' is not a metric"),
        (["--file-order", "--repeats", "2"], "the same in every repeat"),
        (["--time", "visit", "--file-order"], "exclude one another"),
        (["--ignore", "D999"], "'D999' is no code"),
        (["--threshold", "f"], "no objective"),
        (["--folds", "400"], "too few for 400 folds"),
    ],
)
def test_wrong_use_is_told_before_anything_is_trained(
    steelyard: Steelyard, visits: Path, tmp_path: Path, options: list[str], message: str
) -> None:
    done = steelyard("cv", visits, "--target", "bought", *QUICK, "--out", tmp_path / "out", *options)
    assert done.exit_code == 2
    assert message in " ".join(done.stderr.split())
    assert "network 1" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_existing_folder_is_left_alone(steelyard: Steelyard, visits: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    done = steelyard("cv", visits, "--target", "bought", *QUICK, "--out", out)
    assert done.exit_code == 2
    assert "exists already" in done.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("out")] == ["out"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_ctrl_c_shows_and_keeps_the_folds_that_are_finished(spawn: Spawn, tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    path.write_text(visits_csv(2000))
    out = tmp_path / "out"
    # Networks are trained in the order of the folds; that these take seconds each leaves time for Ctrl-C.
    slow = ("--set", "training.epochs=400", "--set", "training.patience=400", "--threads", "1")
    process = spawn("cv", path, "--target", "bought", "--folds", 20, *slow, "--out", out, "--json")
    assert process.stderr is not None
    for line in process.stderr:
        if "network 4 of 20" in line:
            break
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 130, stderr
    assert "Traceback" not in stderr
    document = json.loads(stdout)
    assert document["status"] == "interrupted"
    assert 1 <= document["folds"]["finished"] < 20
    assert document["folds"]["finished"] == document["recipes"]["recipe"]["metrics"]["roc_auc"]["folds"]
    assert json.loads((out / "results.json").read_text())["status"] == "interrupted"
