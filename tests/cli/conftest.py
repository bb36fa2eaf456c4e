"""A small file to train on, a run made from it, and ways to call the commands."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from steelyard.cli import app
from tests.cli.calls import QUICK, Spawn, Steelyard, visits_csv


@pytest.fixture
def steelyard() -> Steelyard:
    """Calls a command in this process: ``steelyard("train", path, "--target", "y")``."""

    def call(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="steelyard")

    return call


@pytest.fixture
def spawn() -> Iterator[Spawn]:
    """Starts a command as a process of its own, which does not outlive the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "steelyard", *map(str, arguments)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        with process:  # closes the pipes and waits
            pass


@pytest.fixture
def visits(tmp_path: Path) -> Path:
    """A file to train on."""
    path = tmp_path / "visits.csv"
    path.write_text(visits_csv())
    return path


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder that the tests only read."""
    folder = tmp_path_factory.mktemp("trained")
    data = folder / "visits.csv"
    data.write_text(visits_csv())
    arguments = ["train", str(data), "--target", "bought", "--out", str(folder / "runs"), *QUICK, "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    return Path(json.loads(done.stdout)["run"])
