"""A disk that is full, imitated by a limit on the size of files: a clear message and nothing half-written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.calls import QUICK

resource = pytest.importorskip("resource", reason="limits are a POSIX thing")

LIMIT = 2_000
"""Bytes: less than a model or the predictions need."""


def call_with_little_room(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs the command where no file can grow beyond the limit."""
    script = (
        f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({LIMIT}, {LIMIT}))\n"
        "from steelyard.cli import main; main()"
    )
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_training_says_so_and_leaves_nothing(visits: Path) -> None:
    done = call_with_little_room(visits.parent, "train", visits.name, "--target", "bought", *QUICK)
    assert done.returncode == 2, done.stderr
    assert "error: runs/visits-1: cannot be written: File too large" in done.stderr
    assert "help: " in done.stderr
    assert "Traceback" not in done.stderr
    assert list(visits.parent.iterdir()) == [visits]


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_prediction_says_so_and_leaves_what_was_there(trained: Path, visits: Path, name: str) -> None:
    out = visits.parent / name
    out.write_text("old")
    done = call_with_little_room(visits.parent, "predict", trained, visits.name, "--out", name)
    assert done.returncode == 2, done.stderr
    assert f"error: {name}: cannot be written: " in done.stderr
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert out.read_text() == "old"
    assert sorted(visits.parent.iterdir()) == sorted([out, visits])
