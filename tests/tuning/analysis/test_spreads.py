"""Where the differences between scores come from."""

from __future__ import annotations

import math

import numpy as np
import pytest

from steelyard.study import TrialState
from steelyard.tuning.analysis import selection, spreads
from steelyard.tuning.analysis.ranking import flat
from steelyard.tuning.analysis.scores import scores_of
from tests.studies import drawn, plan_of, trial_of


def test_what_went_in_comes_out() -> None:
    """Independent folds (a fold learns from endlessly many rows), so that there is one right answer."""
    random = np.random.default_rng(0)
    plan = plan_of(folds=10, seeds=4, by="time").model_copy(update={"folds": 10})
    found = []
    for _ in range(60):
        trials = drawn(plan, random, 0.4 + 0.03 * random.normal(size=30), fold=0.05, both=0.01, seed=0.02)
        found.append(spreads(plan, trials))
    means = {
        name: math.sqrt(np.mean([getattr(one, name) ** 2 for one in found]))
        for name in ("over_folds", "over_both", "over_seeds")
    }
    assert means["over_folds"] == pytest.approx(0.05, rel=0.1)
    assert means["over_both"] == pytest.approx(0.01, rel=0.1)
    assert means["over_seeds"] == pytest.approx(0.02, rel=0.03)
    configurations = math.sqrt(np.mean([one.over_configurations**2 for one in found]))
    assert configurations == pytest.approx(0.03, rel=0.1)


def test_of_a_balanced_table_the_estimates_are_those_of_the_textbook() -> None:
    """Two configurations, two folds, two seeds, by hand (ratio 1: two folds learn from each other)."""
    plan = plan_of(folds=2, seeds=2)
    values = np.array([[[1.0, 3.0], [5.0, 7.0]], [[2.0, 2.0], [10.0, 14.0]]])
    found = spreads(plan, [trial_of(plan, number, values[number]) for number in range(2)])
    # Cell means 2, 6; 2, 12. Trial means 4, 7; fold means 2, 9; all 5.5.
    seed, both, fold, configuration = (2 + 2 + 0 + 8) / 4, 2 * 4 * 1.5**2, 4 * 2 * 3.5**2, 4 * 2 * 1.5**2
    noise = (1 + 2 * 1) * both
    assert found.over_seeds == pytest.approx(math.sqrt(seed))
    assert found.over_both == pytest.approx(math.sqrt((both - seed) / 2))
    assert found.over_folds == pytest.approx(math.sqrt((fold - both) / 4))
    assert found.over_configurations == 0.0
    assert found.f == pytest.approx(configuration / noise)


def test_what_nothing_tells_is_not_told() -> None:
    random = np.random.default_rng(1)
    one_seed = spreads(plan := plan_of(), drawn(plan, random, [0.3, 0.4, 0.5]))
    assert math.isnan(one_seed.over_seeds) and one_seed.over_configurations > 0.05
    one_fold = spreads(plan := plan_of(folds=1, seeds=4), drawn(plan, random, [0.3, 0.4, 0.5]))
    assert math.isnan(one_fold.over_folds) and one_fold.basis == "seeds" and one_fold.p < 0.001
    neither = spreads(plan := plan_of(folds=1), drawn(plan, random, [0.3, 0.4, 0.5]))
    assert math.isnan(neither.p) and neither.summary.endswith("is not known: one fold, one seed.")
    nothing = spreads(plan := plan_of(), [])
    assert nothing.trials == 0 and math.isnan(nothing.over_folds)


def test_pruned_trials_do_not_unbalance_it() -> None:
    plan = plan_of(seeds=2)
    trials = drawn(plan, np.random.default_rng(2), [0.3, 0.4, 0.5])
    pruned = trial_of(plan, 3, 0.1, state=TrialState.PRUNED)
    assert spreads(plan, [*trials, pruned]) == spreads(plan, trials)
    assert "over the configurations of 3 trials" in spreads(plan, trials).summary


def _search(random: np.random.Generator, spread: float, folds: int = 5, seeds: int = 2) -> bool:
    """Is T103 found in a search over 20 configurations whose true scores differ by that much?

    Folds are as dependent as the correction takes them to be, the noise of a trial's mean known: with this
    ratio its standard deviation is 0.01 times the root of 1 / folds + ratio.
    """
    plan = plan_of(folds=folds, seeds=seeds)
    ratio = 1 / (folds - 1)
    shared = ratio / (1 + ratio)
    size = 0.01 * math.sqrt(1 + ratio)
    values = (
        0.4
        + spread * random.normal(size=(20, 1, 1))
        + 0.03 * random.normal(size=(1, folds, 1))
        + size * math.sqrt(shared) * random.normal(size=(20, 1, 1))
        + size * math.sqrt(1 - shared) * random.normal(size=(20, folds, 1))
        + 0.001 * random.normal(size=(20, folds, seeds))
    )
    trials = [trial_of(plan, number, values[number]) for number in range(20)]
    return bool(flat(plan, scores_of(plan, trials)))  # T103


def test_a_grid_flatter_than_its_noise_is_called_flat_and_others_are_not() -> None:
    random = np.random.default_rng(3)
    level = np.mean([_search(random, 0.0) for _ in range(200)])
    steep = np.mean([_search(random, 0.02) for _ in range(100)])
    between = np.mean([_search(random, 0.01) for _ in range(100)])
    assert 0.90 <= level <= 0.99  # 95 % by its level
    assert steep == 0.0  # three times the noise of a mean
    assert between < 0.25


def test_choosing_without_the_fold_takes_the_luck_out_of_the_best() -> None:
    """All configurations equally good: the best looks better than they are, its choice elsewhere does not."""
    random = np.random.default_rng(4)
    plan = plan_of()
    found = [selection(plan, drawn(plan, random, [0.4] * 30, fold=0.0)) for _ in range(200)]
    own, nested = (float(np.mean([getattr(one, name) for one in found])) for name in ("own", "nested"))
    assert own > 0.41
    assert nested == pytest.approx(0.4, abs=0.002)
    assert len(set(found[0].picked)) > 1


def test_a_clear_winner_loses_nothing() -> None:
    plan = plan_of()
    found = selection(plan, drawn(plan, np.random.default_rng(5), [0.2, 0.8, 0.3]))
    assert found.own == found.nested and found.picked == (1,) * 5
    assert math.isnan(
        selection(plan_of(folds=1), drawn(plan_of(folds=1), np.random.default_rng(6), [1])).nested
    )
    assert selection(plan, []).picked == ()
