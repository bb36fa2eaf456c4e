"""OPT308: gradient descent on inputs of 1e15, until the loss is no number."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, factor: float) -> Logs:
    rows = generate(seed).scaled(factor)
    return both(Experiment(rows, program(scaled=False, optimizer="sgd", learning_rate=0.05), seed))


FAULT = Fault(
    "OPT308",
    "inputs of 1e15 with SGD, against inputs near 1",
    lambda seed: _made(seed, 1e15),
    lambda seed: _made(seed, 1.0),
)
