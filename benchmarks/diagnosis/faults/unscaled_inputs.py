"""DAT601: inputs that are far from 1, ten thousand times smaller or a thousand times larger."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, keras_only
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, factor: float) -> Logs:
    return keras_only(Experiment(generate(seed).scaled(factor), program(scaled=False), seed))


FAULT = Fault(
    "DAT601",
    "inputs near 0.0001 (even seeds) or 1,000 (odd seeds), against inputs near 1",
    lambda seed: _made(seed, 1000.0 if seed // 2 % 2 else 0.0001),
    lambda seed: _made(seed, 1.0),
)
