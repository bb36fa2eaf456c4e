"""Ctrl-C, as a terminal sends it: training ends with a usable run, anything else with nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from tests.cli.calls import Spawn, visits_csv

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")

ENDLESS = ("--set", "training.epochs=20000", "--set", "training.patience=20000")


@pytest.fixture
def visits(tmp_path: Path) -> Path:
    path = tmp_path / "visits.csv"
    path.write_text(visits_csv(5000))
    return path


def until(process: subprocess.Popen[str], words: str) -> None:
    """Reads standard error up to a line with these words."""
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if words in line:
            return
    pytest.fail(f"{words!r} never came:\n{''.join(seen)}")


@pytest.mark.parametrize("seeds", [1, 3])
def test_an_interrupted_training_is_saved_and_usable(spawn: Spawn, visits: Path, seeds: int) -> None:
    runs = visits.parent / "runs"
    options = ["--out", runs, "--seeds", seeds, "--json"]
    process = spawn("train", visits, "--target", "bought", *options, *ENDLESS)
    until(process, "epoch 1/")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    document = json.loads(out)
    assert document["status"] == "interrupted"
    assert 1 <= document["best_epoch"] <= document["epochs"]
    assert document["scores"]["test"]["roc_auc"] is not None
    assert [path.name for path in runs.iterdir()] == ["visits-1"]
    predicting = spawn("predict", document["run"], visits, "--out", visits.parent / "out.csv")
    _, err = predicting.communicate(timeout=60)
    assert predicting.returncode == 0, err
    assert pl.read_csv(visits.parent / "out.csv").height == 5000


def test_an_interrupted_prediction_leaves_no_file(spawn: Spawn, trained: Path, tmp_path: Path) -> None:
    data = tmp_path / "many.csv"
    header, *lines = visits_csv(5000).splitlines()
    data.write_text("\n".join([header, *lines * 200]) + "\n")
    process = spawn("predict", trained, data, "--out", tmp_path / "out.csv")
    draft = _appearance(tmp_path, ".out-*.csv")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "interrupted" in err
    assert "Traceback" not in err
    assert not draft.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"many.csv"}


def test_a_killed_training_is_shown_as_unfinished(spawn: Spawn, visits: Path) -> None:
    runs = visits.parent / "runs"
    process = spawn("train", visits, "--target", "bought", "--out", runs, *ENDLESS)
    until(process, "epoch 1/")
    process.kill()
    process.communicate(timeout=60)
    listing = spawn("runs", runs)
    out, err = listing.communicate(timeout=60)
    assert listing.returncode == 0, err
    assert "unfinished" in out


def _appearance(folder: Path, pattern: str) -> Path:
    """Waits for a file of this pattern to be written to."""
    for _ in range(3000):
        for path in folder.glob(pattern):
            if path.stat().st_size:
                return path
        time.sleep(0.01)
    pytest.fail(f"{pattern} never came")
