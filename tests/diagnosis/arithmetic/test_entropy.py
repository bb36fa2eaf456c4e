"""Floors of constant predictions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from steelyard.diagnosis.arithmetic import best_constant, cross_entropy, entropy, weighted_floor

rates = st.floats(1e-6, 1.0 - 1e-6)
weights = st.tuples(st.floats(0.01, 100.0), st.floats(0.01, 100.0))


@pytest.mark.parametrize(("positives", "rows", "probability"), [(1, 21, 0.05), (3, 7, 0.5), (11, 40, 0.9)])
def test_a_constant_costs_what_scikit_learn_says(positives: int, rows: int, probability: float) -> None:
    y = np.arange(rows) < positives
    expected = log_loss(y, np.full(rows, probability))
    assert cross_entropy(positives / rows, probability) == pytest.approx(expected, abs=1e-12)


@given(rates, st.floats(1e-9, 1.0 - 1e-9))
def test_the_base_rate_is_the_best_constant(rate: float, other: float) -> None:
    assert entropy(rate) <= cross_entropy(rate, other) + 1e-12


@given(rates, weights, st.floats(1e-6, 1.0 - 1e-6))
def test_no_constant_has_a_lower_weighted_loss(rate: float, pair: tuple[float, float], other: float) -> None:
    found = weighted_floor(rate, pair)
    assert -pair[1] * rate * math.log(other) - pair[0] * (1 - rate) * math.log1p(-other) >= found * (1 - 1e-9)


@given(st.floats(1e-4, 1.0 - 1e-4))
def test_balanced_weights_make_any_base_rate_a_coin(rate: float) -> None:
    assert weighted_floor(rate, (0.5 / (1 - rate), 0.5 / rate)) == pytest.approx(math.log(2))


def test_the_three_chance_levels_of_one_problem() -> None:
    """Catalogue A4: class weights of 1 and 20 at one positive in 21."""
    rate, pair = 1 / 21, (1.0, 20.0)
    assert weighted_floor(rate, pair) == pytest.approx(1.320, abs=5e-4)
    assert cross_entropy(rate, best_constant(rate, pair)) == pytest.approx(math.log(2))
    assert entropy(rate) == pytest.approx(0.191, abs=5e-4)


def test_the_ends() -> None:
    assert entropy(0.0) == entropy(1.0) == 0.0
    assert cross_entropy(0.1, 0.0) == math.inf
    with pytest.raises(ValueError, match="one class at least"):
        best_constant(0.0, (0.0, 1.0))
