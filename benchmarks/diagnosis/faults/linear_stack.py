"""ARC503: hidden layers without an activation."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate
from steelyard.recipe.network import Activation


def _made(seed: int, activation: Activation) -> Logs:
    return both(Experiment(generate(seed), program(activation=activation, hidden=(7,) * 4), seed))


FAULT = Fault(
    "ARC503",
    "four linear layers, against four with ReLU",
    lambda seed: _made(seed, "linear"),
    lambda seed: _made(seed, "relu"),
)
