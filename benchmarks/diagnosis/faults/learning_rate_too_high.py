"""OPT302: steps so large that the loss jumps."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, learning_rate: float) -> Logs:
    return both(
        Experiment(
            generate(seed),
            program(optimizer="sgd", learning_rate=learning_rate, activation="tanh", log_odds=True),
            seed,
        )
    )


FAULT = Fault(
    "OPT302",
    "SGD with a learning rate of 10, against 0.1",
    lambda seed: _made(seed, 10.0),
    lambda seed: _made(seed, 0.1),
)
