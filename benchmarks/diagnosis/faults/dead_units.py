"""ARC506: most ReLU units give 0 for every row."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, as_ours
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, learning_rate: float) -> Logs:
    recipe = program(hidden=(32, 16), learning_rate=learning_rate, log_odds=True)
    return {"steelyard": as_ours(Experiment(generate(seed), recipe, seed))}


FAULT = Fault(
    "ARC506",
    "a learning rate of 0.1, which kills ReLU units, against 0.002",
    lambda seed: _made(seed, 0.1),
    lambda seed: _made(seed, 0.002),
)
