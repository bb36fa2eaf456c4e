"""DAT612: a few dozen positives among the validation rows."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, count: int) -> Logs:
    return both(Experiment(generate(seed, rate=0.05, count=count), program(log_odds=True), seed))


FAULT = Fault(
    "DAT612",
    "1,500 rows with 5 % positives, against 15,000",
    lambda seed: _made(seed, 1500),
    lambda seed: _made(seed, 15_000),
)
