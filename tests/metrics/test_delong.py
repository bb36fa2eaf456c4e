"""DeLong's variances against their definition by pairs, and what becomes of AUCs without a variance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from steelyard.metrics import difference, evaluate
from steelyard.metrics.delong import auc, newcombe, placements, variance, variance_of_difference
from steelyard.metrics.rows import checked
from tests.metrics.samples import binormal, noisier, small_rows


def structural(y: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The definition: each positive against each negative."""
    pairs = (np.sign(p[y == 1][:, None] - p[y == 0][None, :]) + 1) / 2
    return pairs.mean(axis=1), pairs.mean(axis=0)


@settings(max_examples=60, deadline=None)
@given(small_rows())
def test_placements_are_the_structural_components(rows: tuple[np.ndarray, ...]) -> None:
    y, p, _ = rows
    found = placements(checked(y, p))
    v10, v01 = structural(y, p)
    assert found.positive == pytest.approx(v10)
    assert found.negative == pytest.approx(v01)
    assert auc(found) == pytest.approx(v10.mean())
    if len(v10) > 1 and len(v01) > 1:
        assert variance(found) == pytest.approx(v10.var(ddof=1) / len(v10) + v01.var(ddof=1) / len(v01))
    else:
        assert np.isnan(variance(found))


def test_the_variance_of_a_difference_counts_the_covariance() -> None:
    first = binormal(30, 200, 0)
    second = noisier(first, 1)
    components = [structural(rows.target, rows.probability) for rows in (first, second)]
    covariances = [np.cov(components[0][side], components[1][side]) / n for side, n in ((0, 30), (1, 200))]
    expected = sum(c[0, 0] + c[1, 1] - 2 * c[0, 1] for c in covariances)
    assert variance_of_difference(placements(first), placements(second)) == pytest.approx(expected)
    found = difference("auc", first.target, first.probability, second.probability)
    assert found.interval.method == "delong"
    assert found.interval.high - found.value == pytest.approx(1.959964 * np.sqrt(expected))
    assert found.value == pytest.approx(found.first - found.second)


def test_equal_weights_change_nothing_and_zero_weights_leave_rows_out() -> None:
    rows = binormal(20, 80, 2)
    plain = evaluate(rows.target, rows.probability, metrics=["auc"]).estimates["roc_auc"].interval
    same = evaluate(rows.target, rows.probability, np.full(100, 2.5), metrics=["auc"]).estimates["roc_auc"]
    assert plain is not None and same.interval is not None
    assert (same.interval.low, same.interval.high) == pytest.approx((plain.low, plain.high))
    y, p = np.append(rows.target, [1, 0]), np.append(rows.probability, [0.0, 1.0])
    without = evaluate(y, p, np.append(np.ones(100), [0, 0]), metrics=["auc"]).estimates["roc_auc"].interval
    assert without is not None
    assert (without.low, without.high) == pytest.approx((plain.low, plain.high))


@pytest.mark.parametrize(("y", "sign"), [([0] * 20 + [1] * 10, 1), ([1] * 10 + [0] * 20, -1)])
def test_a_perfect_ranking_has_an_interval_too(y: list[int], sign: int) -> None:
    estimate = evaluate(y, np.linspace(0.1, 0.9, 30), metrics=["auc"]).estimates["roc_auc"]
    assert estimate.value == (1.0 if sign > 0 else 0.0)
    assert estimate.interval is not None
    far = estimate.interval.low if sign > 0 else 1.0 - estimate.interval.high
    near = estimate.interval.high if sign > 0 else 1.0 - estimate.interval.low
    assert near == 1.0
    assert 0.75 < far < 0.95


def test_newcombe_is_symmetric_and_narrows() -> None:
    low, high = newcombe(0.8, 20, 100, 0.95)
    assert 0.6 < low < 0.8 < high < 0.9
    assert newcombe(0.2, 20, 100, 0.95) == pytest.approx((1 - high, 1 - low))
    assert newcombe(0.8, 200, 1000, 0.95)[0] > low


def test_one_row_of_a_class_still_has_an_interval() -> None:
    estimate = evaluate([1, 0, 0, 0], [0.5, 0.1, 0.6, 0.2], metrics=["auc"]).estimates["roc_auc"]
    assert estimate.interval is not None
    assert 0.0 <= estimate.interval.low < estimate.value < estimate.interval.high <= 1.0


def test_near_one_the_interval_stays_inside() -> None:
    y = np.repeat([0, 1], 50)
    p = np.linspace(0.0, 1.0, 100)
    p[[49, 50]] = p[[50, 49]]
    interval = evaluate(y, p, metrics=["auc"]).estimates["roc_auc"].interval
    assert interval is not None
    assert 0.99 < interval.high < 1.0
