"""CMP101: an L2 penalty that is a good part of the logged losses."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, keras_only
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _fault(seed: int) -> Logs:
    return keras_only(Experiment(generate(seed), program(l2=0.01), seed))


def _twin(seed: int) -> Logs:
    return keras_only(Experiment(generate(seed), program(l2=0.00001), seed))


FAULT = Fault("CMP101", "L2 of 0.01 on all hidden layers, against 0.00001", _fault, _twin)
