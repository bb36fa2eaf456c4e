"""SRC804: the best of forty trials that hardly differ, told as its score."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Logs
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate
from benchmarks.diagnosis.searches import Trial, table_of


def _fault(seed: int) -> Logs:
    trials = [
        Trial({"units": units, "batch_size": batch}, program(hidden=(units,), batch_size=batch, epochs=15))
        for units in range(20, 36, 2)
        for batch in (48, 56, 64, 72, 80)
    ]
    return table_of(generate(seed, count=2500, rate=0.06, bent=False), trials, seed=seed)


def _twin(seed: int) -> Logs:
    trials = [
        Trial(
            {"units": units, "learning_rate": rate}, program(hidden=(units,), learning_rate=rate, epochs=15)
        )
        for units in range(4, 36, 4)
        for rate in (0.00001, 0.0001, 0.0003, 0.001, 0.003)
    ]
    return table_of(generate(seed, count=2500, rate=0.06, bent=False), trials, seed=seed)


FAULT = Fault(
    "SRC804", "forty settings that are as good as one, against forty that differ widely", _fault, _twin
)
