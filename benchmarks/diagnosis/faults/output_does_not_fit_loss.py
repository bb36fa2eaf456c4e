"""ARC502: ReLU on the output, and a cross-entropy that takes it for a probability.

The engine has no such output; a few lines of numpy train it: one layer, Adam, Keras' clipping.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.diagnosis.doors import Experiment, Logs, as_keras
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import Rows, generate
from steelyard.history import History
from steelyard.log import LayerFact, Log
from steelyard.metrics import score

Numbers = NDArray[np.float64]

_EPOCHS, _BATCH, _RATE, _CLIP = 12, 64, 0.01, 1e-7


def _made(seed: int, activation: str) -> Logs:
    rows = generate(seed, rate=0.15, count=3000, bent=False)
    # Names, facts and form of the log are those of a run of as many epochs; its numbers are replaced.
    log = as_keras(Experiment(rows, program(hidden=(), epochs=_EPOCHS), seed))
    curves = _train(rows, activation, seed)
    return {"keras": _with(log, curves, activation)}


def _train(rows: Rows, activation: str, seed: int) -> dict[str, list[float]]:
    random = np.random.default_rng([seed, 20])
    x = np.column_stack([rows.inputs, np.ones(len(rows.inputs))]).astype(np.float64)
    y = rows.target.astype(np.float64)
    w = np.append(random.uniform(-0.8, 0.8, x.shape[1] - 1), 0.0)
    first, second, step = np.zeros_like(w), np.zeros_like(w), 0
    curves: dict[str, list[float]] = {}
    for _ in range(_EPOCHS):
        met: list[NDArray[np.int64]] = list(
            np.array_split(random.permutation(rows.split.train), -(-len(rows.split.train) // _BATCH))
        )
        seen = []
        for batch in met:
            p, slope = _output(x[batch] @ w, activation)
            seen.append(p)
            gradient = x[batch].T @ ((p - y[batch]) / (p * (1.0 - p)) * slope) / len(batch)
            step += 1
            first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
            w = w - _RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-7)
        validation = rows.split.validation
        parts = {
            "train": (np.concatenate(met), np.concatenate(seen)),
            "validation": (validation, _output(x[validation] @ w, activation)[0]),
        }
        for split, (at, p) in parts.items():
            found = score(rows.target[at], p)
            values = {
                "loss": found.log_loss,
                "accuracy": found.accuracy,
                "precision": found.precision,
                "recall": found.recall,
                "f1": found.f1,
                "roc_auc": found.roc_auc,
            }
            for name, value in values.items():
                curves.setdefault(f"{split}_{name}", []).append(float(np.nan_to_num(value)))
    return curves


def _output(z: Numbers, activation: str) -> tuple[Numbers, Numbers]:
    """Probability and slope; what is clipped has none."""
    if activation == "sigmoid":
        p = np.clip(expit(z), _CLIP, 1.0 - _CLIP)
        return p, p * (1.0 - p)
    inside = (z > _CLIP) & (z < 1.0 - _CLIP)
    return np.clip(z, _CLIP, 1.0 - _CLIP), inside.astype(np.float64)


def _with(log: Log, curves: dict[str, list[float]], activation: str) -> Log:
    assert log.history is not None and log.facts.layers is not None
    series = tuple(replace(one, values=np.array(curves[one.name])) for one in log.history.series)
    layers: tuple[LayerFact, ...] = (
        *log.facts.layers[:-1],
        replace(log.facts.layers[-1], activation=activation),
    )
    return replace(log, history=History(log.history.epochs, series), facts=replace(log.facts, layers=layers))


FAULT = Fault(
    "ARC502",
    "ReLU on the output with a cross-entropy, against a sigmoid",
    lambda seed: _made(seed, "relu"),
    lambda seed: _made(seed, "sigmoid"),
)
