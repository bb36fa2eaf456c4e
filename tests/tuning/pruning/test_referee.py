"""Rules together."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard.study import DropFolds, Halving, Hyperband, MedianPruning, PatiencePruning
from steelyard.tuning.pruning import Referee, Waiting, most_epochs, rules_of


def test_rules_see_the_same_standing_and_one_is_enough() -> None:
    epochs = [20] * 9
    rules = rules_of([Halving(min_epochs=4), MedianPruning(warmup_epochs=4)], epochs, seed=0)
    scores = np.arange(9) / 10
    both, first, second = Referee(rules, 9), Referee(rules[:1], 9), Referee(rules[1:], 9)
    out = both.judge(4, scores, scores)
    assert (out == (first.judge(4, scores, scores) | second.judge(4, scores, scores))).all()
    assert both.racing.sum() == 3
    assert not both.judge(5, scores, scores).any(), "the three left are among the better half of all"
    assert both.judge(12, scores, scores).nonzero()[0].tolist() == [1, 2]


def test_when_networks_rest() -> None:
    referee = Referee(rules_of([Halving(min_epochs=2)], [9] * 3, seed=0), 3)
    assert [epoch for epoch in range(1, 10) if referee.rests(epoch)] == [2, 6]
    referee.judge(2, np.array([0.1, 0.2, 0.3]), np.zeros(3))
    assert not referee.rests(6), "with nobody left to be compared with"


def test_rules_that_compare_nobody_make_nobody_rest() -> None:
    assert rules_of([PatiencePruning(), DropFolds()], [9, 9], seed=0) == ()


@pytest.mark.parametrize("spec", [Halving(min_epochs=1), Hyperband(), Halving(reduction=2)])
def test_most_epochs_is_a_bound_that_is_reached(spec: Halving | Hyperband) -> None:
    epochs = [27] * 30
    rules = rules_of([spec], epochs, seed=0)
    most = most_epochs(rules, epochs)
    random = np.random.default_rng(0)
    for _ in range(5):
        referee, trained, scores = Referee(rules, 30), np.full(30, 27), random.random(30)
        for epoch in range(1, 27):
            if referee.rests(epoch):
                trained[referee.judge(epoch, scores, scores)] = epoch
        assert trained.sum() == most.sum()


def test_those_with_more_epochs_are_taken_to_win() -> None:
    rules = rules_of([Halving(min_epochs=1)], [3, 9, 3], seed=0)
    assert most_epochs(rules, [3, 9, 3]).tolist() == [1, 9, 1]


def test_patience_with_a_least_gain() -> None:
    rule, state = PatiencePruning(patience=2, min_delta=0.1), Waiting()
    waited = []
    for loss in (0.9, 0.85, 0.79, np.nan, 0.75):
        state = state.after(loss, rule)
        waited.append(state.epochs)
    assert waited == [0, 1, 0, 1, 2]
    assert state.too_long(rule)
