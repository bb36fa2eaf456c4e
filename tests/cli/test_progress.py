"""What can be seen while training: a bar in a terminal, a few lines elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from steelyard.cli.progress import describe
from steelyard.engine import EpochEnd
from tests.cli.calls import QUICK, Steelyard


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX pseudo-terminal")
def test_a_terminal_sees_a_bar_and_a_file_gets_the_result(visits: Path) -> None:
    import pty

    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "steelyard", "train", visits, "--target", "bought", "--json", *QUICK]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "LINES": "40"}
    # A file, since nobody reads a pipe while the terminal is read, and the document may fill one.
    out = visits.parent / "stdout.json"
    with (
        out.open("wb") as stdout,
        subprocess.Popen(command, stdout=stdout, stderr=end, cwd=visits.parent, env=environment),
    ):
        os.close(end)
        seen = b""
        try:
            while chunk := os.read(terminal, 65536):
                seen += chunk
        except OSError:  # how Linux says that the other end is closed
            pass
        finally:
            os.close(terminal)
    document = json.loads(out.read_text())
    assert document["status"] == "completed"
    assert b"\x1b[" in seen
    assert b"saving" in seen  # training itself may be over before the first picture


def test_elsewhere_about_ten_lines_are_printed(steelyard: Steelyard, visits: Path) -> None:
    options = (
        "--set",
        "network.hidden_units=[4]",
        "--set",
        "training.epochs=40",
        "--set",
        "training.patience=40",
    )
    out = visits.parent / "runs"
    done = steelyard("train", visits, "--target", "bought", "--seeds", 2, "--out", out, *options)
    lines = [line for line in done.stderr.splitlines() if "epoch " in line]
    assert [line.split()[3] for line in lines] == ["1/40", *(f"{epoch}/40" for epoch in range(4, 41, 4))]
    assert all(line.startswith("network 1/2") for line in lines)


def test_what_is_undefined_is_not_shown() -> None:
    nan = float("nan")
    metrics = {"train_loss": 0.5, "validation_loss": nan, "validation_average_precision": nan}
    assert describe(EpochEnd(0, 1, 9, metrics, 0.1, None), 1) == "epoch 1/9  loss: train 0.5000"
