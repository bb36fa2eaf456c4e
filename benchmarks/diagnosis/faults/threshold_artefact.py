"""COL202: rare positives, ranked well, none of them above 0.5."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, keras_only
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, strength: float) -> Logs:
    rows = generate(seed, rate=0.04, strength=strength, count=12000, bent=False)
    return keras_only(Experiment(rows, program(hidden=(8,), epochs=15), seed))


FAULT = Fault(
    "COL202",
    "4 % positives that can be told from the others moderately (ROC AUC 0.75), against very well",
    lambda seed: _made(seed, 0.9),
    lambda seed: _made(seed, 4.0),
)
