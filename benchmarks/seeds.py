"""``python -m benchmarks.seeds``: the two programs Steelyard began with, against talos and Keras.

Ours are the acceptance programs themselves, from the generated table to the history, each in a process of
its own: what is compared is the seconds they report of the scan and of the epochs. Writes
``benchmarks/seeds.md``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks import machine
from benchmarks.samples import Sample, table
from steelyard.datasets import drifting_ratios, one_hot_purchases
from steelyard.datasets.purchases import ROWS as NOTEBOOK_ROWS
from steelyard.datasets.ratios import ROWS as QUESTION_ROWS

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).with_name("seeds.md")
SCAN_FLOOR, EPOCH_FLOOR = 100, 50
"""How many times faster than the peers the two must be."""

INTRODUCTION = """\
# The two programs

{facts}

Written by `make seeds`. The programs are `tests/acceptance/notebook.py` and `tests/acceptance/question.py`:
the code of the two documents with only its imports changed, on generated tables of the same shape{share}.
Each number is {rounds}. The load average was {before} at the start; what else runs on the machine slows ours
and the peers.
"""

SCAN_NOTE = """\
The notebook's grid search, 5 learning rates × 2 batch sizes, ten epochs each on {train:,} rows of 125 one-hot
inputs, {validation:,} for validation: from the call of `Scan` to its table. The peer ran without printing.
"""

EPOCH_NOTE = """\
One epoch of the question's network on {train:,} rows of 9 numbers in batches of 128 and its validation
on {validation:,}. Ours is the median of the 50 epochs that the program makes, with everything its callbacks
do (a checkpoint, a log); the peer's is `fit` over one epoch without callbacks, after one on a thousand rows,
so that tracing the graph does not count. {whole}
"""


@dataclass(frozen=True)
class Comparison:
    """Seconds of ours and of the peer, round by round."""

    ours: Sample
    peer: Sample
    peer_name: str

    def report(self, what: str, floor: int) -> str:
        """A table: ours first."""
        ratio = self.peer.over(self.ours)
        rows = [
            ("**Steelyard**", _told(self.ours, 2), "1", ""),
            (self.peer_name, _told(self.peer, 1), f"**{ratio.median:,.0f}**", f"{floor}"),
        ]
        return table((what, "seconds", "× ours", "at least"), rows)


def _told(sample: Sample, digits: int) -> str:
    return sample.text(digits) if len(sample.values) > 1 else f"{sample.median:,.{digits}f}"


def program(name: str, share: float) -> dict[str, Any]:
    """What an acceptance program reports."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        script = ROOT / "tests" / "acceptance" / f"{name}.py"
        command = [sys.executable, script, "--share", str(share), "--results", results]
        _run(command, folder)
        report: dict[str, Any] = json.loads(results.read_text())
        return report


def peer(python: Path, what: str, folder: Path) -> dict[str, Any]:
    """What a peer answers; the rows lie in the folder."""
    answer: dict[str, Any] = json.loads(_run([python, "-m", "benchmarks.peers.seeds", what, folder], ROOT))
    return answer


def _run(command: list[str | Path], folder: str | Path) -> str:
    """Standard output of a command; what it says on standard error is shown only if it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        words = " ".join(map(str, command))
        raise RuntimeError(f"{words}\nended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def compare_scans(python: Path, share: float, rounds: int) -> Comparison:
    """The notebook's scan. Ours runs before and after each of the peer's, and the mean of the two counts: a
    scan of ours is over in a moment that may happen to be a quiet one."""
    rows = one_hot_purchases(round(NOTEBOOK_ROWS * share)).to_numpy()

    def ours() -> float:
        return float(program("notebook", share)["scan"]["seconds"])

    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "x.npy", np.ascontiguousarray(rows[:, :-1]))
        np.save(Path(folder) / "y.npy", rows[:, -1])
        return _compare(lambda: (ours(), peer(python, "scan", Path(folder)), ours()), rounds)


def compare_epochs(python: Path, share: float, rounds: int) -> tuple[Comparison, Sample]:
    """The question's epoch; also the seconds of all of ours."""
    totals: list[float] = []

    def ours() -> float:
        seconds = program("question", share)["seconds"]
        totals.append(sum(seconds))
        return median(seconds)

    with tempfile.TemporaryDirectory() as folder:
        for name, array in zip("xy", drifting_ratios(round(QUESTION_ROWS * share)), strict=True):
            np.save(Path(folder) / f"{name}.npy", array)
        compared = _compare(lambda: (ours(), peer(python, "epoch", Path(folder))), rounds)
    return compared, Sample(tuple(totals))


def _compare(turn: Callable[[], tuple[Any, ...]], rounds: int) -> Comparison:
    ours: list[float] = []
    peers: list[float] = []
    name = ""
    for _ in range(rounds):
        before, answer, *after = turn()
        ours.append(float(np.mean([before, *after])))
        peers.append(answer["seconds"])
        name = answer["description"]
    return Comparison(Sample(tuple(ours)), Sample(tuple(peers)), name)


def main() -> None:
    """Measures both, prints and writes the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.seeds", description=__doc__.splitlines()[0])
    parser.add_argument("--peers", type=Path, required=True, help="Python of the environment with the peers")
    parser.add_argument("--rounds", type=int, default=1, help="rounds, about ten minutes each (default 1)")
    parser.add_argument("--share", type=float, default=1.0, help="share of the rows; then nothing is written")
    parser.add_argument("--only", choices=("scan", "epoch"), help="one of the two; then nothing is written")
    arguments = parser.parse_args()
    share, rounds = arguments.share, arguments.rounds
    sections: list[str] = []

    def add(text: str) -> None:
        print(text, flush=True)
        sections.append(text)

    add(
        INTRODUCTION.format(
            facts="\n".join(f"- {fact}" for fact in machine.describe()),
            share="" if share == 1.0 else f", {share:.1%} of it",
            rounds=f"the median of {rounds} rounds taken in turns (lowest–highest)"
            if rounds > 1
            else "of one round",
            before=machine.load(),
        )
    )
    if arguments.only != "epoch":
        scans = compare_scans(arguments.peers, share, rounds)
        rows = round(NOTEBOOK_ROWS * share)
        train = int(rows * 0.7)
        add("## The notebook's scan\n")
        add(scans.report("scan of 10 trials", SCAN_FLOOR) + "\n")
        add(SCAN_NOTE.format(train=train, validation=rows - train))
    if arguments.only != "scan":
        epochs, whole = compare_epochs(arguments.peers, share, rounds)
        rows = round(QUESTION_ROWS * share)
        validation = int(rows * 0.2)
        add("## The question's epoch\n")
        add(epochs.report("epoch", EPOCH_FLOOR) + "\n")
        told = f"All 50 epochs took ours {whole.median:,.0f} s."
        add(EPOCH_NOTE.format(train=rows - validation, validation=validation, whole=told))
    if share == 1.0 and not arguments.only:
        RESULTS.write_text("\n".join(sections))
        print(f"written to {RESULTS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
