"""REG401: a large network, few rows with much chance in them, many epochs."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, hidden: tuple[int, ...], dropout: float) -> Logs:
    rows = generate(seed, rate=0.3, strength=1.5, count=3000, columns=16, validation=0.5)
    recipe = program(hidden=hidden, dropout=dropout, epochs=40, log_odds=True)
    return both(Experiment(rows, recipe, seed))


FAULT = Fault(
    "REG401",
    "two layers of 128 units on 1,500 rows for 40 epochs, against 8 units with dropout",
    lambda seed: _made(seed, (128, 128), 0.0),
    lambda seed: _made(seed, (8,), 0.2),
)
