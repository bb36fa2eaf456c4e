"""REG406: early stopping that keeps the last weights, long after the best."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, restore: bool) -> Logs:
    rows = generate(seed, rate=0.3, strength=1.5, count=3000, columns=16, validation=0.5)
    recipe = program(hidden=(128, 128), epochs=60, patience=10, restore=restore, log_odds=True)
    return both(Experiment(rows, recipe, seed))


FAULT = Fault(
    "REG406",
    "EarlyStopping(patience=10) that keeps the last epoch, against the best",
    lambda seed: _made(seed, False),
    lambda seed: _made(seed, True),
)
