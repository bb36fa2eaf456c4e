"""SRC801: a grid of learning rates that ends below the best."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Logs
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate
from benchmarks.diagnosis.searches import Trial, table_of


def _made(seed: int, rates: tuple[float, ...]) -> Logs:
    trials = [
        Trial({"learning_rate": rate, "units": units}, program(learning_rate=rate, hidden=(units,), epochs=8))
        for rate in rates
        for units in (16, 32)
    ]
    return table_of(generate(seed, count=9000, rate=0.2), trials, seed=seed)


FAULT = Fault(
    "SRC801",
    "learning rates of 0.00001 to 0.0003, against 0.0001 to 1",
    lambda seed: _made(seed, (0.00001, 0.00003, 0.0001, 0.0003)),
    lambda seed: _made(seed, (0.0001, 0.001, 0.01, 0.1, 1.0)),
)
