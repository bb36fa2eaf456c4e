"""Whoever watches the epochs can stop a run or set its learning rate, and disturbs no other."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard import engine
from steelyard.engine import Decision, EpochEnd
from steelyard.run import RunStatus
from tests.engine.problems import (
    numeric_problem,
    recipe,
)
from tests.engine.runs import same_bits


def test_epochs_are_reported() -> None:
    problem = numeric_problem()
    ends: list[EpochEnd] = []
    jobs = [problem.job(recipe(), seed) for seed in range(3)]
    runs = engine.fit_population(problem.features, problem.target, jobs, threads=2, on_epoch=ends.append)
    assert sorted((end.job, end.epoch) for end in ends) == [(j, e) for j in range(3) for e in range(1, 6)]
    for end in ends:
        history = runs[end.job].history
        assert end.epochs == 5
        assert end.seconds > 0
        assert end.metrics.keys() == set(history)
        for name, value in end.metrics.items():
            assert value == pytest.approx(history[name][end.epoch - 1], nan_ok=True), name


def test_a_watcher_can_stop_a_run_and_leaves_the_others_alone() -> None:
    problem = numeric_problem()
    jobs = [problem.job(recipe(), seed) for seed in range(4)]
    undisturbed = engine.fit_population(problem.features, problem.target, jobs, threads=1)

    def watch(end: EpochEnd) -> Decision | None:
        return Decision(stop=True) if end.job == 2 and end.epoch == 2 else None

    runs = engine.fit_population(problem.features, problem.target, jobs, threads=2, on_epoch=watch)
    assert [run.status for run in runs] == [
        RunStatus.COMPLETED,
        RunStatus.COMPLETED,
        RunStatus.PRUNED,
        RunStatus.COMPLETED,
    ]
    assert len(runs[2].history) == 2
    assert runs[2].reason
    for number in (0, 1, 3):
        same_bits(runs[number], undisturbed[number])
    np.testing.assert_array_equal(
        runs[2].history["train_objective"], undisturbed[2].history["train_objective"][:2]
    )


def test_a_watcher_can_set_the_learning_rate() -> None:
    problem = numeric_problem()

    def watch(end: EpochEnd) -> Decision | None:
        return Decision(learning_rate=0.001) if end.epoch == 2 else None

    job = problem.job(recipe())
    (run,) = engine.fit_population(problem.features, problem.target, [job], on_epoch=watch)
    (usual,) = engine.fit_population(problem.features, problem.target, [job])
    np.testing.assert_allclose(run.history["train_learning_rate"], [0.1, 0.1, 0.001, 0.001, 0.001], rtol=1e-6)
    np.testing.assert_array_equal(run.history["train_loss"][:2], usual.history["train_loss"][:2])
    moved, usually = (np.ptp(r.history["train_loss"][2:]) for r in (run, usual))
    assert moved < usually / 10


def test_an_error_in_a_watcher_reaches_the_caller() -> None:
    problem = numeric_problem()

    def watch(end: EpochEnd) -> Decision | None:
        raise RuntimeError("from the watcher")

    with pytest.raises(RuntimeError, match="from the watcher"):
        engine.fit_population(problem.features, problem.target, [problem.job(recipe())], on_epoch=watch)
