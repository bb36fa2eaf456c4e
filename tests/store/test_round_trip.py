"""What is written comes back, to the last bit."""

from __future__ import annotations

import csv
import dataclasses
import json
import tomllib
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from steelyard.data import CategoryEncoding
from steelyard.data.calibrator import Beta, Isotonic, Temperature
from steelyard.history import History, Telemetry
from steelyard.recipe import recipe_to_dict
from steelyard.run import Readout
from steelyard.store import (
    RunWriter,
    SavedRun,
    layout,
    load_diagnosis,
    load_facts,
    load_model,
    load_run,
    read_predictions,
    runs_scored_on,
)
from steelyard.store.layout import FILES, MANIFEST
from steelyard.store.modelfile import model_from_bytes, model_to_bytes
from steelyard.training import TrainingResult
from tests.store.results import DRAWING, PROVENANCE, READOUT, SCHEMA, facts_of, training_result

DIAGNOSIS = {"networks": [{"findings": [], "notes": ["ü"]}]}


@pytest.fixture(scope="module")
def result() -> TrainingResult:
    return training_result()


@pytest.fixture(scope="module")
def folder(result: TrainingResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with RunWriter.numbered(tmp_path_factory.mktemp("runs"), "bank") as writer:
        return writer.save(result, facts_of(result), PROVENANCE, DRAWING, DIAGNOSIS)


@pytest.fixture(scope="module")
def saved(folder: Path) -> SavedRun:
    return load_run(folder)


def test_the_folder_holds_the_files_of_a_run_and_nothing_else(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {*FILES, layout.DIAGNOSIS, MANIFEST}
    assert [path.name for path in folder.parent.iterdir()] == ["bank-1"]


def test_recipe_and_facts_come_back(result: TrainingResult, folder: Path, saved: SavedRun) -> None:
    assert saved.recipe == result.recipe
    assert tomllib.loads((folder / "recipe.toml").read_text()) == recipe_to_dict(result.recipe)
    assert saved.facts == load_facts(folder) == facts_of(result)
    assert (folder / "learning-curves.svg").read_text() == DRAWING
    assert load_diagnosis(folder) == DIAGNOSIS


def test_a_run_may_do_without_a_diagnosis(result: TrainingResult, tmp_path: Path) -> None:
    folder = RunWriter.exact(tmp_path / "plain").save(result, facts_of(result), PROVENANCE, DRAWING)
    assert {path.name for path in folder.iterdir()} == {*FILES, MANIFEST}
    assert load_diagnosis(folder) is None


def test_how_each_network_fared_comes_back(result: TrainingResult, saved: SavedRun) -> None:
    assert len(saved.networks) == len(result.runs)
    for network, run in zip(saved.networks, result.runs, strict=True):
        assert (network.seed, network.status, network.reason, network.best_epoch) == (
            run.seed,
            run.status,
            run.reason,
            run.best_epoch,
        )
        _assert_same_history(network.history, run.history)
        _assert_same_telemetry(network.telemetry, run.telemetry)


def _assert_same_history(found: History, written: History) -> None:
    np.testing.assert_array_equal(found.epochs, written.epochs)
    assert list(found) == list(written)
    for ours, theirs in zip(found.series, written.series, strict=True):
        assert (ours.split, ours.metric, ours.quantity) == (theirs.split, theirs.metric, theirs.quantity)
        np.testing.assert_array_equal(ours.values, theirs.values)


def _assert_same_telemetry(found: Telemetry, written: Telemetry) -> None:
    np.testing.assert_array_equal(found.epochs, written.epochs)
    np.testing.assert_array_equal(found.logit_mean, written.logit_mean)
    np.testing.assert_array_equal(found.logit_std, written.logit_std)
    for ours, theirs in zip(found.layers, written.layers, strict=True):
        for field in dataclasses.fields(ours):
            np.testing.assert_array_equal(getattr(ours, field.name), getattr(theirs, field.name))


def test_the_model_comes_back(result: TrainingResult, folder: Path) -> None:
    model = load_model(folder)
    assert model.schema == SCHEMA
    assert model.network == result.recipe.network
    assert len(model.weights) == 2
    for ours, theirs in zip(model.weights, result.model.weights, strict=True):
        assert ours.keys() == theirs.keys()
        for name in ours:
            assert ours[name].dtype == np.float32
            np.testing.assert_array_equal(ours[name], theirs[name])
    found, written = model.encoding, result.model.encoding
    for name in ("shift", "scale", "fill", "inverse_clip", "indicators"):
        np.testing.assert_array_equal(getattr(found, name), getattr(written, name))
        assert getattr(found, name).dtype == getattr(written, name).dtype
    for ours, theirs in zip(found.categories, written.categories, strict=True):
        _assert_same_category(ours, theirs)


@pytest.mark.parametrize(
    "readout",
    [
        READOUT,
        Readout(),
        Readout(calibrator=Beta(a=1 / 3, b=2e-7, c=-0.1), threshold=-0.5, base_rate=1e-9),
        Readout(calibrator=Temperature(temperature=np.pi)),
        Readout(calibrator=Isotonic(logits=(-1.1, 0.1 + 0.2), probabilities=(1e-12, 1 - 1e-12))),
    ],
    ids=repr,
)
def test_the_readout_comes_back(readout: Readout) -> None:
    result = training_result()
    model = dataclasses.replace(result.model, readout=readout)
    found = model_from_bytes(*model_to_bytes(model)).readout
    assert repr(found) == repr(readout)  # in which NaN equals NaN
    assert found.calibrator == readout.calibrator


def test_runs_on_the_same_test_rows_are_known_again(tmp_path: Path) -> None:
    result = training_result()
    for mark in ("a", "b", "a", ""):
        document = {**facts_of(result), "bookkeeping": {"test": {"mark": mark} if mark else None}}
        with RunWriter.numbered(tmp_path, "bank") as writer:
            writer.save(result, document, PROVENANCE, DRAWING)
    with RunWriter.numbered(tmp_path, "old") as writer:
        writer.save(result, facts_of(result), PROVENANCE, DRAWING)
    assert sorted(runs_scored_on(tmp_path, "a")) == ["bank-1", "bank-3"]
    assert runs_scored_on(tmp_path, "b") == ("bank-2",)
    assert runs_scored_on(tmp_path, "c") == runs_scored_on(tmp_path, "") == ()
    assert runs_scored_on(tmp_path / "none", "a") == ()


def _assert_same_category(found: CategoryEncoding, written: CategoryEncoding) -> None:
    assert (found.size, found.embedding_dim, found.names) == (
        written.size,
        written.embedding_dim,
        written.names,
    )
    np.testing.assert_array_equal(found.slots, written.slots)


def test_history_csv_begins_as_keras_writes_it(result: TrainingResult, folder: Path) -> None:
    with (folder / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:6] == ["epoch", "accuracy", "learning_rate", "loss", "val_accuracy", "val_loss"]
    assert list(rows[0])[-1] == "seed"
    assert [(row["seed"], row["epoch"]) for row in rows] == [
        *(("7", f"{epoch}") for epoch in range(5)),
        *(("8", f"{epoch}") for epoch in range(3)),
    ]
    history = result.runs[0].history
    assert float(rows[1]["loss"]) == history["train_objective"][1]
    assert float(rows[1]["accuracy"]) == history["train_accuracy"][1]
    assert float(rows[1]["val_accuracy"]) == history["validation_accuracy"][1]
    assert float(rows[1]["learning_rate"]) == history["train_learning_rate"][1]
    assert float(rows[1]["val_loss"]) == history["validation_loss"][1] + history["train_penalty"][1]


def test_telemetry_joins_history_on_seed_and_epoch(folder: Path) -> None:
    telemetry = pl.read_csv(folder / "telemetry.csv")
    history = pl.read_csv(folder / "history.csv")
    assert telemetry.height == 8 * 3
    assert telemetry.join(history, on=["seed", "epoch"]).height == 8 * 3
    assert set(telemetry["layer"]) == {"dense", "dense_1", "logit"}


def test_predictions_name_their_rows(result: TrainingResult, folder: Path) -> None:
    frame = read_predictions(folder)
    networks = [f"network_{run.seed}" for run in result.runs]
    assert frame.columns == ["row", "split", "target", "probability", *networks]
    for part, rows in (("validation", result.split.validation), ("test", result.split.test)):
        of_part = frame.filter(pl.col("split") == part)
        np.testing.assert_array_equal(of_part["row"], rows)
        np.testing.assert_array_equal(of_part["target"], result.targets[part])
        np.testing.assert_array_equal(of_part["probability"], result.probabilities[part])


def test_predictions_of_each_network_are_of_validation_rows(result: TrainingResult, folder: Path) -> None:
    frame = read_predictions(folder)
    validates = frame["split"] == "validation"
    for run, log in zip(result.runs, result.logs, strict=True):
        alone = frame[f"network_{run.seed}"]
        np.testing.assert_array_equal(alone.filter(validates), log.predictions["validation"].probability)
        assert alone.filter(~validates).is_null().all()


def test_the_environment_tells_what_made_the_run(saved: SavedRun) -> None:
    environment = saved.environment
    assert environment["command"] == list(PROVENANCE.command)
    assert environment["data"] == {"source": "bank visits.csv", "fingerprint": "0123abcd"}
    assert environment["instruction_set"] == "avx2"
    assert environment["started"] == "2024-05-01T12:00:00+00:00"
    assert environment["seconds"] == 42.0
    assert environment["packages"]["numpy"] == np.__version__


def test_nothing_in_a_run_folder_is_a_pickle(folder: Path) -> None:
    for path in folder.iterdir():
        assert not path.read_bytes().startswith(b"\x80"), path.name
    length = int.from_bytes((folder / "model.safetensors").read_bytes()[:8], "little")
    assert "0/dense/kernel" in json.loads((folder / "model.safetensors").read_bytes()[8 : 8 + length])


def test_the_same_result_gives_the_same_bytes(result: TrainingResult, folder: Path, tmp_path: Path) -> None:
    writer = RunWriter.exact(tmp_path / "again")
    again = writer.save(result, facts_of(result), PROVENANCE, DRAWING, DIAGNOSIS)
    for name in (*FILES, layout.DIAGNOSIS, MANIFEST):
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name


def test_a_run_without_an_epoch_or_test_rows_is_a_run(tmp_path: Path) -> None:
    result = training_result(epochs=(0,))
    targets, probabilities = (
        {"validation": held["validation"]} for held in (result.targets, result.probabilities)
    )
    split = dataclasses.replace(result.split, test=np.zeros(0, np.int64))
    result = dataclasses.replace(result, split=split, targets=targets, probabilities=probabilities)
    folder = RunWriter.exact(tmp_path / "early").save(result, facts_of(result), PROVENANCE, DRAWING)
    (network,) = load_run(folder).networks
    assert len(network.history) == 0
    assert list(network.history) == list(result.runs[0].history)
    assert len(load_model(folder).weights) == 1
    assert read_predictions(folder)["split"].unique().to_list() == ["validation"]


def test_facts_that_are_not_json_are_refused_and_nothing_is_left(tmp_path: Path) -> None:
    result = training_result()
    with (
        pytest.raises(ValueError, match="JSON"),
        RunWriter.numbered(tmp_path / "runs", "bank") as writer,
    ):
        writer.save(result, {"networks": [], "scores": float("nan")}, PROVENANCE, DRAWING)
    assert list(tmp_path.iterdir()) == []
