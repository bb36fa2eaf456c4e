"""CMP106: training rows after SMOTE, validation rows as they are."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, keras_only
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _fault(seed: int) -> Logs:
    return keras_only(Experiment(generate(seed, rate=0.08), program(resampling="smote"), seed))


def _twin(seed: int) -> Logs:
    return keras_only(Experiment(generate(seed, rate=0.08), program(), seed))


FAULT = Fault("CMP106", "SMOTE on the training rows, against none", _fault, _twin)
