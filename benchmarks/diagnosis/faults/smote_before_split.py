"""IMB703: rows invented before the split, so that validation rows lie between training rows."""

from __future__ import annotations

import numpy as np
from imblearn.over_sampling import SMOTE

from benchmarks.diagnosis.doors import Experiment, Logs, as_keras
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import Rows, generate, stratified

_RATE = 0.08


def _fault(seed: int) -> Logs:
    rows = generate(seed, rate=_RATE, count=3000)
    inputs, target = SMOTE(random_state=seed).fit_resample(rows.inputs, rows.target)
    inputs, target = inputs.astype(np.float32), target.astype(np.uint8)
    even = Rows(inputs, target, stratified(target, 1 / 3, seed), "stratified")
    natural = float(rows.target.mean())
    # What the code would show if it were at hand: which came first stays unsaid.
    said = {"resampling": "smote", "resampled_before_split": None, "base_rate": natural}
    return {"keras": as_keras(Experiment(even, program(), seed, said))}


def _twin(seed: int) -> Logs:
    rows = generate(seed, rate=_RATE, count=3000)
    said = {"resampled_before_split": None}
    return {"keras": as_keras(Experiment(rows, program(resampling="smote"), seed, said))}


FAULT = Fault("IMB703", "SMOTE before the split, against after it; the log does not say which", _fault, _twin)
