"""COL201: steps so large that all units die in the first epoch, and every row gets the base rate."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, learning_rate: float) -> Logs:
    """Three narrow layers, so that one dies whole; of two wide ones a unit or two may survive."""
    recipe = program(hidden=(8, 8, 8), learning_rate=learning_rate, log_odds=True)
    return both(Experiment(generate(seed, rate=0.05, strength=3.0), recipe, seed))


FAULT = Fault(
    "COL201",
    "a learning rate of 0.5, which kills all units, against 0.002",
    lambda seed: _made(seed, 0.5),
    lambda seed: _made(seed, 0.002),
)
