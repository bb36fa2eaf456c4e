"""SRC803: graded settings, and too few positives to see the grades."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Logs
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate
from benchmarks.diagnosis.searches import Trial, table_of

_GRADED = (8, 9, 10, 12, 14, 16)
"""Numbers of epochs, each a little longer and so a little better than the one before: most within what ten
positives can see, few within what 4,000 can."""


def _made(seed: int, validation: float) -> Logs:
    """As many training rows either way, so that the networks are as good; only the judges are fewer. A trial
    whose units all die says the same of every row, and so the scores as a whole do differ."""
    count = round(4000 / (1.0 - validation))
    rows = generate(seed, count=count, rate=0.05, strength=1.5, validation=validation)
    dead = program(hidden=(8, 8, 8), learning_rate=0.5, epochs=_GRADED[-1], log_odds=True)
    trials = [Trial({"learning_rate": 0.5, "epochs": _GRADED[-1]}, dead)]
    trials += [
        Trial(
            {"learning_rate": 0.0004, "epochs": epochs},
            program(learning_rate=0.0004, epochs=epochs, log_odds=True),
        )
        for epochs in _GRADED
    ]
    return table_of(rows, trials, seed=seed)


FAULT = Fault(
    "SRC803",
    "10 positives among the validation rows, against 4,000",
    lambda seed: _made(seed, 0.048),
    lambda seed: _made(seed, 0.9524),
)
