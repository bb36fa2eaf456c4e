"""The rise of a curve to its end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.diagnosis.arithmetic.rise import rise, smooth

curves = st.lists(st.floats(0.01, 100.0), min_size=1, max_size=40).map(np.array)


@given(curves)
def test_a_rise_is_never_negative_and_belongs_to_the_smoothed_curve(values: np.ndarray) -> None:  # type: ignore[type-arg]  # hypothesis passes arrays of one kind
    found = rise(values)
    assert found.height >= 0.0
    assert smooth(values)[found.at] == found.lowest <= values.max()


def test_one_wild_epoch_does_not_count() -> None:
    values = np.linspace(1.0, 0.5, 20)
    values[10] = 0.01
    values[-1] = 5.0
    assert rise(values).percent < 10.0


def test_percent_is_prechelts() -> None:
    assert rise(np.array([0.5, 0.4, 0.42])).percent == pytest.approx(5.0)
    assert rise(np.array([0.0, 0.1])).percent == np.inf
    assert rise(np.array([0.0, 0.0])).percent == 0.0
