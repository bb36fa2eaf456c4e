"""LOG907: the same metrics of batches in a log without its program: only the numbers can tell."""

from __future__ import annotations

from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.faults.metrics_averaged_over_batches import averaged, counted

FAULT = Fault(
    "LOG907",
    "precision, recall and F1 averaged over batches and no program, against counted ones",
    lambda seed: averaged(seed, None),
    lambda seed: counted(seed, None),
)
