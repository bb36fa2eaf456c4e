"""``steelyard export``: the model of a run as a file that works without Steelyard."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import onnxruntime
import polars as pl
import pytest

from steelyard.engine import predict_probability
from steelyard.preprocessing import encode
from steelyard.store import load_model
from steelyard.tables import read_like
from tests.cli.calls import Steelyard, visits_csv
from tests.cli.test_full_disk import call_with_little_room

FORMATS = {"onnx": "visits-1.onnx", "numpy": "visits_1.py", "keras": "visits-1.keras"}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which files without a place of their own are written."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def new(tmp_path: Path) -> Path:
    path = tmp_path / "new.csv"
    path.write_text(visits_csv(250, seed=3))
    return path


def predicted(file: Path, form: str, run: Path, new: Path) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """What the file says of the rows, by the means of its users."""
    if form == "numpy":
        done = subprocess.run([sys.executable, "-I", file, new], capture_output=True, text=True, check=True)
        return np.array([float(line.split(",")[0]) for line in done.stdout.splitlines()[1:]])
    if form == "onnx":
        frame = pl.read_csv(new)
        feed = {
            "pages": frame["pages"].cast(pl.Float32).to_numpy(),
            "noise": frame["noise"].cast(pl.Float32).to_numpy(),
            "source": frame["source"].to_numpy().astype(object),
        }
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        found = session.run(None, {name: column.reshape(-1, 1) for name, column in feed.items()})[0]
        return np.asarray(found, np.float64)
    model = load_model(run)
    inputs = encode(read_like(new, model.schema, target=False), model.encoding).toarray()
    return np.asarray(keras.models.load_model(file)(inputs).detach().numpy()[:, 0], np.float64)


@pytest.mark.parametrize("form", FORMATS)
def test_it_predicts_what_the_run_predicts(
    steelyard: Steelyard, trained: Path, new: Path, here: Path, form: str
) -> None:
    done = steelyard("export", trained, "--format", form)
    assert done.exit_code == 0, done.output
    name = FORMATS[form]
    first, second = done.stdout.splitlines()
    assert first == f"{name}: probability of bought = yes from 3 columns"
    assert second.startswith("use it: ") and name in second
    assert sorted(path.name for path in here.iterdir()) == sorted(["new.csv", name])
    model = load_model(trained)
    expected = predict_probability(model, read_like(new, model.schema, target=False))
    np.testing.assert_allclose(predicted(here / name, form, trained, new), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_in_the_way(steelyard: Steelyard, trained: Path, here: Path, form: str) -> None:
    """Only a file that was named is replaced."""
    file = here / FORMATS[form]
    file.write_text("mine")
    refused = steelyard("export", trained, "--format", form)
    assert refused.exit_code == 2
    assert "exists already" in refused.stderr and f"--out {file.name}" in refused.stderr
    assert file.read_text() == "mine"
    done = steelyard("export", trained, "--format", form, "--out", file.name)
    assert done.exit_code == 0, done.output
    assert file.stat().st_size > 1000


def test_json(steelyard: Steelyard, trained: Path, here: Path) -> None:
    done = steelyard("export", trained, "--format", "numpy", "--out", "model.py", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {
        "run": str(trained),
        "format": "numpy",
        "file": "model.py",
        "bytes": (here / "model.py").stat().st_size,
        "networks": 1,
        "target": "bought",
        "positive": "yes",
        "columns": ["pages", "noise", "source"],
    }


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("model.keras", "ends in '.keras'; --format onnx writes .onnx"),
        ("model", "has no ending; --format onnx writes .onnx"),
        (".", "is a folder"),
        ("none/model.onnx", "cannot be written"),
    ],
)
def test_places_that_will_not_do(steelyard: Steelyard, trained: Path, out: str, said: str) -> None:
    done = steelyard("export", trained, "--format", "onnx", "--out", out)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "--out" in done.stderr


def test_runs_that_will_not_do(steelyard: Steelyard, here: Path) -> None:
    done = steelyard("export", "runs/none", "--format", "onnx")
    assert done.exit_code == 2
    assert "runs/none: there is no such run folder" in done.stderr
    assert list(here.iterdir()) == []


def test_formats_that_there_are_not(steelyard: Steelyard, trained: Path) -> None:
    done = steelyard("export", trained, "--format", "pickle")
    assert done.exit_code == 2
    assert "'keras', 'onnx', 'numpy'" in done.stderr


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_leaves_what_was_there(trained: Path, here: Path, form: str) -> None:
    file = here / FORMATS[form]
    file.write_text("old")
    done = call_with_little_room(here, "export", trained, "--format", form, "--out", file.name)
    assert done.returncode == 2, done.stderr
    assert f"error: {file.name}: cannot be written: File too large" in done.stderr
    assert file.read_text() == "old"
    assert list(here.iterdir()) == [file]


def test_without_the_package_onnx(
    steelyard: Steelyard, trained: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    done = steelyard("export", trained, "--format", "onnx")
    assert done.exit_code == 2
    assert "pip install 'steelyard[onnx]'" in done.stderr
    assert list(here.iterdir()) == []


def test_help_has_an_example_of_each_step(steelyard: Steelyard) -> None:
    text = steelyard("export", "--help").stdout
    assert "steelyard export runs/bank-1 --format onnx" in text
    assert "python bank.py new.csv > predictions.csv" in text
