from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from steelyard.diagnosis.diagnosis import diagnosis_of
from steelyard.diagnosis.readers import read
from steelyard.errors import DataError
from steelyard.finding import Status
from steelyard.log import FeatureFact
from steelyard.store import RunWriter, SavedRun, load_run
from tests.diagnosis.readers.result_samples import HISTORY_CSV
from tests.store.results import DRAWING, PROVENANCE, facts_of, training_result


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> SavedRun:
    result = training_result()
    with RunWriter.numbered(tmp_path_factory.mktemp("runs"), "bank") as writer:
        return load_run(writer.save(result, facts_of(result), PROVENANCE, DRAWING))


def test_curves_and_telemetry_are_those_that_the_store_reads(saved: SavedRun) -> None:
    logs = read(saved.folder)
    assert len(logs) == len(saved.networks)
    for log, network in zip(logs, saved.networks, strict=True):
        assert log.history is not None and log.telemetry is not None
        assert log.history.epochs.tolist() == network.history.epochs.tolist()
        for series in network.history.series:
            if np.isnan(series.values).all():
                assert series.name not in log.history
                continue
            np.testing.assert_array_equal(log.history[series.name], series.values)
            assert (
                next(one for one in log.history.series if one.name == series.name).quantity == series.quantity
            )
        for name, values in vars(network.telemetry).items():
            if name != "layers":
                np.testing.assert_array_equal(getattr(log.telemetry, name), values)
        for found, written in zip(log.telemetry.layers, network.telemetry.layers, strict=True):
            np.testing.assert_equal(asdict(found), asdict(written))


def test_the_history_alone_is_read_with_its_folder(saved: SavedRun) -> None:
    alone = read(saved.folder / "history.csv")
    assert [log.facts for log in alone] == [log.facts for log in read(saved.folder)]


def test_a_history_without_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(HISTORY_CSV)
    first, second = read(path)
    assert first.history is not None and second.history is not None
    assert first.history["train_objective"].tolist() == [0.75, 0.5]
    assert first.history["validation_loss"].tolist() == [0.5, 0.375]
    assert second.history["validation_loss"].tolist() == [0.625]
    quantities = {one.name: one.quantity for one in first.history.series}
    assert quantities["train_objective"].penalized is True
    assert quantities["validation_loss"].penalized is False
    assert "train_val_loss" not in first.history and "validation_val_loss" not in first.history


def test_a_recipe_that_is_none(saved: SavedRun, tmp_path: Path) -> None:
    for file in saved.folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "recipe.toml").write_text("[network\n")
    with pytest.raises(DataError, match=r"recipe\.toml is no recipe"):
        read(tmp_path / "history.csv")


def test_seeds_that_are_none_and_columns_that_mean_the_same(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    header, first, *_ = HISTORY_CSV.splitlines()
    path.write_text(f"{header.replace('val_accuracy', 'valid_loss')}\n{first.removesuffix('0')}inf\n")
    (log,) = read(path)
    assert log.history is not None
    assert len(set(log.history)) == len(list(log.history))
    assert log.facts.seed is None


def test_a_network_that_diverged_has_the_epoch_it_did_not_finish(saved: SavedRun, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(saved.folder, folder)
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics["networks"][0]["status"] = "diverged"
    (folder / "metrics.json").write_text(json.dumps(metrics))
    first, *others = read(folder)
    before, *_ = read(saved.folder)
    assert first.history is not None and before.history is not None
    assert len(first.history) == len(before.history) + 1
    assert all(np.isnan(one.values[-1]) for one in first.history.series)
    assert diagnosis_of(first)["OPT308"].status is Status.FIRED
    assert all(diagnosis_of(other)["OPT308"].status is Status.PASSED for other in others)


AGE = {"name": "age", "rows": 9, "minimum": 1, "maximum": 4.5, "mean": 2, "deviation": 1, "missing": 3}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (None, None),  # an older run
        ("none", None),
        ([], ()),
        ([AGE], (FeatureFact("age", 9, 1.0, 4.5, 2.0, 1.0, missing=3),)),
        ([7, {"name": "x", "mean": "much"}], (FeatureFact("x", 0, np.nan, np.nan, np.nan, np.nan),)),
    ],
)
def test_figures_of_inputs(saved: SavedRun, tmp_path: Path, written: Any, expected: Any) -> None:
    folder = tmp_path / "run"
    shutil.copytree(saved.folder, folder)
    metrics = json.loads((folder / "metrics.json").read_text())
    (folder / "metrics.json").write_text(json.dumps({**metrics, "input_figures": written, "batch_size": -1}))
    facts = read(folder)[0].facts
    assert facts.batch_size is None
    assert str(facts.features) == str(expected)  # NaN is not NaN
