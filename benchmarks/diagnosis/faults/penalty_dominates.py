"""REG404: a penalty on the weights that is most of what is minimised."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, l2: float) -> Logs:
    return both(Experiment(generate(seed), program(l2=l2, hidden=(64, 32, 16)), seed))


FAULT = Fault(
    "REG404",
    "L2 of 0.1 on three layers, against 0.0001",
    lambda seed: _made(seed, 0.1),
    lambda seed: _made(seed, 0.0001),
)
