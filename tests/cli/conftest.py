"""A small file to train on, a run made from it, and ways to call the commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from steelyard.cli import app

Steelyard = Callable[..., Result]
QUICK = ("--set", "training.epochs=4", "--set", "network.hidden_units=[8]")
"""Options that make training a matter of milliseconds."""


@pytest.fixture
def steelyard() -> Steelyard:
    """Calls a command in this process: ``steelyard("train", path, "--target", "y")``."""

    def call(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="steelyard")

    return call


@pytest.fixture
def spawn() -> Callable[..., subprocess.Popen[str]]:
    """Starts a command as a process of its own."""

    def start(*arguments: object, **options: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "steelyard", *map(str, arguments)]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, **options
        )

    return start


def visits_csv(rows: int = 600, seed: int = 0) -> str:
    """A CSV document: a number and a category that tell something, one that does not, gaps, an identifier."""
    random = np.random.default_rng(seed)
    pages = random.integers(1, 30, rows)
    source = random.choice(["ad", "mail", "search"], rows)
    noise = random.normal(size=rows).round(3)
    logit = 0.15 * pages + 1.5 * (source == "mail") - 4.5
    bought = random.random(rows) < 1 / (1 + np.exp(-logit))
    lines = ["visit,pages,source,noise,bought"]
    for row in range(rows):
        gap = "" if row % 10 == 3 else noise[row]
        lines.append(f"v{row:05d},{pages[row]},{source[row]},{gap},{'yes' if bought[row] else 'no'}")
    return "\n".join(lines) + "\n"


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
