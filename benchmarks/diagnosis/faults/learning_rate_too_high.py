"""OPT302: steps so large that the loss jumps."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, learning_rate: float) -> Logs:
    """Batches of 256: in the mean over many small ones the jumps of an epoch even out."""
    return both(
        Experiment(
            generate(seed),
            program(
                optimizer="sgd",
                learning_rate=learning_rate,
                activation="tanh",
                log_odds=True,
                batch_size=256,
            ),
            seed,
        )
    )


FAULT = Fault(
    "OPT302",
    "SGD with a learning rate of 100, against 0.1",
    lambda seed: _made(seed, 100.0),
    lambda seed: _made(seed, 0.1),
)
