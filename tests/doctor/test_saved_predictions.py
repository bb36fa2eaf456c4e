"""A saved run, diagnosed again, says what it said when it ended: its predictions are read with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

import steelyard
from steelyard.cli import app
from steelyard.diagnosis.document import document_of
from steelyard.diagnosis.readers import read
from steelyard.doctor.saved_predictions import with_saved_predictions
from steelyard.log import Log
from steelyard.store import layout
from steelyard.store.manifest import Manifest, entry_of, manifest_to_bytes, read_manifest
from tests.cli.calls import QUICK, visits_csv

CASES = {
    "one network": (),
    "several": ("--seeds", "2"),
    "calibrated": ("--set", "decision.calibration=isotonic"),
    "weighted": ("--set", "imbalance.class_weight=balanced", "--seed", "3"),
    "unscaled": ("--set", "preprocessing.scaling=none"),
    "hardly trained": ("--set", "optimizer.learning_rate=1e-6"),
}


def train(parent: Path, *options: str) -> Path:
    data = parent / "visits.csv"
    data.write_text(visits_csv())
    arguments = ["train", str(data), "--target", "bought", "--out", str(parent / "runs"), *QUICK, *options]
    done = CliRunner().invoke(app, arguments, prog_name="steelyard")
    assert done.exit_code == 0, done.output
    return parent / "runs" / "visits-1"


@pytest.fixture(scope="module", params=CASES.values(), ids=CASES.keys())
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("run"), *request.param)


def told(folder: Path) -> list[dict[str, Any]]:
    """What ``diagnosis.json`` says of each network."""
    networks: list[dict[str, Any]] = json.loads((folder / layout.DIAGNOSIS).read_text())["networks"]
    return networks


def test_the_command_says_it_again(folder: Path) -> None:
    done = CliRunner().invoke(app, ["diagnose", str(folder), "--json"], prog_name="steelyard")
    again = json.loads(done.stdout)["diagnoses"]
    assert [one["results"] for one in again] == [one["results"] for one in told(folder)]
    assert [one["answers"] for one in again] == [one["answers"] for one in told(folder)]


def test_python_says_it_again(folder: Path) -> None:
    """But for the ways of supplying what is missing, which are those of Python."""
    again = [document_of(one) for one in steelyard.diagnose(folder)]
    for before, after in zip(told(folder), again, strict=True):
        statuses, findings = (
            [[result[what] for result in one["results"]] for one in (before, after)]
            for what in ("status", "finding")
        )
        assert statuses[0] == statuses[1]
        assert findings[0] == findings[1]


def rewritten(folder: Path, content: bytes) -> Path:
    """The folder with another file of predictions, which its manifest knows."""
    (folder / layout.PREDICTIONS).write_bytes(content)
    manifest = read_manifest(folder)
    files = {**manifest.files, layout.PREDICTIONS: entry_of(content)}
    found = Manifest(manifest.format, files, manifest.series)
    (folder / layout.MANIFEST).write_bytes(manifest_to_bytes(found))
    return folder


def older(folder: Path) -> Path:
    """As the folder was written before the networks' own predictions were kept."""
    frame = pl.read_parquet(folder / layout.PREDICTIONS).drop(pl.selectors.starts_with("network_"))
    path = folder.parent / "older.parquet"
    frame.write_parquet(path)
    return rewritten(folder, path.read_bytes())


def logs_of(folder: Path) -> tuple[Log, ...]:
    return with_saved_predictions(read(folder))


def test_of_an_older_folder_the_model_is_the_network(tmp_path: Path) -> None:
    folder = train(tmp_path, "--set", "decision.calibration=none")
    (before,) = logs_of(folder)
    (after,) = logs_of(older(folder))
    np.testing.assert_allclose(
        after.predictions["validation"].probability, before.predictions["validation"].probability
    )
    assert after.notes == before.notes


@pytest.mark.parametrize("options", [CASES["several"], CASES["calibrated"]], ids=["several", "calibrated"])
def test_of_an_older_folder_the_model_may_be_another(tmp_path: Path, options: tuple[str, ...]) -> None:
    for log in logs_of(older(train(tmp_path, *options))):
        assert log.predictions == {}
        assert log.notes[-1] == (
            "judged without predictions: the predictions in the folder are not those of this network alone"
        )


def test_a_damaged_file_is_told_of(tmp_path: Path) -> None:
    folder = train(tmp_path)
    (folder / layout.PREDICTIONS).write_bytes(b"PAR1")
    (log,) = logs_of(folder)
    assert log.predictions == {}
    assert "judged without predictions" in log.notes[-1]
    assert layout.PREDICTIONS in log.notes[-1]


def test_rows_that_are_not_all_there(tmp_path: Path) -> None:
    folder = train(tmp_path)
    path = tmp_path / "short.parquet"
    pl.read_parquet(folder / layout.PREDICTIONS).head(5).write_parquet(path)
    (log,) = logs_of(rewritten(folder, path.read_bytes()))
    assert log.predictions == {}
    assert log.notes[-1].endswith("the folder has predictions of 5 validation rows, not of 120")


def test_a_foreign_log_is_left_as_it_is() -> None:
    log = Log("log.csv", "csv logger")
    assert with_saved_predictions([log]) == (log,)
