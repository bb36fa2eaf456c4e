"""OPT303: so few epochs that the validation loss is still falling."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, epochs: int) -> Logs:
    recipe = program(epochs=epochs, learning_rate=0.0005, hidden=(16,), log_odds=True)
    return both(Experiment(generate(seed, strength=3.0, rate=0.2), recipe, seed))


FAULT = Fault(
    "OPT303",
    "12 epochs, against 150",
    lambda seed: _made(seed, 12),
    lambda seed: _made(seed, 150),
)
