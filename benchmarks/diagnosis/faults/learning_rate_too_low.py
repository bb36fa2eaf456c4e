"""OPT301: steps a hundred times too small."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, learning_rate: float) -> Logs:
    return both(Experiment(generate(seed), program(learning_rate=learning_rate, log_odds=True), seed))


FAULT = Fault(
    "OPT301",
    "a learning rate of 0.00002, against 0.002",
    lambda seed: _made(seed, 0.00002),
    lambda seed: _made(seed, 0.002),
)
