"""SRC802: settings that make no difference, on few rows."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Logs
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate
from benchmarks.diagnosis.searches import Trial, table_of


def _fault(seed: int) -> Logs:
    """Settings that name the batch size and the seed's neighbourhood: 9 trials as good as equal."""
    trials = [
        Trial({"units": units, "batch_size": batch}, program(hidden=(units,), batch_size=batch, epochs=15))
        for units in (24, 32, 40)
        for batch in (48, 64, 80)
    ]
    return table_of(generate(seed, count=3000, bent=False), trials, seed=seed)


def _twin(seed: int) -> Logs:
    trials = [
        Trial(
            {"units": units, "learning_rate": rate}, program(hidden=(units,), learning_rate=rate, epochs=15)
        )
        for units in (2, 8, 32)
        for rate in (0.00001, 0.0003, 0.003)
    ]
    return table_of(generate(seed, count=3000, bent=False), trials, seed=seed)


FAULT = Fault(
    "SRC802", "nine settings that are as good as one, against nine that differ widely", _fault, _twin
)
