"""REG405: half of seven units dropped."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, keras_only
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, hidden: tuple[int, ...]) -> Logs:
    return keras_only(Experiment(generate(seed), program(hidden=hidden, dropout=0.5), seed))


FAULT = Fault(
    "REG405",
    "dropout of 0.5 after layers of 7 units, against layers of 64",
    lambda seed: _made(seed, (7, 7)),
    lambda seed: _made(seed, (64, 64)),
)
