"""CMP108: precision, recall and F1 as functions of a batch, of which Keras logs the mean over batches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.diagnosis.doors import Experiment, Logs, as_keras
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate
from steelyard.engine import EpochEnd
from steelyard.history import History

_BATCH = 32
_FUNCTIONS = ("precision", "recall", "f1")


def averaged(seed: int, said: tuple[str, ...] | None) -> Logs:
    """Metrics as means over batches; ``said`` are the functions that the program shows."""
    rows = generate(seed, rate=0.1, strength=4.0)
    target = rows.target[rows.split.validation]
    curves: dict[str, list[float]] = {}

    def watch(end: EpochEnd) -> None:
        met, labels = end.training_logits()
        for split, logits, y in (("train", met, labels), ("validation", end.validation_logits(), target)):
            for name, value in _means(logits, y).items():
                curves.setdefault(f"{split}_{name}", []).append(value)

    experiment = Experiment(rows, program(batch_size=_BATCH), seed, {"metric_functions": said})
    log = as_keras(experiment, watch)
    assert log.history is not None
    series = tuple(
        replace(one, values=np.array(curves[one.name])) if one.name in curves else one
        for one in log.history.series
    )
    return {"keras": replace(log, history=History(log.history.epochs, series))}


def counted(seed: int, said: tuple[str, ...] | None) -> Logs:
    """The same training, with metrics that count over the epoch."""
    rows = generate(seed, rate=0.1, strength=4.0)
    experiment = Experiment(rows, program(batch_size=_BATCH), seed, {"metric_functions": said})
    return {"keras": as_keras(experiment)}


def _means(logits: NDArray[np.float32], y: NDArray[np.uint8]) -> dict[str, float]:
    """Of each batch's ratio, 0 where it has none, as the functions that people pass on have it."""
    found: dict[str, list[float]] = {name: [] for name in _FUNCTIONS}
    for start in range(0, len(y), _BATCH):
        called, true = logits[start : start + _BATCH] > 0.0, y[start : start + _BATCH] == 1
        hits = float((called & true).sum())
        precision, recall = hits / max(called.sum(), 1), hits / max(true.sum(), 1)
        found["precision"].append(precision)
        found["recall"].append(recall)
        found["f1"].append(2.0 * precision * recall / max(precision + recall, 1e-7))
    return {name: float(np.mean(values)) for name, values in found.items()}


FAULT = Fault(
    "CMP108",
    "precision, recall and F1 as functions of batches of 32, against metric objects",
    lambda seed: averaged(seed, _FUNCTIONS),
    lambda seed: counted(seed, ()),
)
