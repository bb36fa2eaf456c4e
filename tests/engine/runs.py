"""Training one job, and comparing runs."""

from __future__ import annotations

import numpy as np

from steelyard import engine
from steelyard.run import Run, Weights
from tests.engine.problems import (
    Problem,
    recipe,
)


def train(problem: Problem, seed: int = 0, **parts: object) -> Run:
    (run,) = engine.fit_population(
        problem.features, problem.target, [problem.job(recipe(**parts), seed)], threads=1
    )
    return run


def same_bits(first: Run, second: Run) -> None:
    """Everything but the seconds is equal to the last bit."""
    assert first.status is second.status
    assert first.best_epoch == second.best_epoch
    assert first.weights.keys() == second.weights.keys()
    for name, value in first.weights.items():
        np.testing.assert_array_equal(value, second.weights[name], err_msg=name)
    for name in first.history:
        if name != "train_seconds":
            np.testing.assert_array_equal(first.history[name], second.history[name], err_msg=name)
    np.testing.assert_array_equal(first.telemetry.logit_mean, second.telemetry.logit_mean)


def all_finite(weights: Weights) -> bool:
    return all(bool(np.isfinite(value).all()) for value in weights.values())
