"""IMB701: class weights that were asked for, and a training that went on without them."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, keras_only
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _fault(seed: int) -> Logs:
    rows = generate(seed, rate=0.05)
    rate = float(rows.target[rows.split.train].mean())
    # A form that is used, so that only the loss can show it.
    said = {"class_weight": (0.5 / (1.0 - rate), 0.5 / rate), "class_weight_type": "dict"}
    return keras_only(Experiment(rows, program(), seed, said))


def _twin(seed: int) -> Logs:
    return keras_only(Experiment(generate(seed, rate=0.05), program(class_weight="balanced"), seed))


FAULT = Fault("IMB701", "balanced class weights that were ignored, against weights in force", _fault, _twin)
