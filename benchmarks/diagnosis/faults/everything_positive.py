"""COL205: class weights so large that every row is called positive."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, keras_only
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate
from steelyard.recipe.imbalance import ClassWeight


def _made(seed: int, weight: float) -> Logs:
    recipe = program(class_weight=ClassWeight(negative=1.0, positive=weight), epochs=8)
    return keras_only(Experiment(generate(seed, rate=0.1, strength=1.0), recipe, seed))


FAULT = Fault(
    "COL205",
    "class weights of 1 and 5,000, against 1 and 9",
    lambda seed: _made(seed, 5000.0),
    lambda seed: _made(seed, 9.0),
)
