"""``steelyard diagnose``: logs of many kinds, facts by flag and by file, and what it prints."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from steelyard.cli import app
from steelyard.diagnosis.rules import CATALOGUE
from tests.cli.calls import Steelyard

HEALTHY = {
    "loss": [0.5, 0.4, 0.35, 0.341, 0.34, 0.3402, 0.3399, 0.3401],
    "val_loss": [0.51, 0.41, 0.36, 0.352, 0.351, 0.3511, 0.3509, 0.351],
}


def csv(path: Path, **columns: list[float]) -> Path:
    """What Keras' CSVLogger writes."""
    names = ["epoch", *columns]
    rows = [[str(epoch), *map(repr, row)] for epoch, row in enumerate(zip(*columns.values(), strict=True))]
    path.write_text("\n".join(",".join(cells) for cells in [names, *rows]) + "\n")
    return path


@pytest.fixture
def healthy(tmp_path: Path) -> Path:
    return csv(tmp_path / "healthy.csv", **HEALTHY)


@pytest.fixture
def diverged(tmp_path: Path) -> Path:
    return csv(tmp_path / "diverged.csv", loss=[0.6, 3.0, math.nan], val_loss=[0.6, 2.0, math.nan])


def codes(document: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in document["diagnoses"][0]["findings"]]


def test_nothing_wrong_is_said_and_exits_0(steelyard: Steelyard, healthy: Path) -> None:
    done = steelyard("diagnose", healthy)
    assert done.exit_code == 0, done.output
    assert "nothing is wrong as far as this log tells" in " ".join(done.stdout.split())
    assert "supply     --positives N --rows N" in done.stdout
    assert done.stderr == ""


def test_an_error_is_told_and_exits_1(steelyard: Steelyard, diverged: Path) -> None:
    done = steelyard("diagnose", diverged)
    assert done.exit_code == 1
    assert "error OPT308 loss not finite" in done.stdout
    assert "epoch 3" in done.stdout


def test_smells_alone_exit_0(steelyard: Steelyard, tmp_path: Path) -> None:
    accuracy = [0.951, 0.952, 0.953, 0.953, 0.954, 0.954, 0.954, 0.954]
    log = csv(tmp_path / "h.csv", **HEALTHY, accuracy=accuracy, val_accuracy=accuracy)
    facts = ("--positives", 500, "--rows", 10_000, "--select", "COL206", "--framework", "keras 3")
    done = steelyard("diagnose", log, *facts, "--json")
    assert [one["severity"] for one in json.loads(done.stdout)["diagnoses"][0]["findings"]] == ["smell"]
    assert done.exit_code == 0


def test_verbose_tells_of_every_rule(steelyard: Steelyard, healthy: Path) -> None:
    quiet, verbose = steelyard("diagnose", healthy).stdout, steelyard("diagnose", healthy, "-v").stdout
    assert verbose.startswith(quiet.rstrip("\n"))
    told = verbose[len(quiet) :]
    assert all(rule.code in told for rule in CATALOGUE), "no rule of a healthy run fired"


def test_json_holds_every_result(steelyard: Steelyard, diverged: Path) -> None:
    done = steelyard("diagnose", diverged, "--json")
    assert done.exit_code == 1
    (one,) = json.loads(done.stdout, parse_constant=pytest.fail)["diagnoses"]
    assert one["path"] == one["source"] == str(diverged)
    assert [result["code"] for result in one["results"]] == [rule.code for rule in CATALOGUE]
    assert "OPT308" in [finding["code"] for finding in one["findings"]]


def test_sarif_names_the_file(steelyard: Steelyard, diverged: Path) -> None:
    done = steelyard("diagnose", diverged, "--sarif")
    assert done.exit_code == 1
    results = json.loads(done.stdout)["runs"][0]["results"]
    assert {one["ruleId"] for one in results} >= {"OPT308"}
    place = results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place == diverged.as_uri()


def test_select_and_ignore_take_beginnings_of_codes(steelyard: Steelyard, diverged: Path) -> None:
    of_family = steelyard("diagnose", diverged, "--select", "opt,arc501", "--json").stdout
    results = json.loads(of_family)["diagnoses"][0]["results"]
    assert {one["code"][:3] for one in results} == {"OPT", "ARC"}
    assert json.loads(of_family)["diagnoses"][0]["answers"] == []
    done = steelyard("diagnose", diverged, "--select", "OPT", "--ignore", "OPT", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["diagnoses"][0]["findings"] == []


def test_a_threshold_can_be_set(steelyard: Steelyard, diverged: Path) -> None:
    flags = ("--learning-rate", 0.01, "--select", "OPT308", "--json")
    done = steelyard("diagnose", diverged, "--set", "opt308.gentler=4", *flags)
    changes = json.loads(done.stdout)["diagnoses"][0]["findings"][0]["changes"]
    assert {"path": "optimizer.learning_rate", "value": 0.0025, "risk": "unsafe"} in changes


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--set", "OPT308.gentle=4"), "OPT308 has no threshold 'gentle' (did you mean 'gentler'?)"),
        (("--set", "ARC503.fewest=1"), "ARC503 has no threshold 'fewest'"),
        (("--set", "OPT.gentler=4"), "'OPT' is no code of a rule"),
        (("--set", "OPT308.gentler=low"), "is not of the form CODE.threshold=number"),
        (("--set", "gentler=4"), "is not of the form CODE.threshold=number"),
        (
            ("--select", "OTP308"),
            "'OTP308' is no code of a rule, nor the beginning of one (did you mean 'OPT308'?)",
        ),
        (("--ignore", "X"), "'X' is no code of a rule"),
        (("--json", "--sarif"), "exclude one another"),
        (("--data", "x.csv"), "--data and --target belong together"),
        (("--target", "y"), "--data and --target belong together"),
        (("--group", "person"), "are about the table of --data"),
        (("--patience", "3"), "need --monitor"),
        (("--positives", "30", "--rows", "20"), "--positives 30 is more than --rows 20"),
        (
            ("--positives-train", "30", "--rows-train", "20"),
            "--positives-train 30 is more than --rows-train 20",
        ),
        (("--class-weight", "heavy"), "'heavy' is no pair of weights"),
        (("--class-weight", "1,0"), "'1,0' is no pair of weights"),
        (("--base-rate", "120%"), "'120%' is no share of positives"),
        (("--base-rate", "0:0"), "'0:0' is no share of positives"),
        (("--l2", "nan"), "'nan' is not a finite number"),
        (("--learning-rate", "inf"), "'inf' is not a finite number"),
        (("--dropout", "1"), "1.0 is not in the range 0.0<=x<1.0"),
        (("--split", "tial"), "there is no 'tial' (did you mean 'tail'?)"),
        (("--resampling", "smoet"), "there is no 'smoet' (did you mean 'smote'?)"),
        (("--column", "val_loss"), "is not of the form NAME=COLUMN"),
        (("--column", "val_loss=holdout"), "no column 'holdout'"),
        (("--model", "none.keras"), "--model: none.keras cannot be read"),
        (("--predictions", "none.csv"), "--predictions: none.csv cannot be read"),
        (("--twin", "none.csv"), "none.csv cannot be read"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_use_exits_2_and_says_what_is_allowed(
    steelyard: Steelyard, healthy: Path, options: tuple[str, ...], said: str
) -> None:
    done = steelyard("diagnose", healthy, *options)
    assert done.exit_code == 2, done.output
    assert said in " ".join(done.stderr.split())
    assert done.stdout == ""


def test_all_paths_that_are_no_logs_are_named(steelyard: Steelyard, healthy: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    done = steelyard("diagnose", tmp_path / "none.csv", healthy, tmp_path / "empty.csv")
    assert done.exit_code == 2
    assert "none.csv cannot be read" in done.stderr
    assert "empty.csv is empty" in done.stderr


def test_several_logs_are_told_one_by_one_and_summed_up(
    steelyard: Steelyard, healthy: Path, diverged: Path
) -> None:
    done = steelyard("diagnose", healthy, diverged, healthy)
    assert done.exit_code == 1
    first, second, *_ = done.stdout.split("\n\n\n")
    assert first.startswith(str(healthy)) and second.startswith(str(diverged))
    closing = done.stdout.rstrip().split("\n\n\n")[-1]
    assert f"{diverged}: 1 error" in closing
    assert closing.endswith("judged, 1 of them without findings")


def test_runs_that_can_be_compared_are_judged_as_a_comparison_too(
    steelyard: Steelyard, tmp_path: Path
) -> None:
    rates = [[rate] * len(HEALTHY["loss"]) for rate in (0.001, 0.002)]
    logs = [csv(tmp_path / f"{n}.csv", **HEALTHY, learning_rate=rate) for n, rate in enumerate(rates)]
    document = json.loads(steelyard("diagnose", *logs, "--json").stdout)
    assert [one["format"] for one in document["diagnoses"]] == [
        "csv logger",
        "csv logger",
        "comparison of runs",
    ]


def test_standard_input_is_read(healthy: Path) -> None:
    done = CliRunner().invoke(app, ["diagnose", "-"], input=healthy.read_bytes())
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("standard input (csv logger): nothing is wrong")


def test_what_is_pasted_and_no_log_is_refused_without_the_place_of_a_file() -> None:
    done = CliRunner().invoke(app, ["diagnose", "-"], input=b"hello\n")
    assert done.exit_code == 2
    assert done.stderr.startswith("error: standard input is no training log")


def test_a_table_of_any_form_is_read_by_its_columns(steelyard: Steelyard, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("round;fit;error on holdout\n0;0.6;0.61\n1;nan;0.5\n")
    named = ("--column", "loss=fit", "--column", "val_loss=error on holdout")
    done = steelyard("diagnose", table, *named, "--json")
    assert done.exit_code == 1, done.output
    assert "OPT308" in codes(json.loads(done.stdout))


def test_a_flag_counts_more_than_what_was_read(steelyard: Steelyard, tmp_path: Path) -> None:
    post = tmp_path / "post.txt"
    post.write_text(
        "model = Sequential()\n"
        "model.add(Dense(8, input_dim=5, activation='relu'))\n"
        "model.add(Dense(1, activation='sigmoid'))\n"
        "model.compile(loss='mse', optimizer='adam')\n"
        "history = model.fit(X, y, epochs=3, validation_split=0.2)\n"
        "{'loss': [0.5, 0.4, 0.3], 'val_loss': [0.5, 0.4, 0.35]}\n"
    )
    asked = ("--select", "OPT313", "--json")
    assert codes(json.loads(steelyard("diagnose", post, *asked).stdout)) == ["OPT313"]
    told = steelyard("diagnose", post, *asked, "--loss", "binary_crossentropy").stdout
    assert codes(json.loads(told)) == []


def test_a_model_tells_its_layers(steelyard: Steelyard, healthy: Path, tmp_path: Path) -> None:
    layers = [
        {
            "class_name": "Dense",
            "config": {"units": 8, "activation": "linear", "batch_input_shape": [None, 5]},
        },
        {"class_name": "Dense", "config": {"units": 4, "activation": "linear"}},
        {"class_name": "Dense", "config": {"units": 1, "activation": "sigmoid"}},
    ]
    model = tmp_path / "model.json"
    model.write_text(json.dumps({"class_name": "Sequential", "config": {"name": "m", "layers": layers}}))
    asked = ("--select", "ARC503", "--json")
    without = json.loads(steelyard("diagnose", healthy, *asked).stdout)["diagnoses"][0]["results"][0]
    assert without["status"] == "not applicable" and without["missing"] == ["layers"]
    assert codes(json.loads(steelyard("diagnose", healthy, *asked, "--model", model).stdout)) == ["ARC503"]


def test_predictions_tell_a_collapse_from_a_threshold(steelyard: Steelyard, tmp_path: Path) -> None:
    zeros = [0.0] * 8
    accuracy = [0.95] * 8
    log = csv(tmp_path / "h.csv", **HEALTHY, val_recall=zeros, val_precision=zeros, val_accuracy=accuracy)
    random = np.random.default_rng(0)
    target = np.repeat([0, 1], [1900, 100])
    ranked = np.clip(0.05 + 0.1 * target + random.normal(0, 0.03, 2000), 0.001, 0.4)
    for name, probability in (("ranked", ranked), ("constant", np.full(2000, 0.05))):
        pl.DataFrame({"target": target, "probability": probability}).write_csv(tmp_path / f"{name}.csv")
    asked = ("--select", "COL201,COL202", "--json", "--predictions")
    assert codes(json.loads(steelyard("diagnose", log, *asked, tmp_path / "ranked.csv").stdout)) == ["COL202"]
    assert codes(json.loads(steelyard("diagnose", log, *asked, tmp_path / "constant.csv").stdout)) == [
        "COL201"
    ]


def test_predictions_of_other_rows_are_refused(steelyard: Steelyard, healthy: Path, tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text("target,probability\n0,0.1\n1,0.9\n")
    done = steelyard("diagnose", healthy, "--predictions", file, "--rows", 3)
    assert done.exit_code == 2
    assert "--predictions: 2 rows, but 3 validation rows are known of" in done.stderr
    done = steelyard("diagnose", healthy, csv(tmp_path / "b.csv", **HEALTHY), "--predictions", file)
    assert done.exit_code == 2
    assert "belongs to one log, but 2 were found" in done.stderr


def test_a_table_gives_rates_and_inputs(steelyard: Steelyard, healthy: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    late = np.arange(2000) >= 1600
    bought = random.random(2000) < np.where(late, 0.4, 0.1)
    frame = pl.DataFrame({"pages": random.normal(size=2000) * 1e-5, "bought": bought.astype(int)})
    frame.write_csv(tmp_path / "visits.csv")
    data = ("--data", tmp_path / "visits.csv", "--target", "bought")
    split = ("--split", "tail", "--validation-share", 0.2, "--scaling", "none")
    done = steelyard("diagnose", healthy, *data, *split, "--json")
    assert done.exit_code == 1, done.output
    document = json.loads(done.stdout)
    found = {one["code"]: one for one in document["diagnoses"][0]["findings"]}
    assert {"DAT601", "DAT603"} <= set(found)
    share = found["DAT603"]["evidence"]["base_rate_validation"]
    assert share == pytest.approx(bought[late].mean())


def test_a_twin_shows_whether_probes_change_training(steelyard: Steelyard, tmp_path: Path) -> None:
    probed = csv(tmp_path / "probed.csv", **HEALTHY)
    other = csv(tmp_path / "other.csv", **{**HEALTHY, "loss": [value + 0.01 for value in HEALTHY["loss"]]})
    asked = ("--select", "CMP109", "--json", "--twin")
    assert codes(json.loads(steelyard("diagnose", probed, *asked, other).stdout)) == ["CMP109"]
    assert codes(json.loads(steelyard("diagnose", probed, *asked, probed).stdout)) == []


def test_a_pickle_needs_trust(steelyard: Steelyard, tmp_path: Path) -> None:
    import pickle

    path = tmp_path / "history.pkl"
    path.write_bytes(pickle.dumps(HEALTHY))
    refused = steelyard("diagnose", path)
    assert refused.exit_code == 2
    assert "--trust" in refused.stderr
    assert steelyard("diagnose", path, "--trust").exit_code == 0


def test_a_count_that_contradicts_the_log_is_refused(steelyard: Steelyard, tmp_path: Path) -> None:
    log = tmp_path / "console.txt"
    log.write_text(
        "Train on 80 samples, validate on 20 samples\n"
        + "".join(f"Epoch {n}/2\n80/80 - 1s - loss: 0.{n}00 - val_loss: 0.{n}10\n" for n in (1, 2))
    )
    done = steelyard("diagnose", log, "--positives", 30)
    assert done.exit_code == 2, done.output
    assert "30 positives are more than the 20 validation rows of" in done.stderr
    assert steelyard("diagnose", log, "--positives", 3).exit_code in (0, 1)
