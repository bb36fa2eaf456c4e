"""The two documents, and programs run as a person would run them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Outcome:
    """What a program printed, and what it wrote into its folder."""

    out: str
    err: str
    folder: Path
    results: dict[str, Any]


@pytest.fixture(scope="session")
def shared_seeds() -> Path:
    """The two documents; the test is skipped where they are not at hand."""
    folder = HERE.parent.parent.parent / "shared" / "seeds"
    if not folder.is_dir():
        pytest.skip("needs seeds of the folder 'shared' beside the project, which is not part of it")
    return folder


@pytest.fixture(scope="session")
def run_program(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, float], Outcome]:
    """Runs a program on a share of its rows, in a folder of its own."""

    def run(name: str, share: float) -> Outcome:
        folder = tmp_path_factory.mktemp(name)
        results = folder / "results.json"
        done = subprocess.run(
            [sys.executable, HERE / f"{name}.py", "--share", str(share), "--results", results],
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return Outcome(done.stdout, done.stderr, folder, json.loads(results.read_text()))

    return run
