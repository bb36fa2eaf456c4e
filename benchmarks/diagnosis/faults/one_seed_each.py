"""SRC806: settings compared by one network each."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Logs
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate
from benchmarks.diagnosis.searches import Trial, table_of


def _made(seed: int, seeds: int) -> Logs:
    trials = [
        Trial({"dropout": dropout}, program(dropout=dropout, epochs=12, hidden=(16,)))
        for dropout in (0.0, 0.1, 0.2, 0.3)
    ]
    return table_of(generate(seed, count=3000), trials, seed=seed, seeds=seeds)


FAULT = Fault(
    "SRC806",
    "one seed for each of four settings, against six",
    lambda seed: _made(seed, 1),
    lambda seed: _made(seed, 6),
)
