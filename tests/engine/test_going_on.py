"""A run can be stopped and taken up again as if nothing had happened, and looked into between epochs."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

import numpy as np
import pytest

from steelyard import engine
from steelyard.engine import Decision, EpochEnd, Job
from steelyard.errors import SteelyardError
from steelyard.recipe import Recipe
from steelyard.run import Run
from tests.engine.problems import LOGIT, NORMALIZATION, dropout, hidden, mixed_problem, recipe, stack

OPTIMIZERS: list[dict[str, Any]] = [
    {"name": "sgd"},
    {"name": "sgd", "momentum": 0.9, "nesterov": True},
    {"name": "adam", "amsgrad": True},
    {"name": "adamw"},
    {"name": "adadelta"},
    {"name": "adagrad"},
    {"name": "rmsprop", "momentum": 0.5, "centered": True},
    {"name": "adamax"},
    {"name": "nadam"},
]


METRICS = ("loss", "accuracy", "precision", "recall", "f1", "roc_auc", "average_precision")


def trained(job: Job, epochs: int, **changes: Any) -> Run:
    problem = mixed_problem()
    training = job.recipe.training.model_copy(update={"epochs": epochs})
    job = dataclasses.replace(job, recipe=job.recipe.model_copy(update={"training": training}), **changes)
    return engine.fit_population(problem.features, problem.target, [job])[0]


def full_recipe(optimizer: dict[str, Any] | None = None) -> Recipe:
    layers = stack(hidden(6), NORMALIZATION, dropout(0.3), LOGIT)
    return recipe(network=layers, optimizer=optimizer or {"name": "adam", "learning_rate": 0.01})


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda spec: "-".join(map(str, spec.values())))
def test_going_on_is_as_never_having_stopped(optimizer: dict[str, Any]) -> None:
    job = mixed_problem().job(full_recipe({**optimizer, "learning_rate": 0.01}), seed=3)
    whole = trained(job, 5)
    first = trained(job, 2)
    rest = trained(job, 3, initial_weights=first.weights, progress=first.progress)
    for name, tensor in whole.weights.items():
        np.testing.assert_array_equal(rest.weights[name], tensor, err_msg=name)
    np.testing.assert_array_equal(
        np.concatenate([first.history["train_objective"], rest.history["train_objective"]]),
        whole.history["train_objective"],
    )
    assert rest.progress is not None
    assert whole.progress is not None
    assert (rest.progress.epochs, rest.progress.steps) == (5, whole.progress.steps)


def test_without_the_progress_the_optimizer_starts_anew() -> None:
    job = mixed_problem().job(full_recipe())
    first = trained(job, 2)
    going_on = trained(job, 1, initial_weights=first.weights, progress=first.progress)
    anew = trained(job, 1, initial_weights=first.weights)
    assert not np.array_equal(going_on.weights["dense/kernel"], anew.weights["dense/kernel"])


def test_progress_of_another_network_or_optimizer_is_refused() -> None:
    problem = mixed_problem()
    first = trained(problem.job(full_recipe()), 1)
    other = problem.job(recipe(network=stack(hidden(7), LOGIT)))
    with pytest.raises(SteelyardError, match=r"jobs\[0\]\.progress\.slots\[0\]: belongs to another network"):
        trained(other, 1, progress=first.progress)
    with pytest.raises(ValueError, match="has 2 slots; the optimizer has 1"):
        trained(problem.job(full_recipe({"name": "adagrad"})), 1, progress=first.progress)


def test_the_state_can_be_read_during_the_call_only() -> None:
    problem = mixed_problem()
    seen: list[EpochEnd] = []

    def watch(end: EpochEnd) -> None:
        seen.append(end)
        if end.epoch == end.epochs:
            final.append((end.weights(), end.validation_logits()))

    final: list[Any] = []
    job = problem.job(full_recipe())
    (run,) = engine.fit_population(problem.features, problem.target, [job], on_epoch=watch)
    weights, logits = final[0]
    for name, tensor in run.weights.items():
        np.testing.assert_array_equal(weights[name], tensor)
    expected = engine.predict_logits(job.recipe.network, run.weights, job.encoding, problem.features)
    np.testing.assert_allclose(logits, expected[problem.split.validation], rtol=0, atol=1e-6)
    with pytest.raises(RuntimeError, match="during on_epoch only"):
        seen[0].weights()


def test_running_metrics_are_those_of_the_rows_as_they_were_met() -> None:
    """With a learning rate of nearly zero and no dropout they are the plain metrics; the rows come in
    the order of the epoch."""
    problem = mixed_problem()
    still = recipe(optimizer={"name": "sgd", "learning_rate": 1e-12})
    job = dataclasses.replace(problem.job(still), running_metrics=METRICS)
    met: list[Any] = []
    (run,) = engine.fit_population(
        problem.features, problem.target, [job], on_epoch=lambda end: met.append(end.training_logits())
    )
    for metric in METRICS:
        np.testing.assert_allclose(
            run.history[f"train_running_{metric}"], run.history[f"train_{metric}"], atol=1e-6, err_msg=metric
        )
    order = engine.epoch_order(job.seed, 1, len(problem.split.train))
    logits, labels = met[0]
    np.testing.assert_array_equal(labels, problem.target[problem.split.train[order]])
    assert logits.shape == labels.shape


def test_dropout_is_on_in_running_metrics() -> None:
    job = mixed_problem().job(recipe(network=stack(hidden(6), dropout(0.5), LOGIT)))
    run = trained(job, 2, running_metrics=("loss",))
    assert not np.allclose(run.history["train_running_loss"], run.history["train_loss"], atol=1e-3)
    # Without weights and penalties the running loss is the objective.
    np.testing.assert_allclose(run.history["train_running_loss"], run.history["train_objective"], rtol=1e-5)
    assert [name for name in run.history if "running" in name] == ["train_running_loss"]
    assert not any("running" in name for name in trained(job, 1).history)
    with pytest.raises(SteelyardError, match="running_metrics: 'auc' is not among loss, accuracy"):
        trained(job, 1, running_metrics=("auc",))


def test_a_watcher_can_replace_the_weights() -> None:
    problem = mixed_problem()
    job = problem.job(full_recipe())
    zeros = {name: np.zeros_like(t) for name, t in trained(job, 1).weights.items()}

    def watch(end: EpochEnd) -> Decision:
        return Decision(weights=zeros if end.epoch == end.epochs else None)

    (run,) = engine.fit_population(problem.features, problem.target, [job], on_epoch=watch)
    assert all(not tensor.any() for tensor in run.weights.values())
    wrong = {"dense/kernel": np.zeros((2, 2), np.float32)}
    with pytest.raises(SteelyardError, match="dense/bias is missing"):
        engine.fit_population(
            problem.features, problem.target, [job], on_epoch=lambda end: Decision(weights=wrong)
        )


def test_the_watcher_is_called_in_the_callers_thread() -> None:
    problem = mixed_problem()
    threads = set()
    jobs = [problem.job(full_recipe(), seed) for seed in range(6)]
    engine.fit_population(
        problem.features,
        problem.target,
        jobs,
        threads=3,
        on_epoch=lambda end: threads.add(threading.get_ident()),
    )
    assert threads == {threading.get_ident()}


def test_ctrl_c_inside_the_watcher_interrupts_the_jobs() -> None:
    problem = mixed_problem()

    def watch(end: EpochEnd) -> None:
        raise KeyboardInterrupt

    jobs = [problem.job(full_recipe(), seed) for seed in range(3)]
    runs = engine.fit_population(problem.features, problem.target, jobs, threads=1, on_epoch=watch)
    assert [run.status for run in runs] == ["interrupted"] * 3
    assert len(runs[0].history) == 1
