"""CMP104: class weights of 1 and 20 in the training loss only."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, keras_only
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate
from steelyard.recipe.imbalance import ClassWeight


def _made(seed: int, weight: float) -> Logs:
    weights = ClassWeight(negative=1.0, positive=weight)
    return keras_only(Experiment(generate(seed, rate=0.05), program(class_weight=weights), seed))


FAULT = Fault(
    "CMP104",
    "class weights of 1 and 20, against 1 and 1",
    lambda seed: _made(seed, 20.0),
    lambda seed: _made(seed, 1.0),
)
