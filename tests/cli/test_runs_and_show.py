"""``steelyard runs`` and ``steelyard show``: what lies in the folders, told again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.calls import QUICK, Spawn, Steelyard


def test_show_prints_what_train_printed(steelyard: Steelyard, visits: Path) -> None:
    runs = visits.parent / "runs"
    trained = steelyard(
        "train", visits, "--target", "bought", "--drop", "visit", "--out", runs, "--ignore", "D107", *QUICK
    )
    assert trained.exit_code == 0, trained.output
    assert steelyard("show", runs / "visits-1").stdout == trained.stdout


def test_show_tells_the_warnings_of_the_training_too(steelyard: Steelyard, trained: Path) -> None:
    document = json.loads((trained / "metrics.json").read_text())
    assert document["warnings"], "the file has an identifier, of which training warns"
    assert "warning" in steelyard("show", trained).stdout


def test_the_test_rows_are_counted_when_they_are_read_again(
    steelyard: Steelyard, visits: Path, tmp_path: Path
) -> None:
    def train(*options: object) -> str:
        done = steelyard("train", visits, "--target", "bought", "--out", tmp_path / "runs", *QUICK, *options)
        assert done.exit_code == 0, done.output
        return " ".join(done.stdout.split())

    assert "test rows were read once" in train()
    assert "scored on the same" not in steelyard("runs", tmp_path / "runs").stdout
    assert "test rows were read 2 times: by visits-1 before" in train("--drop", "noise")
    assert "test rows were read once" in train("--split-seed", 1)
    assert "test rows were read 3 times: by visits-1 and visits-2 before" in train("--name", "third")
    assert "3 of them were scored on the same test rows" in steelyard("runs", tmp_path / "runs").stdout


def test_show_json_is_the_file_and_its_place(steelyard: Steelyard, trained: Path) -> None:
    document = json.loads(steelyard("show", trained, "--json").stdout)
    assert document.pop("run") == str(trained)
    assert document.pop("diagnosis") == json.loads((trained / "diagnosis.json").read_text())
    assert document == json.loads((trained / "metrics.json").read_text())


def test_runs_lists_scores_and_marks_what_is_not_whole(
    steelyard: Steelyard, trained: Path, tmp_path: Path
) -> None:
    shutil.copytree(trained, tmp_path / "whole-1")
    shutil.copytree(trained, tmp_path / "broken-1")
    (tmp_path / "broken-1" / "metrics.json").write_text('{"status":')
    (tmp_path / "killed-1.unfinished").mkdir()
    done = steelyard("runs", tmp_path)
    assert done.exit_code == 0, done.output
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line.startswith(str(tmp_path))}
    scores = json.loads((trained / "metrics.json").read_text())["scores"]["test"]
    assert f"{scores['roc_auc']:.4f}" in lines[str(tmp_path / "whole-1")]
    assert "completed" in lines[str(tmp_path / "whole-1")]
    assert "damaged" in done.stdout
    assert "metrics.json" in done.stdout
    assert "unfinished" in done.stdout


def test_runs_of_an_empty_folder(steelyard: Steelyard, tmp_path: Path) -> None:
    done = steelyard("runs", tmp_path)
    assert done.exit_code == 0
    assert done.stdout == f"no runs in {tmp_path}\n"


def test_runs_before_the_first_training(
    steelyard: Steelyard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = steelyard("runs")
    assert done.exit_code == 0
    assert "steelyard train" in done.stdout


@pytest.mark.parametrize("command", ["show", "runs"])
def test_a_missing_folder(steelyard: Steelyard, tmp_path: Path, command: str) -> None:
    done = steelyard(command, tmp_path / "nowhere")
    assert done.exit_code == 2
    assert "nowhere" in done.stderr


@pytest.mark.parametrize("name", ["metrics.json", "manifest.json"])
@pytest.mark.parametrize("damage", ["missing", "cut", "changed"])
def test_a_damaged_run(steelyard: Steelyard, trained: Path, tmp_path: Path, name: str, damage: str) -> None:
    run = tmp_path / "run"
    shutil.copytree(trained, run)
    content = (run / name).read_text()
    if damage == "missing":
        (run / name).unlink()
    elif damage == "cut":
        (run / name).write_text(content[: len(content) // 2])
    else:
        (run / name).write_text("[]")
    done = steelyard("show", run)
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.stderr
    assert name in done.stderr


def test_a_reader_that_goes_away_is_no_error(spawn: Spawn, trained: Path) -> None:
    """``steelyard show RUN | head -1``"""
    process = spawn("show", trained)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    process.wait(timeout=60)
    assert err == ""


def test_a_run_of_before_diagnoses_is_still_shown(
    steelyard: Steelyard, trained: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old-1"
    shutil.copytree(trained, old)
    (old / "diagnosis.json").unlink()
    manifest = json.loads((old / "manifest.json").read_text())
    del manifest["files"]["diagnosis.json"]
    (old / "manifest.json").write_text(json.dumps(manifest))
    done = steelyard("show", old)
    assert done.exit_code == 0, done.output
    assert "\nfindings" not in done.stdout
    assert "\nfindings" in steelyard("show", trained).stdout
    assert json.loads(steelyard("show", old, "--json").stdout)["diagnosis"] is None
