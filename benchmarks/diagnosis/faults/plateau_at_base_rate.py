"""OPT305: epochs spent on finding out how rare the rare class is."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, log_odds: bool) -> Logs:
    rows = generate(seed, rate=0.01, strength=2.5, count=9000, bent=False)
    recipe = program(log_odds=log_odds, learning_rate=0.0003, batch_size=128, epochs=30)
    return both(Experiment(rows, recipe, seed))


FAULT = Fault(
    "OPT305",
    "a last bias that starts at 0 with 1 % positives, against one at the log-odds",
    lambda seed: _made(seed, False),
    lambda seed: _made(seed, True),
)
