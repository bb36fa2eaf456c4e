"""Kendall's tau of a curve, against scipy's."""

from __future__ import annotations

import math
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from steelyard.diagnosis.arithmetic.kendall import kendall

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


def scipys(values: list[float]) -> tuple[float, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of values that are all the same
        found = kendalltau(range(len(values)), values)
    return float(found.statistic), float(found.pvalue)


def agree(values: list[float]) -> None:
    rising, p = kendall(values)
    tau, expected = scipys(values)
    if math.isnan(tau):
        assert math.isnan(p)
    else:
        assert np.sign(rising) == np.sign(tau)
        assert p == pytest.approx(expected, rel=1e-9, abs=1e-15)


@given(st.lists(NUMBERS, min_size=1, max_size=33, unique=True))
def test_different_values(values: list[float]) -> None:
    agree(values)


@given(st.lists(st.integers(0, 5).map(float), min_size=3, max_size=60))
def test_values_that_repeat(values: list[float]) -> None:
    agree(values)


@pytest.mark.parametrize("seed", range(5))
def test_many_values(seed: int) -> None:
    agree(np.random.default_rng(seed).random(200).tolist())


def test_an_order_without_exception() -> None:
    rising, p = kendall([3.0, 2.0, 1.0, 0.0])
    assert (rising, p) == (-6, pytest.approx(2 / 24))


@pytest.mark.parametrize("values", [[], [1.0], [2.0, 2.0, 2.0]])
def test_nothing_to_order(values: list[float]) -> None:
    rising, p = kendall(values)
    assert rising == 0
    assert math.isnan(p)


def test_a_row_per_step_takes_no_memory_to_speak_of() -> None:
    """All pairs at once would be a gigabyte."""
    tracemalloc.start()
    try:
        rising, p = kendall(-np.arange(10_000.0))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (rising, p) == (-49_995_000, 0.0)
    assert most < 10_000_000
