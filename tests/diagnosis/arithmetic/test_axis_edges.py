"""The ends of a parameter's range."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from steelyard.diagnosis.arithmetic.axis_edges import chance_of_order, chance_of_place, edges_of
from tests.diagnosis.tables import table


@pytest.mark.parametrize(
    ("name", "values", "below", "above"),
    [
        ("lr", [1e-4, 1e-3, 1e-2], 1e-5, 0.1),
        ("units", [8, 16, 32], 4.0, 64.0),
        ("layers", [1, 2, 3], None, 4.0),
        ("layers", [0, 1, 2], None, 4.0),
        ("dropout", [0.0, 0.2, 0.5], None, 0.75),
        ("keep_share", [0.5, 0.9, 1.0], 5 / 18, None),
        ("offset", [-2.0, 0.0, 1.0], -4.0, 2.0),
        ("decay", [0.0, 1e-4, 1e-3], None, 0.01),
    ],
)
def test_what_lies_beyond(name: str, values: list[float], below: float | None, above: float | None) -> None:
    upper, lower = edges_of(table({name: values}, validation_auc=[0.5] * 3))
    assert (upper.last, lower.last) == (values[-1], values[0])
    assert upper.beyond() == (None if above is None else pytest.approx(above))
    assert lower.beyond() == (None if below is None else pytest.approx(below))


def test_the_outermost_are_one_value_at_least() -> None:
    values = [float(at) for at in range(12)]
    upper, lower = edges_of(table({"u": values}, validation_auc=[0.5] * 12))
    assert list(np.flatnonzero(upper.outermost(1 / 6))) == [10, 11]
    assert list(np.flatnonzero(lower.outermost(0.01))) == [0]


def test_the_chance_of_a_place_is_that_of_shuffles() -> None:
    random = np.random.default_rng(0)
    there = np.array([True] * 4 + [False] * 6)
    shuffled = np.mean([random.permutation(there)[:2].all() for _ in range(20_000)])
    assert chance_of_place(there, 2) == pytest.approx(shuffled, abs=0.01)
    assert chance_of_place(~there, 2) == 1.0 and chance_of_place(there[:1], 3) == 1.0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=30))
def test_the_order_is_spearmans(pairs: list[tuple[int, int]]) -> None:
    values, merits = (np.array(one, np.float64) for one in zip(*pairs, strict=True))
    rising, falling = (chance_of_order(values, merits, falling=one) for one in (False, True))
    if np.ptp(values) and np.ptp(merits):
        correlation = float(spearmanr(values, merits).statistic)
        assert rising + falling == pytest.approx(1.0)
        assert (rising < 0.5) == (correlation > 1e-12) or abs(correlation) < 1e-9
    else:
        assert rising == falling == 1.0


def test_the_chance_of_an_order_is_seldom_too_small() -> None:
    random = np.random.default_rng(1)
    for count in (5, 12, 40):
        found = [
            chance_of_order(np.arange(float(count)), random.random(count), falling=False) for _ in range(4000)
        ]
        assert np.mean(np.array(found) < 0.025) <= 0.03
