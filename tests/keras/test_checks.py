"""Arguments as people write them: numbers of any kind, and what is none."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.errors import RecipeError
from steelyard.keras import checks


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60))
def test_every_kind_of_number_is_a_number(value: float) -> None:
    for written in (value, np.float64(value), np.asarray(value)[()]):
        found = checks.real("x", written)
        assert found == float(value)
        assert type(found) is float


@given(st.integers(0, 2**53))
def test_every_kind_of_whole_number_is_one(value: int) -> None:
    for written in (value, float(value), np.int64(value), np.float64(value)):
        found = checks.whole("x", written, low=0)
        assert found == value
        assert type(found) is int


@given(st.floats(), st.floats(-5, 5), st.floats(-5, 5))
def test_bounds_hold(value: float, low: float, high: float) -> None:
    try:
        found = checks.real("x", value, low=low, high=high)
    except RecipeError:
        assert not low <= value <= high
    else:
        assert low <= found <= high


@pytest.mark.parametrize(
    ("bounds", "value", "message"),
    [
        ({"low": 0, "below": 1}, 1, "x is 1; it must be at least 0 and below 1"),
        ({"above": 0}, 0.0, "x is 0.0; it must be above 0"),
        ({"high": 2}, 3, "x is 3; it must be at most 2"),
        ({}, math.nan, "x is nan; it must be finite"),
        ({}, 10**400, "x is 1000.*; it must be finite"),
        ({}, "1", "x is '1'; it must be a number"),
        ({}, True, "x is True; it must be a number"),
        ({}, None, "x is None; it must be a number"),
        ({}, "long" * 100, r"x is 'longlong.*\.\.\.; it must be a number"),
    ],
)
def test_what_is_no_such_number_is_refused_by_name(
    bounds: dict[str, float], value: Any, message: str
) -> None:
    with pytest.raises(RecipeError, match=f"^K210: {message}"):
        checks.real("x", value, **bounds)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0, "x is 0; it must be at least 1"),
        (9, "x is 9; it must be at most 8"),
        (2.5, "x is 2.5; it must be a whole number"),
        (math.inf, "x is inf; it must be a whole number"),
        (True, "x is True; it must be a whole number"),
        ((2,), r"x is \(2,\); it must be a whole number"),
    ],
)
def test_what_is_no_such_whole_number_is_refused_by_name(value: Any, message: str) -> None:
    with pytest.raises(RecipeError, match=f"^K210: {message}"):
        checks.whole("x", value, low=1, high=8)


def test_flags() -> None:
    assert [checks.flag("x", value) for value in (True, 1, np.True_, 1.0)] == [True] * 4
    assert [checks.flag("x", value) for value in (False, 0, np.False_)] == [False] * 3
    for value in ("yes", None, 2, [1]):
        with pytest.raises(RecipeError, match=r"K210: x is .*; it must be True or False"):
            checks.flag("x", value)


def test_features_that_must_stay_off() -> None:
    checks.default_only("K208", "x", None, None, why="")
    checks.default_only("K208", "x", [1, 2], (1, 2), why="")
    for value in (0, False, "", np.zeros(3)):
        with pytest.raises(RecipeError, match=r"K208: x=.* is not supported: there is none"):
            checks.default_only("K208", "x", value, None, why="there is none")
    with pytest.raises(RecipeError, match="K208: x=1 is not supported"):
        checks.default_only("K208", "x", 1, True, why="a number is no flag")
