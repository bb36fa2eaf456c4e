"""Standard errors, against the spread of drawn samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import binomtest

from steelyard.diagnosis.arithmetic import auc_error, entropy, log_loss_error, share_error, wilson


def losses_of(rate: float, apart: float, sharpness: float, seed: int = 3) -> np.ndarray:
    """Row losses of 300,000 rows; with ``sharpness`` above 1 the network is too sure of itself."""
    random = np.random.default_rng(seed)
    y = random.random(300_000) < rate
    score = random.normal(size=len(y)) + apart * y
    z = sharpness * (apart * score - apart**2 / 2 + logit(rate))
    p = np.clip(expit(z), 1e-7, 1 - 1e-7)
    return np.asarray(-np.where(y, np.log(p), np.log1p(-p)))


@pytest.mark.parametrize("rate", [0.01, 1 / 21, 0.3, 0.5])
@pytest.mark.parametrize("apart", [0.0, 0.8, 2.0])
def test_right_probabilities_spread_no_more_than_that(rate: float, apart: float) -> None:
    losses = losses_of(rate, apart, 1.0)
    assert losses.std() <= 1.02 * log_loss_error(1, rate, float(losses.mean()))
    # Not far too wide either, but for balanced rows, which a constant spreads not at all.
    if rate < 0.1:
        assert losses.std() >= 0.7 * log_loss_error(1, rate, float(losses.mean()))


@pytest.mark.parametrize("rate", [0.01, 1 / 21, 0.3, 0.5])
@pytest.mark.parametrize("apart", [0.0, 0.8, 2.0])
@pytest.mark.parametrize("sharpness", [1.5, 2.0, 3.0])
def test_too_sure_a_network_spreads_up_to_twice_as_much(rate: float, apart: float, sharpness: float) -> None:
    losses = losses_of(rate, apart, sharpness)
    if losses.mean() > entropy(rate):
        assert losses.std() <= 2.0 * log_loss_error(1, rate, float(losses.mean()))


def test_a_constant_attains_it() -> None:
    rate = 0.0371
    spread = math.sqrt(rate * (1 - rate)) * abs(math.log(rate / (1 - rate)))
    assert log_loss_error(1_398_766, rate) == pytest.approx(spread / math.sqrt(1_398_766))


@given(st.integers(0, 400), st.integers(1, 400), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_is_scipys(successes: int, trials: int, level: float) -> None:
    successes = min(successes, trials)
    expected = binomtest(successes, trials).proportion_ci(level, "wilson")
    assert wilson(successes, trials, level) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_recall_of_few_positives() -> None:
    """Catalogue F12."""
    assert [round(wilson(0, n)[1], 3) for n in (5, 20, 50)] == [0.434, 0.161, 0.071]
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("positives", "negatives", "error"), [(50, 1000, 0.041), (200, 4000, 0.021)])
def test_the_auc_errors_of_the_catalogue(positives: int, negatives: int, error: float) -> None:
    assert auc_error(0.73, positives, negatives) == pytest.approx(error, abs=6e-4)


def test_auc_error_of_drawn_samples() -> None:
    """It takes scores for exponential; those of normal ones spread a little less."""
    random = np.random.default_rng(11)
    positives = random.normal(1.0, 1.0, (800, 40))
    negatives = random.normal(0.0, 1.0, (800, 300))
    aucs = (positives[:, :, None] > negatives[:, None, :]).mean(axis=(1, 2))
    assert aucs.std() < auc_error(float(aucs.mean()), 40, 300) < 1.25 * aucs.std()


def test_nothing_to_measure() -> None:
    assert math.isnan(auc_error(0.7, 0, 10))
    assert math.isnan(log_loss_error(0, 0.5))
    assert math.isnan(log_loss_error(10, 0.0))
    assert math.isnan(share_error(0.5, 0))
    assert share_error(0.5, 100) == pytest.approx(0.05)
