"""Whether two base rates can be one, where each may be known within bounds."""

import math

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from steelyard.diagnosis.arithmetic.rates import rates_apart
from tests.diagnosis.signals import about, exactly

SHARES = st.floats(0.001, 0.999)


def test_bounds_that_touch_are_no_distance() -> None:
    assert rates_apart(about(0.02, 0.01, 0.05), 100, about(0.06, 0.04, 0.08), 100) == 0.0


def test_the_nearest_ends_count() -> None:
    near = rates_apart(exactly(0.05), 1000, exactly(0.06), 1000)
    assert rates_apart(about(0.02, 0.01, 0.05), 1000, about(0.08, 0.06, 0.1), 1000) == near


def test_no_positive_against_all_positive() -> None:
    assert rates_apart(exactly(0.0), 10, exactly(1.0), 10) == np.sqrt(20.0)
    assert rates_apart(exactly(0.0), 10, exactly(0.0), 10) == 0.0


@given(SHARES, SHARES, st.integers(2, 10**7), st.integers(2, 10**7))
def test_it_is_the_same_from_both_sides_and_grows_with_rows(
    first: float, second: float, rows: int, others: int
) -> None:
    assume(abs(first - second) > 1e-9)
    z = rates_apart(exactly(first), rows, exactly(second), others)
    assert math.isclose(z, rates_apart(exactly(second), others, exactly(first), rows))
    assert rates_apart(exactly(first), 4 * rows, exactly(second), 4 * others) > z


def test_equal_rates_are_three_errors_apart_as_seldom_as_a_normal_number() -> None:
    random = np.random.default_rng(0)
    draws = random.binomial([8000, 2000], 0.05, (4000, 2)) / [8000, 2000]
    z = [rates_apart(exactly(a), 8000, exactly(b), 2000) for a, b in draws.tolist()]
    assert np.mean(np.array(z) > 1.96) < 0.06 and np.mean(np.array(z) > 3.3) < 0.003
