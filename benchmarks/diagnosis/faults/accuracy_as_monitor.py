"""COL206: early stopping by accuracy at 4 % positives."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, keras_only
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate
from steelyard.log import Stopping


def _made(seed: int, monitor: str) -> Logs:
    said = {"stopping": Stopping(monitor, 5, "auto", True)}
    rows = generate(seed, rate=0.04, strength=4.0, count=12_000)
    return keras_only(Experiment(rows, program(log_odds=True), seed, said))


FAULT = Fault(
    "COL206",
    "EarlyStopping(monitor='val_accuracy') at 4 % positives, against 'val_loss'",
    lambda seed: _made(seed, "val_accuracy"),
    lambda seed: _made(seed, "val_loss"),
)
