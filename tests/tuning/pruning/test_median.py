"""The median rule: by hand, and beside Optuna's pruner."""

from __future__ import annotations

import numpy as np
import optuna
import pytest

from steelyard.study import MedianPruning
from steelyard.tuning.pruning.median import median
from tests.tuning.pruning.standings import standing


def test_rungs() -> None:
    (rule,) = median(MedianPruning(warmup_epochs=5, interval=3), [6, 13])
    assert list(rule.rungs) == [5, 8, 11]
    (rule,) = median(MedianPruning(warmup_epochs=0), [4])
    assert list(rule.rungs) == [1, 2, 3]


def test_by_hand() -> None:
    (rule,) = median(MedianPruning(), [20] * 4)
    found = rule.losers(standing(5, score=[0.2, 0.4, 0.5, 0.6], average=[0.3, 0.45, 0.6, 0.7]))
    # The others' averages: of 0 they are .45 .6 .7, of 1 .3 .6 .7, of 2 .3 .45 .7, of 3 .3 .45 .6.
    assert found.tolist() == [False, False, True, True]


def test_those_put_out_still_count() -> None:
    (rule,) = median(MedianPruning(), [20] * 4)
    scores = [0.1, 0.2, 0.8, 0.9]
    assert rule.losers(standing(6, scores, racing=[True, True, False, False])).tolist() == [False] * 4


def test_one_trial_and_diverged_ones() -> None:
    (rule,) = median(MedianPruning(), [20] * 4)
    assert rule.losers(standing(5, [0.5])).tolist() == [False]
    assert rule.losers(standing(5, [np.inf, np.inf, np.inf])).tolist() == [False] * 3
    assert rule.losers(standing(5, [0.1, np.inf, 0.2])).tolist() == [False, True, False]


@pytest.mark.parametrize("trials", [3, 4, 9])
def test_as_optuna_where_curves_are_flat(trials: int) -> None:
    """Optuna compares with the others' values at that epoch, the paper with their averages until then: the
    same where the others' curves are flat. It knows finished trials only, so each in turn comes last."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    levels = np.random.default_rng(trials).random(trials)
    (rule,) = median(MedianPruning(warmup_epochs=3), [9] * trials)
    losers = rule.losers(standing(3, levels.tolist()))
    for trial in range(trials):
        study = optuna.create_study(pruner=optuna.pruners.MedianPruner(n_startup_trials=1, n_warmup_steps=3))
        for level in np.delete(levels, trial):
            other = study.ask()
            for epoch in range(1, 4):
                other.report(float(level), epoch)
            study.tell(other, float(level))
        asked = study.ask()
        for epoch in range(1, 4):
            asked.report(float(levels[trial]), epoch)
        assert asked.should_prune() == losers[trial]
