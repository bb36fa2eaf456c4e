"""SRC803: graded settings, and too few positives to see the grades."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Logs
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate
from benchmarks.diagnosis.searches import Trial, table_of

_HOPELESS = (0.000001, 16)
_GRADED = ((0.0004, 4), (0.0004, 5), (0.0004, 7), (0.0004, 9), (0.0004, 12), (0.0004, 16))
"""A learning rate and a number of epochs. Each of these lasts a third longer than the one before and is a
little better: most within what ten positives can see, few within what 4,000 can. The hopeless one stands so
far off that the scores as a whole do differ."""


def _made(seed: int, validation: float) -> Logs:
    """As many training rows either way, so that the networks are as good; only the judges are fewer."""
    count = round(4000 / (1.0 - validation))
    rows = generate(seed, count=count, rate=0.05, strength=1.5, validation=validation)
    trials = [
        Trial(
            {"learning_rate": rate, "epochs": epochs},
            program(learning_rate=rate, epochs=epochs, log_odds=True),
        )
        for rate, epochs in (_HOPELESS, *_GRADED)
    ]
    return table_of(rows, trials, seed=seed)


FAULT = Fault(
    "SRC803",
    "10 positives among the validation rows, against 4,000",
    lambda seed: _made(seed, 0.048),
    lambda seed: _made(seed, 0.9524),
)
