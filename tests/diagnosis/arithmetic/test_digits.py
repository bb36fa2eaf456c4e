"""Digits that were logged, and what rounding leaves open."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from steelyard.diagnosis.arithmetic.digits import decimals, rounding


@given(st.lists(st.floats(0.0, 10.0), min_size=1, max_size=20), st.integers(0, 8))
def test_a_rounded_value_is_within_its_rounding(values: list[float], places: int) -> None:
    exact = np.array(values)
    printed = np.round(exact, places)
    kept = decimals(printed)
    assert kept is not None and kept <= places
    if kept == places:
        assert (np.abs(printed - exact) <= rounding(printed)).all()


def test_doubles_and_lost_values() -> None:
    assert decimals(np.array([1 / 3, 0.5])) is None
    assert decimals(np.array([0.25, np.nan])) == 2
    assert rounding(np.array([1 / 3]))[0] < 1e-7


def test_other_values_count_where_these_do_not_tell() -> None:
    """An accuracy that stands at 0.95 may be printed to two digits or to six; one that moves shows it."""
    beside = np.array([0.123456])
    assert rounding(np.array([0.95, 0.95]), beside)[0] < 1e-6
    assert rounding(np.array([0.95, 0.93, 0.91]), beside)[0] > 0.005
    assert rounding(np.array([0.95, 0.93, 0.9123]), beside)[0] < 1e-4
