"""Help and mistyped commands answer at once: nothing heavy is loaded for them."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

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

NEEDLESS = [
    "pandas",
    "polars",
    "pydantic",
    "scipy.optimize",
    "scipy.sparse",
    "scipy.stats",
    "sklearn",
    "steelyard.diagnosis.readers.post.logs",
    "steelyard.engine",
    "steelyard.recipe.recipe",
]
"""What a log of another framework is judged without."""


def modules_after(*arguments: str, among: list[str] = HEAVY) -> list[str]:
    """The heavy modules that are loaded when the command has answered."""
    script = (
        "import atexit, sys\n"
        f"loaded = lambda: [name for name in {among} if name in sys.modules]\n"
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


@pytest.fixture
def keras_csv(tmp_path: Path) -> Path:
    """What ``CSVLogger`` of Keras writes: the validation loss falls to the end, no positive is found."""
    rows = (
        f"{epoch},0.95,{0.2 - 0.004 * epoch:.4f},0.95,0.0,0.0,{0.21 - 0.004 * epoch:.4f}"
        for epoch in range(10)
    )
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["epoch,accuracy,loss,val_accuracy,val_precision,val_recall,val_loss", *rows]))
    return path


def test_a_foreign_log_is_judged_without_what_trains(keras_csv: Path) -> None:
    assert modules_after("diagnose", str(keras_csv), among=NEEDLESS) == []


@pytest.mark.parametrize("name", [name for name in NEEDLESS if name != "pandas"])
def test_what_is_needless_for_that_is_there(name: str) -> None:
    """The test above would notice. pandas need not be installed."""
    assert find_spec(name) is not None


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
