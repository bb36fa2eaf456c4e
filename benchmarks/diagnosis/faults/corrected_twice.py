"""IMB702: rows resampled to even classes, and class weights for the odds that they had before."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, keras_only
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate
from steelyard.recipe.imbalance import ClassWeight


def _made(seed: int, weight: float) -> Logs:
    recipe = program(
        resampling="random_over_sampling", class_weight=ClassWeight(negative=1.0, positive=weight)
    )
    return keras_only(Experiment(generate(seed, rate=0.08), recipe, seed))


FAULT = Fault(
    "IMB702",
    "over-sampling to 1:1 and weights of 1 and 12, against over-sampling alone",
    lambda seed: _made(seed, 12.0),
    lambda seed: _made(seed, 1.0),
)
