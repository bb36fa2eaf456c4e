"""Corrected intervals and tests: their formulas against scipy, their promises by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from steelyard.comparison import (
    PairedDifference,
    Verdict,
    fold_mean,
    holm,
    leaderboard,
    paired_difference,
    verdict,
)
from steelyard.errors import DataError
from steelyard.metrics import metric

AP, LOSS = metric("average_precision"), metric("log_loss")


def test_without_correlation_it_is_the_ordinary_t_interval() -> None:
    values = np.random.default_rng(0).normal(size=12)
    found = fold_mean(values, 0.0, level=0.9)
    low, high = stats.ttest_1samp(values, 0.0).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.error == pytest.approx(stats.sem(values))
    assert found.spread == pytest.approx(values.std(ddof=1))


def test_without_correlation_it_is_the_ordinary_paired_test() -> None:
    first, second = np.random.default_rng(1).normal(size=(2, 9))
    found = paired_difference(first, second, 0.0)
    expected = stats.ttest_rel(first, second)
    assert found.p == pytest.approx(expected.pvalue)
    interval = expected.confidence_interval()
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


def test_the_variance_grows_as_nadeau_and_bengio_have_it() -> None:
    values = np.random.default_rng(2).normal(size=30)
    found = fold_mean(values, 1 / 9)
    assert found.error**2 == pytest.approx((1 / 30 + 1 / 9) * values.var(ddof=1))


def test_intervals_hold_the_truth_as_often_as_promised() -> None:
    """Scores with exactly the correlation that the correction assumes."""
    random = np.random.default_rng(3)
    folds, ratio, simulations = 20, 1 / 4, 4000
    correlation = ratio / (1 + ratio)
    shared = random.normal(size=(simulations, 1))
    own = random.normal(size=(simulations, folds))
    scores = math.sqrt(correlation) * shared + math.sqrt(1 - correlation) * own
    found = [fold_mean(row, ratio) for row in scores]
    held = np.mean([one.low <= 0.0 <= one.high for one in found])
    assert held == pytest.approx(0.95, abs=0.01)
    naive = np.mean([one.low <= 0.0 <= one.high for one in (fold_mean(row, 0.0) for row in scores)])
    assert naive < 0.7


def simulated_cross_validations(simulations: int, rows: int, folds: int, repeats: int) -> NDArray[np.float64]:
    """Differences in error, fold by fold, of two learners that are equally good.

    Least squares through the origin, each learner on a column of its own; both columns matter alike.
    """
    random = np.random.default_rng(4)
    x = random.normal(size=(2, simulations, rows))
    y = 0.5 * x.sum(axis=0) + random.normal(size=(simulations, rows))
    differences = []
    for _ in range(repeats):
        fold_of_row = random.permutation(rows) % folds
        for fold in range(folds):
            learned = fold_of_row != fold
            errors = []
            for column in x:
                slope = (column[:, learned] * y[:, learned]).sum(axis=1) / (column[:, learned] ** 2).sum(
                    axis=1
                )
                errors.append(((y[:, ~learned] - slope[:, None] * column[:, ~learned]) ** 2).mean(axis=1))
            differences.append(errors[0] - errors[1])
    return np.array(differences).T


def test_equally_good_learners_are_seldom_told_apart_over_real_folds() -> None:
    differences = simulated_cross_validations(simulations=1500, rows=100, folds=5, repeats=4)
    nothing = np.zeros(20)
    corrected = np.mean([paired_difference(row, nothing, 1 / 4).p < 0.05 for row in differences])
    naive = np.mean([paired_difference(row, nothing, 0.0).p < 0.05 for row in differences])
    assert corrected < 0.06
    assert naive > 0.2  # so the correction is needed


def test_a_winner_among_equals_is_seldom_declared() -> None:
    """The family-wise rate of false alarms, although the best is chosen on the same folds."""
    random = np.random.default_rng(5)
    alarms = 0
    for _ in range(400):
        values = {f"r{number}": random.normal(size=10) for number in range(5)}
        board = leaderboard(values, AP, 0.0)
        alarms += len(board.tied) < 5
    assert alarms / 400 < 0.08


@settings(deadline=None, max_examples=100)
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6))
def test_holm_is_the_closed_test_of_bonferroni(p: list[float]) -> None:
    """A hypothesis is rejected if Bonferroni rejects every set of hypotheses that holds it."""
    adjusted = holm(p)
    for number in range(len(p)):
        sets = [s for s in range(1, 2 ** len(p)) if s >> number & 1]
        smallest = [
            min(1.0, bin(s).count("1") * min(p[i] for i in range(len(p)) if s >> i & 1)) for s in sets
        ]
        assert adjusted[number] == pytest.approx(max(smallest))


def test_holm_passes_over_what_is_not_known() -> None:
    adjusted = holm([0.04, math.nan, 0.01])
    assert adjusted[[0, 2]] == pytest.approx([0.04, 0.02])
    assert math.isnan(adjusted[1])


def test_folds_without_a_value_are_left_out_of_both() -> None:
    first, second = [0.5, math.nan, 0.7, 0.9], [0.4, 0.4, math.nan, 0.5]
    found = paired_difference(first, second, 0.25)
    assert found.folds == 2
    assert found.mean == pytest.approx(0.25)


def test_one_fold_has_a_mean_and_no_interval() -> None:
    found = fold_mean([0.7], 0.25)
    assert found.mean == 0.7
    assert all(math.isnan(value) for value in (found.spread, found.low, found.high))
    assert math.isnan(paired_difference([0.7], [0.6], 0.25).p)
    assert math.isnan(fold_mean([], 0.25).mean)


def test_the_same_predictions_differ_by_nothing() -> None:
    found = paired_difference([0.7, 0.8], [0.7, 0.8], 0.25)
    assert (found.mean, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_of_four_recipes_those_as_good_as_the_best_are_tied() -> None:
    random = np.random.default_rng(6)
    folds = random.normal(0.0, 0.05, 20)
    values = {
        "bad": 0.30 + folds + random.normal(0, 0.004, 20),
        "good": 0.50 + folds + random.normal(0, 0.004, 20),
        "as good": 0.4995 + folds + random.normal(0, 0.004, 20),
        "worse": 0.47 + folds + random.normal(0, 0.004, 20),
    }
    board = leaderboard(values, AP, 1 / 9)
    assert set(board.tied) == {"good", "as good"}
    assert board.order[2:] == ("worse", "bad")
    reverse = leaderboard({name: -of_name for name, of_name in values.items()}, LOSS, 1 / 9)
    assert reverse.order == board.order
    assert reverse.tied == board.tied


def difference(low: float, high: float) -> PairedDifference:
    return PairedDifference((low + high) / 2, 0.0, low, high, 0.0, 10)


@pytest.mark.parametrize(
    ("low", "high", "p", "of_ap", "of_loss"),
    [
        (0.02, 0.06, 0.001, Verdict.BETTER, Verdict.WORSE),
        (-0.06, -0.02, 0.001, Verdict.WORSE, Verdict.BETTER),
        (-0.06, 0.02, 0.3, Verdict.CANNOT_TELL, Verdict.CANNOT_TELL),
        (-0.004, 0.009, 0.4, Verdict.NO_DIFFERENCE, Verdict.NO_DIFFERENCE),
        (0.004, 0.009, 0.001, Verdict.NO_DIFFERENCE, Verdict.NO_DIFFERENCE),
        (0.005, 0.02, 0.09, Verdict.CANNOT_TELL, Verdict.CANNOT_TELL),
        (math.nan, math.nan, math.nan, Verdict.CANNOT_TELL, Verdict.CANNOT_TELL),
    ],
)
def test_verdicts(low: float, high: float, p: float, of_ap: Verdict, of_loss: Verdict) -> None:
    found = difference(low, high)
    assert verdict(found, AP, margin=0.01, p=p) is of_ap
    assert verdict(found, LOSS, margin=0.01, p=p) is of_loss


def test_arguments_that_make_no_sense_are_refused() -> None:
    with pytest.raises(DataError, match="ratio"):
        fold_mean([0.1, 0.2], -1.0)
    with pytest.raises(DataError, match="level"):
        fold_mean([0.1, 0.2], 0.1, level=1.0)
    with pytest.raises(DataError, match="one value per fold"):
        paired_difference([0.1, 0.2], [0.1], 0.1)
    with pytest.raises(DataError, match="one value per fold"):
        fold_mean([[0.1, 0.2]], 0.1)
