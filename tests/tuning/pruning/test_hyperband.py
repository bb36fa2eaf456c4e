"""Hyperband: the table of the paper, and beside Optuna's pruner."""

from __future__ import annotations

import numpy as np
import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.study import Hyperband
from steelyard.tuning.pruning import Referee, rules_of
from steelyard.tuning.pruning.hyperband import apportioned, bracket_shares, hyperband


def test_the_table_of_the_paper() -> None:
    """Li et al. 2018, table 1: R = 81, eta = 3. There s = 4 begins with 81 configurations and 1 epoch, s = 3
    with 34 (27 in the table, which rounds the formula down) and 3, s = 2 with 15 (9) and 9, and so on."""
    sizes = bracket_shares(5, 3)
    races = hyperband(Hyperband(), [81] * sum(sizes), seed=0)
    assert [int(race.members.sum()) for race in races] == list(sizes)
    assert [race.rungs for race in races] == [(1, 3, 9, 27), (3, 9, 27), (9, 27), (27,), ()]
    assert np.sum([race.members for race in races], axis=0).tolist() == [1] * sum(sizes)


@pytest.mark.parametrize(("longest", "least", "reduction"), [(81, 1, 3), (60, 2, 3), (100, 1, 4), (7, 3, 2)])
def test_brackets_as_optuna(longest: int, least: int, reduction: int) -> None:
    study = optuna.create_study()
    pruner = optuna.pruners.HyperbandPruner(
        min_resource=least, max_resource=longest, reduction_factor=reduction
    )
    pruner._try_initialization(study)
    shares = bracket_shares(pruner._n_brackets or 0, reduction)
    assert list(shares) == pruner._trial_allocation_budgets
    races = hyperband(Hyperband(reduction=reduction, min_epochs=least), [longest] * sum(shares), seed=0)
    assert [int(race.members.sum()) for race in races] == list(shares)


@given(st.integers(1, 200), st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_apportioned(trials: int, shares: list[int]) -> None:
    sizes = apportioned(trials, shares)
    assert sizes.sum() == trials
    exact = np.array(shares) * trials / sum(shares)
    assert (np.abs(sizes - exact) < 1.0).all()


def test_who_is_in_which_bracket_depends_on_the_seed_alone() -> None:
    first, again, other = (hyperband(Hyperband(), [30] * 40, seed) for seed in (1, 1, 2))
    assert all((a.members == b.members).all() for a, b in zip(first, again, strict=True))
    assert not all((a.members == b.members).all() for a, b in zip(first, other, strict=True))


def test_the_best_of_each_bracket_goes_on() -> None:
    epochs = [27] * 30
    rules = rules_of([Hyperband()], epochs, seed=3)
    referee = Referee(rules, 30)
    scores = np.random.default_rng(0).random(30)
    for epoch in (1, 3, 9):
        referee.judge(epoch, scores, scores)
    for race in hyperband(Hyperband(), epochs, seed=3):
        best = int(np.flatnonzero(race.members)[scores[race.members].argmin()])
        assert referee.racing[best]
