"""Help and mistyped commands answer at once: nothing heavy is loaded for them."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = [
    "imblearn",
    "jinja2",
    "numpy",
    "optuna",
    "pandas",
    "polars",
    "pydantic",
    "rich",
    "safetensors",
    "scipy",
    "sklearn",
    "sqlalchemy",
]


def modules_after(*arguments: str) -> list[str]:
    """The heavy modules that are loaded when the command has answered."""
    script = (
        "import atexit, sys\n"
        f"loaded = lambda: [name for name in {HEAVY} if name in sys.modules]\n"
        "atexit.register(lambda: print('LOADED', *loaded(), file=sys.stderr))\n"
        f"sys.argv = ['steelyard', *{list(arguments)}]\n"
        "from steelyard.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout or done.returncode == 2, done.stderr
    return done.stderr.strip().splitlines()[-1].split()[1:]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["train", "--help"],
        ["predict", "--help"],
        ["cv", "--help"],
        ["compare", "--help"],
        ["tune", "--help"],
        ["worker", "--help"],
        ["diagnose", "--help"],
        ["explain", "--help"],
        ["trian"],
        ["train"],
        ["train", "--tagret"],
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_loaded(arguments: list[str]) -> None:
    assert modules_after(*arguments) == []


def test_a_command_that_works_does_load_what_it_needs() -> None:
    """The check above would notice."""
    assert "numpy" in modules_after("runs", "no-such-folder")


def test_a_bare_import_loads_nothing_heavy() -> None:
    script = f"import steelyard, sys; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_mistyped_command_is_suggested() -> None:
    done = subprocess.run([sys.executable, "-m", "steelyard", "trian"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "did you mean 'train'" in done.stderr


def test_a_mistyped_option_is_suggested() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "steelyard", "train", "a.csv", "--tagret", "y"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "--target" in done.stderr
