"""Multiple comparisons with the best: what they reduce to, and how often they are wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import polygamma

from steelyard.comparison import paired_difference
from steelyard.tuning.analysis.could_be_best import excess_p, inverse_trigamma, moderated


def test_of_two_trials_it_is_the_corrected_paired_t_test() -> None:
    random = np.random.default_rng(0)
    for folds in (2, 5, 10):
        losses = random.normal(size=(2, folds)) + np.array([[0.0], [0.7]])
        found = excess_p(losses, 0.25)
        worse, better = (
            (losses[1], losses[0]) if losses[1].mean() > losses[0].mean() else (losses[0], losses[1])
        )
        two_sided = paired_difference(worse, better, 0.25).p
        assert found.max() == 1.0
        assert found.min() == pytest.approx(two_sided / 2)


@pytest.mark.parametrize("kind", ["equal", "different", "one unsteady"])
@pytest.mark.parametrize(("trials", "folds"), [(3, 5), (20, 5), (60, 3)])
def test_a_trial_as_good_as_the_others_is_seldom_excluded(kind: str, trials: int, folds: int) -> None:
    """Folds correlated as Nadeau and Bengio take them to be; 400 searches, so 5 % is known to ± 2 %."""
    random = np.random.default_rng(1)
    ratio = 1 / (folds - 1)
    shared = ratio / (1 + ratio)
    excluded = 0
    for _ in range(400):
        spread = np.ones((trials, 1))
        if kind == "different":
            spread = np.exp(random.normal(0, 0.7, (trials, 1)))
        elif kind == "one unsteady":
            spread[0] = 4.0
        losses = 5.0 * random.normal(size=(1, folds)) + spread * (
            np.sqrt(shared) * random.normal(size=(trials, 1))
            + np.sqrt(1 - shared) * random.normal(size=(trials, folds))
        )
        excluded += excess_p(losses, ratio)[0] < 0.05
    assert excluded / 400 <= 0.08


def test_many_trials_lend_each_other_strength() -> None:
    """Alone, four degrees of freedom could not tell apart what fifty trials on the same folds do."""
    random = np.random.default_rng(2)
    told, alone = 0, 0
    for _ in range(50):
        losses = random.normal(size=(50, 5)) * 0.01 + np.where(np.arange(50) == 0, 0.0, 0.05)[:, None]
        p = excess_p(losses, 0.25)
        told += (p[1:] < 0.05).sum()
        alone += sum(paired_difference(losses[n], losses[0], 0.25).p / 2 * 49 < 0.05 for n in range(1, 50))
    assert told / (50 * 49) > 0.9 > 0.6 > alone / (50 * 49)


@given(
    arrays(np.float64, (6, 4), elements=st.integers(-50, 50).map(lambda n: n / 64)),
    arrays(np.float64, 4, elements=st.integers(-8, 8).map(float)),
    st.sampled_from([0.5, 2.0, 8.0]),
)
def test_neither_easy_folds_nor_units_matter(losses: np.ndarray, easy: np.ndarray, unit: float) -> None:
    p = excess_p(losses, 1 / 3)
    assert ((p >= 0.0) & (p <= 1.0)).all()
    assert p[losses.mean(axis=1) == losses.mean(axis=1).min()].max() == 1.0
    np.testing.assert_allclose(excess_p(unit * losses + easy, 1 / 3), p, atol=1e-6)


def test_trials_that_predict_alike_are_equal() -> None:
    losses = np.tile([0.1, 0.3, 0.2], (5, 1))
    assert excess_p(losses, 0.5).tolist() == [1.0] * 5
    # All differ by the same in every fold: no noise is left that could explain it.
    apart = excess_p(losses + 0.01 * np.arange(5)[:, None], 0.5)
    assert apart.tolist() == pytest.approx([1.0, 0.0, 0.0, 0.0, 0.0])


def test_one_block_tells_nothing_and_one_trial_is_the_best() -> None:
    assert np.isnan(excess_p(np.zeros((3, 1)), 0.0)).all()
    assert excess_p(np.zeros((1, 5)), 0.25).tolist() == [1.0]
    assert excess_p(np.zeros((0, 5)), 0.25).tolist() == []


def test_the_usual_variance_is_found_again() -> None:
    """Variances drawn as Smyth's model has them: 10 degrees of freedom around 0.3, seen with 4."""
    random = np.random.default_rng(3)
    true = 0.3 * 10 / random.chisquare(10, 20_000)
    seen = true * random.chisquare(4, 20_000) / 4
    drawn, freedom = moderated(seen, 4)
    assert freedom == pytest.approx(14, rel=0.1)
    np.testing.assert_allclose(drawn, (10 * 0.3 + 4 * seen) / 14, rtol=0.05)
    # Nearer to the truth than what was seen.
    assert np.mean((np.log(drawn) - np.log(true)) ** 2) < 0.5 * np.mean((np.log(seen) - np.log(true)) ** 2)


def test_variances_that_differ_by_chance_alone_become_one() -> None:
    seen = 0.3 * np.random.default_rng(4).chisquare(4, 20_000) / 4
    drawn, freedom = moderated(seen, 4)
    assert freedom > 50
    assert drawn.std() < 0.1 * seen.std()


@given(st.floats(1e-9, 1e9))
def test_the_inverse_of_the_trigamma_function(value: float) -> None:
    assert float(polygamma(1, inverse_trigamma(value))) == pytest.approx(value, rel=1e-4)
