"""SRC803: graded settings, and too few positives to see the grades."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Logs
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate
from benchmarks.diagnosis.searches import Trial, table_of

_RATES = (0.00001, 0.0001, 0.0002, 0.0003, 0.0005, 0.0008)


def _made(seed: int, validation: float) -> Logs:
    """As many training rows either way, so that the networks are as good; only the judges are fewer."""
    count = round(4000 / (1.0 - validation))
    rows = generate(seed, count=count, rate=0.05, strength=2.5, validation=validation)
    trials = [
        Trial({"learning_rate": rate}, program(learning_rate=rate, epochs=12, log_odds=True))
        for rate in _RATES
    ]
    return table_of(rows, trials, seed=seed)


FAULT = Fault(
    "SRC803",
    "10 positives among the validation rows, against 2,000",
    lambda seed: _made(seed, 0.048),
    lambda seed: _made(seed, 0.909),
)
