"""Jobs rest between epochs until all others rest or have ended, and lose nothing by it."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence

import pytest

from steelyard import engine
from steelyard.engine import Decision, EpochEnd
from steelyard.recipe import Change, apply
from steelyard.run import RunStatus
from tests.engine.problems import numeric_problem, recipe
from tests.engine.runs import same_bits

CASES = {
    "small batches": (),
    "batches that are shared": (
        Change("network.hidden_units", [512, 256]),
        Change("training.batch_size", 512),
    ),
    "a schedule over all epochs": (Change("optimizer.schedule", {"name": "cosine", "warmup": 0.2}),),
    "a plateau that is waited for": (
        Change("optimizer.schedule", {"name": "reduce_on_plateau", "patience": 1, "min_delta": 1.0}),
    ),
    "the best epoch restored": (
        Change("training.patience", 2),
        Change("training.restore_best_weights", True),
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_run_that_rested_is_the_run_that_never_did(case: str, threads: int) -> None:
    problem = numeric_problem()
    jobs = [problem.job(apply(recipe(), *CASES[case]), seed) for seed in range(5)]
    restless = engine.fit_population(problem.features, problem.target, jobs, threads=1)
    rests: list[list[int]] = []

    def everybody_goes_on(resting: Sequence[int]) -> list[int]:
        rests.append(list(resting))
        return []

    runs = engine.fit_population(
        problem.features,
        problem.target,
        jobs,
        threads=threads,
        on_epoch=lambda end: Decision(rest=end.job != 1),
        on_rest=everybody_goes_on,
    )
    for run, other in zip(runs, restless, strict=True):
        same_bits(run, other)
        assert run.status is other.status
        assert run.reason == other.reason
    still_going = [
        [job for job in (0, 2, 3, 4) if len(restless[job].history) > epoch] for epoch in range(1, 5)
    ]
    assert rests == [jobs for jobs in still_going if jobs]


def test_those_that_are_not_to_go_on_are_pruned() -> None:
    problem = numeric_problem()
    jobs = [problem.job(recipe(), seed) for seed in range(6)]
    restless = engine.fit_population(problem.features, problem.target, jobs, threads=1)
    last: dict[int, int] = {}

    def watch(end: EpochEnd) -> Decision:
        last[end.job] = end.epoch
        return Decision(rest=end.epoch in (1, 3))

    def halve(resting: Sequence[int]) -> list[int]:
        assert len({last[job] for job in resting}) == 1, "all have come to the same epoch"
        return list(resting)[len(resting) // 2 :]

    runs = engine.fit_population(
        problem.features, problem.target, jobs, threads=2, on_epoch=watch, on_rest=halve
    )
    assert [len(run.history) for run in runs] == [5, 3, 3, 1, 1, 1]
    assert [run.status for run in runs] == [RunStatus.COMPLETED] + [RunStatus.PRUNED] * 5
    assert runs[4].reason == "stopped after epoch 1 by the caller"
    same_bits(runs[0], restless[0])
    for run, other in zip(runs, restless, strict=True):
        assert (
            run.history["validation_loss"].tolist()
            == other.history["validation_loss"][: len(run.history)].tolist()
        )


def test_without_a_referee_all_go_on() -> None:
    problem = numeric_problem()
    jobs = [problem.job(recipe(), seed) for seed in range(3)]
    runs = engine.fit_population(
        problem.features, problem.target, jobs, threads=2, on_epoch=lambda end: Decision(rest=True)
    )
    assert all(run.status is RunStatus.COMPLETED for run in runs)


def test_resting_after_the_last_epoch_is_ending() -> None:
    problem = numeric_problem()
    runs = engine.fit_population(
        problem.features,
        problem.target,
        [problem.job(recipe(), 0)],
        on_epoch=lambda end: Decision(rest=end.epoch == end.epochs),
        on_rest=lambda resting: pytest.fail(f"asked about {resting}"),
    )
    assert runs[0].status is RunStatus.COMPLETED


def test_a_job_that_does_not_rest_cannot_be_stopped_by_resting() -> None:
    problem = numeric_problem()
    jobs = [problem.job(recipe(), seed) for seed in range(2)]
    with pytest.raises(ValueError, match=r"on_rest: job 1 does not rest; those that do: \[0\]"):
        engine.fit_population(
            problem.features,
            problem.target,
            jobs,
            threads=2,
            on_epoch=lambda end: Decision(rest=end.job == 0 and end.epoch == 1),
            on_rest=lambda resting: [1],
        )


def test_what_the_referee_raises_is_raised() -> None:
    problem = numeric_problem()

    def fail(resting: Sequence[int]) -> list[int]:
        raise ZeroDivisionError("a referee at a loss")

    with pytest.raises(ZeroDivisionError, match="at a loss"):
        engine.fit_population(
            problem.features,
            problem.target,
            [problem.job(recipe(), seed) for seed in range(3)],
            threads=2,
            on_epoch=lambda end: Decision(rest=True),
            on_rest=fail,
        )


def test_ctrl_c_while_jobs_rest_interrupts_them() -> None:
    problem = numeric_problem()

    def interrupt(resting: Sequence[int]) -> list[int]:
        os.kill(os.getpid(), signal.SIGINT)
        return []

    runs = engine.fit_population(
        problem.features,
        problem.target,
        [problem.job(recipe(), seed) for seed in range(3)],
        threads=2,
        on_epoch=lambda end: Decision(rest=end.epoch == 2),
        on_rest=interrupt,
    )
    assert [run.status for run in runs] == [RunStatus.INTERRUPTED] * 3
    assert [len(run.history) for run in runs] == [2] * 3
