"""COL209: labels of the validation rows are coded the other way round."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, swapped: bool) -> Logs:
    rows = generate(seed, rate=0.3)
    if swapped:
        target = rows.target.copy()
        target[rows.split.validation] = 1 - target[rows.split.validation]
        rows = replace(rows, target=target)
    return both(Experiment(rows, program(log_odds=True), seed))


FAULT = Fault(
    "COL209",
    "0 and 1 swapped in the validation labels, against labels coded alike",
    lambda seed: _made(seed, True),
    lambda seed: _made(seed, False),
)
