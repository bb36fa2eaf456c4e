"""CMP102: the training loss is measured with half the units missing."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, keras_only
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, dropout: float) -> Logs:
    return keras_only(
        Experiment(
            generate(seed, rate=0.2, count=24_000), program(dropout=dropout, epochs=10, batch_size=128), seed
        )
    )


FAULT = Fault(
    "CMP102",
    "dropout of 0.5 after both layers, against none",
    lambda seed: _made(seed, 0.5),
    lambda seed: _made(seed, 0.0),
)
