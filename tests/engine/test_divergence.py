"""What is not finite ends its own run only, with the last finite weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from steelyard import engine
from steelyard.engine import Decision, EpochEnd
from steelyard.run import RunStatus
from tests.engine.problems import (
    LOGIT,
    hidden,
    numeric_problem,
    recipe,
    stack,
)
from tests.engine.runs import all_finite, same_bits, train

WILD: dict[str, object] = {"name": "sgd", "learning_rate": 1e30}
RELU = stack(hidden(8, "relu"), hidden(8, "relu"), LOGIT)


def test_a_diverged_run_says_when_and_keeps_finite_weights() -> None:
    run = train(numeric_problem(), network=RELU, optimizer=WILD)
    assert run.status is RunStatus.DIVERGED
    assert "epoch 1" in run.reason
    assert "step" in run.reason
    assert all_finite(run.weights)
    assert len(run.history) == 0
    assert run.best_epoch == 0


@pytest.mark.parametrize(
    "name", ["sgd", "adam", "adamw", "adadelta", "adagrad", "rmsprop", "adamax", "nadam"]
)
@pytest.mark.parametrize("function", ["relu", "tanh", "gelu"])
def test_no_optimizer_returns_infinite_weights(name: str, function: str) -> None:
    network = stack(hidden(8, function), hidden(8, function), LOGIT)
    run = train(numeric_problem(), network=network, optimizer={"name": name, "learning_rate": 3e38})
    assert run.status is RunStatus.DIVERGED or function == "tanh"  # bounded units can keep even this finite
    assert all_finite(run.weights)


def test_divergence_in_a_later_epoch_keeps_the_epochs_before() -> None:
    problem = numeric_problem()

    def watch(end: EpochEnd) -> Decision | None:
        return Decision(learning_rate=1e30) if end.epoch == 3 else None

    job = problem.job(recipe(network=RELU))
    (run,) = engine.fit_population(problem.features, problem.target, [job], on_epoch=watch)
    assert run.status is RunStatus.DIVERGED
    assert "epoch 4" in run.reason
    assert len(run.history) == 3
    assert len(run.telemetry.epochs) == 3
    assert np.isfinite(run.history["validation_loss"]).all()
    assert all_finite(run.weights)


def test_huge_inputs_diverge_or_train_but_never_crash() -> None:
    problem = numeric_problem()
    huge = replace(
        problem, features=replace(problem.features, numeric=problem.features.numeric * np.float32(1e30))
    )
    run = train(huge, network=RELU)
    assert run.status is RunStatus.DIVERGED
    assert all_finite(run.weights)


def test_a_diverging_job_does_not_disturb_the_others() -> None:
    problem = numeric_problem()
    sound = [problem.job(recipe(network=RELU), seed) for seed in range(4)]
    wild = problem.job(recipe(network=RELU, optimizer=WILD))
    alone = engine.fit_population(problem.features, problem.target, sound, threads=2)
    mixed = engine.fit_population(
        problem.features, problem.target, [wild, *sound[:2], wild, *sound[2:], wild], threads=2
    )
    for number in (0, 3, 6):
        assert mixed[number].status is RunStatus.DIVERGED
    for first, second in zip(alone, [mixed[1], mixed[2], mixed[4], mixed[5]], strict=True):
        assert first.status is RunStatus.COMPLETED
        same_bits(first, second)
