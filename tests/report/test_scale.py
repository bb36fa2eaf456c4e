"""Scales map their ends, and their ticks are round and inside."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.report.scale import Scale, epoch_scale, linear_scale, log_scale

magnitudes = st.floats(1e-9, 1e9)


def _check(scale: Scale, low: float, high: float) -> None:
    assert scale.low <= low
    assert scale.high >= high
    assert scale(scale.low) == pytest.approx(200.0)
    assert scale(scale.high) == pytest.approx(0.0)
    values = [value for value, _ in scale.ticks]
    assert values == sorted(values)
    assert all(-1e-6 <= scale(value) <= 200 + 1e-6 for value in values)
    assert len({label for _, label in scale.ticks}) == len(values)


@settings(deadline=None)
@given(st.floats(-1e6, 1e6), magnitudes)
def test_linear_ticks_are_round_and_few(low: float, width: float) -> None:
    high = low + max(width, abs(low) * 1e-3)
    scale = linear_scale(low, high, 200.0, 0.0)
    _check(scale, low, high)
    assert 2 <= len(scale.ticks) <= 8


@settings(deadline=None)
@given(magnitudes, st.floats(6.0, 1e12))
def test_log_ticks_are_few_over_any_range(low: float, ratio: float) -> None:
    scale = log_scale(low, low * ratio, 200.0, 0.0)
    _check(scale, low, low * ratio)
    assert 1 <= len(scale.ticks) <= 6
    assert scale(math.sqrt(scale.low * scale.high)) == pytest.approx(100.0)


@settings(deadline=None)
@given(st.integers(1, 100_000))
def test_epochs_are_whole_and_begin_with_the_first(last: int) -> None:
    scale = epoch_scale(last, 0.0, 100.0)
    assert scale.ticks[0] == (1.0, "1")
    assert all(float(label) == value and 1 <= value <= last for value, label in scale.ticks)
    assert len(scale.ticks) <= 9


@pytest.mark.parametrize("value", [0.0, 0.25, -3.0, 1e7])
def test_a_single_value_gets_room(value: float) -> None:
    scale = linear_scale(value, value, 200.0, 0.0)
    assert scale.low <= value < scale.high


def test_positive_values_do_not_ask_for_an_axis_below_zero() -> None:
    assert linear_scale(0.001, 0.9, 200.0, 0.0).low == 0.0
