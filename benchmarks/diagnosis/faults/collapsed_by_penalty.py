"""COL201: a penalty that leaves no weight."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, l2: float) -> Logs:
    recipe = program(l2=l2, hidden=(32, 16, 8), epochs=30)
    return both(Experiment(generate(seed, rate=0.05, strength=3.0), recipe, seed))


FAULT = Fault(
    "COL201",
    "L2 of 0.3 on three layers, against 0.0001",
    lambda seed: _made(seed, 0.3),
    lambda seed: _made(seed, 0.0001),
)
