"""Successive halving: by hand, and beside Optuna's pruner."""

from __future__ import annotations

import numpy as np
import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.study import Halving
from steelyard.tuning.pruning import Referee
from steelyard.tuning.pruning.halving import halving
from tests.tuning.pruning.standings import standing


@pytest.mark.parametrize(
    ("reduction", "min_epochs", "epochs", "rungs"),
    [(3, 1, 27, (1, 3, 9)), (3, 1, 28, (1, 3, 9, 27)), (2, 3, 20, (3, 6, 12)), (3, 5, 5, ())],
)
def test_rungs(reduction: int, min_epochs: int, epochs: int, rungs: tuple[int, ...]) -> None:
    (race,) = halving(Halving(reduction=reduction, min_epochs=min_epochs), [2, epochs, 1])
    assert race.rungs == rungs


def test_a_race_by_hand() -> None:
    (race,) = halving(Halving(reduction=3, min_epochs=1), [9] * 7)
    scores = [0.5, 0.1, 0.7, 0.1, 0.9, 0.3, np.inf]
    assert race.losers(standing(1, scores)).tolist() == [True, False, True, False, True, True, True]
    # Of the two that are left one goes on: of equals the earlier one.
    racing = [False, True, False, True, False, False, False]
    assert race.losers(standing(3, scores, racing=racing)).nonzero()[0].tolist() == [3]


@given(
    st.lists(st.floats(0, 1) | st.just(np.inf), min_size=1, max_size=60),
    st.integers(2, 5),
    st.randoms(use_true_random=False),
)
def test_so_many_go_on_and_the_best_is_among_them(
    scores: list[float], reduction: int, random: object
) -> None:
    (race,) = halving(Halving(reduction=reduction), [1000] * len(scores))
    referee = Referee([race], len(scores))
    left = len(scores)
    for rung in race.rungs:
        before = referee.racing.copy()
        referee.judge(rung, np.array(scores), np.array(scores))
        left = max(1, left // reduction)
        assert referee.racing.sum() == left
        assert not (referee.racing & ~before).any()
        worst_kept = max(np.array(scores)[referee.racing])
        assert all(score >= worst_kept for score in np.array(scores)[before & ~referee.racing])


@pytest.mark.parametrize("trials", [2, 7, 27])
def test_as_optuna(trials: int) -> None:
    """Optuna decides when a trial reports, by those that have come to the rung before: so each trial in turn
    reports last."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    scores = np.random.default_rng(trials).permutation(trials) / trials
    (race,) = halving(Halving(reduction=3, min_epochs=2), [9] * trials)
    losers = race.losers(standing(2, scores.tolist()))
    for trial in range(trials):
        study = optuna.create_study(
            pruner=optuna.pruners.SuccessiveHalvingPruner(min_resource=2, reduction_factor=3)
        )
        order = [number for number in range(trials) if number != trial] + [trial]
        pruned = False
        for number in order:
            asked = study.ask()
            asked.report(float(scores[number]), 2)
            pruned = asked.should_prune()
        assert pruned == losers[trial]
