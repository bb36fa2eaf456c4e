"""Folders that are missing, unfinished, damaged or from the future: which file, what, and what to do."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from steelyard.errors import RunFolderError
from steelyard.run import Readout
from steelyard.store import RunState, RunWriter, list_runs, load_facts, load_model, load_run, read_predictions
from steelyard.store.layout import FILES
from tests.store.results import DRAWING, PROVENANCE, facts_of, training_result


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    result = training_result()
    writer = RunWriter.exact(tmp_path_factory.mktemp("template") / "bank-1")
    return writer.save(result, facts_of(result), PROVENANCE, DRAWING)


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "runs" / "bank-1"))


def _load_everything(folder: Path) -> None:
    load_run(folder)
    load_model(folder)
    read_predictions(folder)


def _forge(folder: Path, name: str, content: bytes) -> None:
    """Changes a file and its entry in the manifest, as a bug of the writer would."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest))


READ = [name for name in FILES if name != "learning-curves.svg"]
"""What loading reads; the drawing is for people."""


@pytest.mark.parametrize("name", [*READ, "manifest.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(RunFolderError, match=f"{name}: is missing: the run is damaged") as caught:
        _load_everything(folder)
    assert "train again" in caught.value.help
    assert list_runs(folder.parent)[0].state is RunState.DAMAGED


@pytest.mark.parametrize("name", [*READ, "manifest.json"])
def test_a_truncated_file_is_named(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(RunFolderError, match=f"{name}: .*: the run is damaged"):
        _load_everything(folder)
    (entry,) = list_runs(folder.parent)
    assert entry.state is RunState.DAMAGED
    assert name in entry.problem
    assert entry.facts is None


@pytest.mark.parametrize("name", READ)
def test_a_single_changed_bit_is_noticed(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(RunFolderError, match=f"{name}: does not hold what was written"):
        _load_everything(folder)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"format": "x"}', b'{"format": 1}', b"\xff\xfe"]
)
def test_a_broken_manifest_is_damage_not_a_traceback(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(RunFolderError, match=r"manifest\.json: .*the run is damaged"):
        load_facts(folder)


def test_a_folder_of_the_future_says_update(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "format": 99}))
    with pytest.raises(
        RunFolderError, match="newer Steelyard \\(format 99; this one reads up to 2\\)"
    ) as caught:
        load_facts(folder)
    assert caught.value.help == "update Steelyard"


def test_a_model_of_the_future_is_refused(folder: Path) -> None:
    document = json.loads((folder / "model.json").read_text())
    _forge(folder, "model.json", json.dumps({**document, "format": 3}).encode())
    with pytest.raises(RunFolderError, match="has format 3"):
        load_model(folder)


def test_a_model_of_before_readouts_gives_sigmoids(folder: Path) -> None:
    """Format 1 had no calibrator and no threshold but 0.5; its folders stay readable."""
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "format": 1}))
    document = json.loads((folder / "model.json").read_text())
    del document["readout"]
    _forge(folder, "model.json", json.dumps({**document, "format": 1}).encode())
    assert repr(load_model(folder).readout) == repr(Readout())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("readout"), "does not say how its logits are read"),
        (lambda d: d["readout"].pop("offset"), r"wrong at readout\.offset: Field required"),
        (lambda d: d["readout"].update(offset="much"), r"wrong at readout\.offset"),
        (lambda d: d["readout"].update(threshold=7), r"wrong at readout\.threshold"),
        (lambda d: d["readout"].update(objective=""), r"wrong at readout\.objective"),
        (lambda d: d["readout"].update(base_rate=-0.1), r"wrong at readout\.base_rate"),
        (lambda d: d["readout"]["calibrator"].update(name="plat"), r"wrong at readout\.calibrator"),
        (lambda d: d["readout"]["calibrator"].update(slope=-1.0), r"readout\.calibrator\.logistic\.slope"),
    ],
)
def test_a_readout_that_makes_no_sense_is_named(
    folder: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    document = json.loads((folder / "model.json").read_text())
    change(document)
    _forge(folder, "model.json", json.dumps(document).encode())
    with pytest.raises(RunFolderError, match=message):
        load_model(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop("1/dense/kernel"), "tensor 1/dense/kernel is missing"),
        (
            lambda t: t.update({"0/dense/kernel": t["0/dense/kernel"].T.copy()}),
            r"0/dense/kernel has shape \(4, 12\)",
        ),
        (lambda t: t.update({"0/dense_1/bias": np.zeros(1)}), "0/dense_1/bias is float64, not float32"),
        (lambda t: t.pop("encoding/shift"), "encoding/shift is missing"),
        (
            lambda t: t.update({"encoding/slots/1": np.full(4, 9, np.int32)}),
            "encoding/slots/1 holds numbers outside",
        ),
        (
            lambda t: t.update({"encoding/indicators": np.array([5], np.int32)}),
            "indicators holds numbers outside",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_named(
    folder: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    tensors = load((folder / "model.safetensors").read_bytes())
    change(tensors)
    _forge(folder, "model.safetensors", save(tensors))
    with pytest.raises(RunFolderError, match=message):
        load_model(folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.safetensors", b"\x08\x00\x00\x00\x00\x00\x00\x00not json"),
        ("model.json", b"{"),
        ("model.json", b'{"format": 1}'),
        ("model.json", b"[]"),
        ("metrics.json", b"[]"),
        ("metrics.json", b"{}"),
        ("metrics.json", b'{"networks": [{"seed": 7, "status": "fine", "reason": "", "best_epoch": 1}]}'),
        ("environment.json", b"nonsense"),
        ("recipe.toml", b"[trainning]\n"),
        ("recipe.toml", b"\xff"),
        ("history.csv", b"epoch,seed\n0,99\n"),
        ("history.csv", b"epoch,seed\nzero,7\n"),
        ("telemetry.csv", b"seed,epoch,layer\n7,0,dense\n"),
        ("predictions.parquet", b"PAR1"),
    ],
)
def test_content_that_makes_no_sense_is_damage_not_a_traceback(
    folder: Path, name: str, content: bytes
) -> None:
    _forge(folder, name, content)
    with pytest.raises(RunFolderError, match="the run is damaged") as caught:
        _load_everything(folder)
    named = "model.json" if name.startswith("model") else name
    assert f"{folder / named}: " in caught.value.problems[0]


def test_a_run_that_does_not_exist_is_answered_with_the_closest_name(folder: Path) -> None:
    with pytest.raises(
        RunFolderError, match=r"bnak-1: there is no such run folder \(did you mean 'bank-1'\?\)"
    ):
        load_run(folder.with_name("bnak-1"))
    with pytest.raises(RunFolderError, match="there is no such run folder"):
        load_run(folder / "no" / "where")


def test_an_unfinished_run_is_called_so_by_either_name(folder: Path) -> None:
    unfinished = folder.with_name("bank-2.unfinished")
    folder.rename(unfinished)
    for name in (unfinished, unfinished.with_name("bank-2")):
        with pytest.raises(RunFolderError, match=r"bank-2\.unfinished: this run is unfinished"):
            load_model(name)


def test_what_is_no_run_folder_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="is a file, not a run folder"):
        load_run(tmp_path / "file")
    with pytest.raises(RunFolderError, match=r"is not a run folder \(manifest\.json is missing\)"):
        load_run(tmp_path)


def test_runs_are_listed_newest_first_with_what_they_are(folder: Path) -> None:
    runs = folder.parent
    os.utime(folder, (1_000, 1_000))
    newer = Path(shutil.copytree(folder, runs / "bank-2"))
    os.utime(newer, (3_000, 3_000))
    (runs / "bank-3.unfinished").mkdir()
    os.utime(runs / "bank-3.unfinished", (2_000, 2_000))
    (runs / "unrelated").mkdir()
    (runs / "notes.txt").write_text("")
    entries = list_runs(runs)
    assert [(entry.folder.name, entry.state, entry.modified) for entry in entries] == [
        ("bank-2", RunState.COMPLETE, 3_000),
        ("bank-3.unfinished", RunState.UNFINISHED, 2_000),
        ("bank-1", RunState.COMPLETE, 1_000),
    ]
    assert entries[0].facts == load_facts(newer)
    assert entries[0].problem == ""
    assert "killed" in entries[1].problem


def test_a_list_of_nowhere_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="there is no such folder"):
        list_runs(tmp_path / "nowhere")
    assert list_runs(tmp_path) == ()


def test_a_folder_that_goes_while_runs_are_listed_is_passed_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when another process finishes its run and renames it."""
    staging = folder.with_name("other-1.unfinished")
    staging.mkdir()
    seen = Path.iterdir

    def then_gone(path: Path) -> list[Path]:
        found = list(seen(path))
        if staging in found:
            monkeypatch.setattr(Path, "is_dir", lambda path: path.name == staging.name or path.exists())
            staging.rmdir()
        return found

    monkeypatch.setattr(Path, "iterdir", then_gone)
    assert [entry.folder.name for entry in list_runs(folder.parent)] == [folder.name]
