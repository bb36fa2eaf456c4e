"""Peak memory of training the question's network on all its rows."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.samples import table
from benchmarks.workloads import QUESTION

NOTE = """\
One epoch of the question's network on 5,595,067 rows, validated on 1,398,766, in a process of its own.
Counted is all that the process held at its worst moment (VmHWM) beyond what it held (VmRSS) after a tiny
training run, when every library was loaded and no row existed: the matrix itself, the target, the row
indices of the split and whatever the engine allocates.
"""


@dataclass(frozen=True)
class Memory:
    """Bytes; ``before`` is what the process held before the rows existed, ``peak`` its highest."""

    before: int
    peak: int
    matrix: int
    train_matrix: int

    @property
    def added(self) -> int:
        return self.peak - self.before


def measure() -> Memory:
    """In a process of its own: a peak cannot be taken back."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory"],
        cwd=Path(__file__).resolve().parent.parent,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Memory(**json.loads(done.stdout))


def report(memory: Memory) -> str:
    """A table of the parts."""
    mb = 1e-6
    return table(
        ("", "MB", "× the matrix"),
        [
            ("float32 matrix, 6,993,833 × 9", f"{memory.matrix * mb:,.0f}", "1.00"),
            (
                "peak, beyond the process before the rows existed",
                f"{memory.added * mb:,.0f}",
                f"**{memory.added / memory.matrix:.2f}** "
                f"({memory.added / memory.train_matrix:.2f} × the matrix of the training rows alone)",
            ),
            ("the process before the rows existed", f"{memory.before * mb:,.0f}", ""),
        ],
    )


def _status(key: str) -> int:
    """A value of /proc/self/status, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/self/status has no {key}; peak memory is measured on Linux only")


def _train(rows: int, validation_rows: int) -> int:
    """Makes rows of the question's table and trains one epoch; returns the bytes of the matrix."""
    from dataclasses import replace

    from benchmarks import ours

    workload = replace(QUESTION, train_rows=rows, validation_rows=validation_rows)
    x, y = workload.rows(rows + validation_rows)
    job = ours.job(workload, epochs=1, metric_rows=50_000, validate=True)
    ours.seconds(ours.features(x), y, [job], 1)
    return x.nbytes


def _main() -> None:
    _train(2_000, 500)
    before = _status("VmRSS")
    matrix = _train(QUESTION.train_rows, QUESTION.validation_rows)
    train_matrix = QUESTION.train_rows * QUESTION.columns * 4
    json.dump(
        {"before": before, "peak": _status("VmHWM"), "matrix": matrix, "train_matrix": train_matrix},
        sys.stdout,
    )


if __name__ == "__main__":
    _main()
