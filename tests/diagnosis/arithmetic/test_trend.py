"""Slope and wiggle of curves with noise that remembers, by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.stats import theilslopes

from steelyard.diagnosis.arithmetic import generalisation_loss, noise_of, trend
from steelyard.diagnosis.arithmetic.trend import theil_sen

curves = arrays(np.float64, st.integers(1, 40), elements=st.floats(1e-3, 1e3))


def remembering(memory: float, length: int, seed: int) -> NDArray[np.float64]:
    """Noise of standard deviation 1 whose neighbours are correlated so much."""
    random = np.random.default_rng(seed)
    noise = np.empty(length)
    noise[0] = random.normal()
    for at in range(1, length):
        noise[at] = memory * noise[at - 1] + np.sqrt(1 - memory**2) * random.normal()
    return noise


@pytest.mark.parametrize("memory", [0.0, 0.4, 0.7])
@pytest.mark.parametrize("length", [12, 30, 60])
def test_the_interval_holds_the_slope_about_as_often_as_it_says(memory: float, length: int) -> None:
    slope = -0.02
    held = 0
    for seed in range(200):
        found = trend(slope * np.arange(length) + remembering(memory, length, seed))
        assert found is not None
        held += found.low <= slope <= found.high
        assert found.change == pytest.approx(found.slope * (length - 1))
    # What a dozen epochs tell of their memory is little.
    assert held >= (0.92 if memory == 0.0 else 0.88 if length > 12 else 0.8) * 200


def test_a_clear_slope_is_seen() -> None:
    found = trend(-0.1 * np.arange(30) + 0.2 * remembering(0.3, 30, 0))
    assert found is not None
    assert found.high < 0.0
    assert found.change_high < 0.0


def test_outliers_do_not_tilt_it() -> None:
    values = -0.1 * np.arange(30)
    values[[3, 28]] += 50.0
    found = trend(values)
    assert found is not None
    assert found.slope == pytest.approx(-0.1, abs=0.01)


def test_epochs_that_were_skipped_count() -> None:
    found = trend([5.0, 4.0, 3.0, 1.0, 0.0, np.nan], [1, 2, 3, 5, 6, 7])
    assert found is not None
    assert found.slope == pytest.approx(-1.0)
    assert found.wiggle == pytest.approx(0.0, abs=1e-9)


def test_too_little_to_tell() -> None:
    assert trend([1.0, 2.0, 3.0, np.nan, 4.0]) is None
    assert np.isnan(noise_of([1.0, 2.0, 3.0]))


@pytest.mark.parametrize("bend", [0.0, 3.0])
def test_noise_is_measured_on_a_curve_that_bends(bend: float) -> None:
    smooth = bend * np.exp(-np.arange(400) / 60)
    noise = 0.05 * np.random.default_rng(0).normal(size=400)
    assert noise_of(smooth + noise) == pytest.approx(0.05, rel=0.15)


@given(curves)
def test_generalisation_loss_is_never_negative_and_scale_free(values: NDArray[np.float64]) -> None:
    found = generalisation_loss(values)
    assert found[0] == 0.0
    assert (found >= 0.0).all()
    np.testing.assert_allclose(generalisation_loss(7.0 * values), found, rtol=1e-9, atol=1e-6)


@given(curves.filter(lambda values: len(values) > 1), st.integers(1, 3))
def test_the_slope_is_that_of_scipy(values: NDArray[np.float64], step: int) -> None:
    epochs = np.cumsum(np.arange(len(values)) % step + 1)
    assert theil_sen(values, epochs) == theilslopes(values, epochs)[0]


def test_epochs_that_are_there_twice_have_no_slope_between_them() -> None:
    assert theil_sen([3.0, 2.0, 9.0, 1.0], [1, 2, 2, 3]) == -1.0


def test_a_row_per_step_takes_no_memory_to_speak_of() -> None:
    """All pairs would be five thousand million."""
    steps = np.arange(100_000)
    values = -1e-4 * steps + remembering(0.0, len(steps), 0)
    values[::10] += 100.0
    assert theil_sen(values, steps) == pytest.approx(-1e-4, rel=0.01)
