"""Trials from best to worst, with ties."""

from __future__ import annotations

import math

import numpy as np
import pytest

from steelyard.comparison import fold_mean
from steelyard.run import RunStatus
from steelyard.study import TrialState
from steelyard.tuning.analysis import leaderboard
from steelyard.tuning.analysis.scores import rows_ratio, scores_of
from tests.studies import drawn, plan_of, trial_of


def test_the_best_is_first_and_what_cannot_be_told_from_it_is_tied() -> None:
    plan = plan_of(folds=10, seeds=2)
    means = [0.30, 0.41, 0.412, 0.35, 0.409]
    board = leaderboard(plan, drawn(plan, np.random.default_rng(0), means))
    assert {entry.trial for entry in board.entries[:3]} == {1, 2, 4} == set(board.tied)
    assert [entry.trial for entry in board.entries[3:]] == [3, 0]
    assert [entry.rank for entry in board.entries] == [1, 2, 3, 4, 5]
    assert board.entries[0].p == 1.0
    assert board.summary.startswith(f"Trial {board.entries[0].trial} has the best average_precision, 0.4")
    assert "2 of the 4 others cannot be told apart from it (95%)" in board.summary


def test_an_entry_tells_mean_interval_and_spreads() -> None:
    plan = plan_of(folds=5, seeds=3)
    values = np.random.default_rng(1).normal(0.4, 0.02, (5, 3))
    (entry,) = leaderboard(plan, [trial_of(plan, 7, values, point={"a": 1})]).entries
    of_folds = fold_mean(values.mean(axis=1), 1 / 4)
    assert (entry.trial, entry.point, entry.mean) == (7, {"a": 1}, pytest.approx(values.mean()))
    assert (entry.error, entry.low, entry.high) == pytest.approx(
        (of_folds.error, of_folds.low, of_folds.high)
    )
    assert entry.over_folds == pytest.approx(values.mean(axis=1).std(ddof=1))
    assert entry.over_seeds == pytest.approx(math.sqrt(values.var(axis=1, ddof=1).mean()))
    assert entry.last == pytest.approx(0.9 * values.mean())
    assert entry.tied and not entry.diverged


def test_losses_rank_upwards() -> None:
    plan = plan_of(metrics=("log_loss",))
    board = leaderboard(plan, drawn(plan, np.random.default_rng(2), [0.3, 0.2, 0.4], fold=0.001, both=0.001))
    assert [entry.trial for entry in board.entries] == [1, 0, 2]
    assert board.tied == (1,)
    assert "is told apart from the 2 others" in board.summary


def test_trials_rank_by_any_metric_of_the_plan_under_any_of_its_names() -> None:
    plan = plan_of(metrics=("ap", "log_loss"))
    trials = [
        trial_of(plan, 0, 0.4, more={"log_loss": 0.3}),
        trial_of(plan, 1, 0.3, more={"log_loss": 0.2}),
    ]
    assert [entry.trial for entry in leaderboard(plan, trials).entries] == [0, 1]
    by_loss = leaderboard(plan, trials, "log_loss")
    assert [entry.trial for entry in by_loss.entries] == [1, 0]
    assert (leaderboard(plan, trials).metric, by_loss.metric) == ("average_precision", "log_loss")
    assert leaderboard(plan, trials, "average_precision").entries[0].mean == pytest.approx(0.4)


def test_diverged_trials_stand_last_and_are_never_tied() -> None:
    plan = plan_of(metrics=("log_loss",))
    values = np.random.default_rng(3).normal(0.3, 0.1, (3, 5, 1))
    trials = [
        trial_of(plan, 0, math.inf, status=RunStatus.DIVERGED),
        trial_of(plan, 1, values[1]),
        trial_of(plan, 2, values[2]),
    ]
    board = leaderboard(plan, trials)
    assert board.entries[-1].trial == 0
    assert board.entries[-1].diverged and not board.entries[-1].tied
    assert set(board.tied) == {1, 2}
    all_lost = leaderboard(plan, trials[:1])
    assert all_lost.tied == () and "diverged" in all_lost.summary


def test_pruned_trials_have_no_rank() -> None:
    plan = plan_of()
    trials = [trial_of(plan, 0, 0.9, state=TrialState.PRUNED), trial_of(plan, 1, 0.4)]
    board = leaderboard(plan, trials)
    assert [entry.trial for entry in board.entries] == [1]
    assert scores_of(plan, trials).pruned == 1


def test_with_one_fold_seeds_tell_trials_apart_and_it_is_said() -> None:
    plan = plan_of(folds=1, seeds=6)
    board = leaderboard(plan, drawn(plan, np.random.default_rng(5), [0.3, 0.41, 0.41], both=0.0))
    assert board.basis == "seeds"
    assert set(board.tied) == {1, 2}
    assert "over seeds alone: on other rows it may be otherwise" in board.summary
    assert not math.isnan(board.entries[0].low)


def test_with_one_fold_and_one_seed_nothing_is_told_apart() -> None:
    plan = plan_of(folds=1)
    board = leaderboard(plan, drawn(plan, np.random.default_rng(5), [0.1, 0.9, 0.5]))
    assert board.basis == "none"
    assert board.tied == (1, 2, 0)
    assert math.isnan(board.entries[0].low)
    assert "one fold and one seed" in board.summary


def test_the_fastest_of_the_tied_is_named() -> None:
    plan = plan_of()
    values = np.random.default_rng(6).normal(0.4, 0.02, (2, 5, 1))
    values[1] += 0.01
    board = leaderboard(
        plan, [trial_of(plan, 0, values[0], seconds=0.5), trial_of(plan, 1, values[1], seconds=9.0)]
    )
    assert board.tied == (1, 0)
    assert board.summary.endswith("The fastest of these to train is trial 0.")


def test_nothing_to_rank() -> None:
    board = leaderboard(plan_of(), [])
    assert (board.entries, board.tied) == ((), ())
    assert board.summary == "No trial is complete, so there is nothing to rank."


@pytest.mark.parametrize(
    ("folds", "by", "ratio"),
    [(5, "random", 1 / 4), (10, "group", 1 / 9), (1, "random", 0.0), (3, "time", (1 + 1 / 2 + 1 / 3) / 3)],
)
def test_validation_rows_per_training_row(folds: int, by: str, ratio: float) -> None:
    assert rows_ratio(plan_of(folds=folds, by=by)) == pytest.approx(ratio)
