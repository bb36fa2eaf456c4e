"""Resampling by counts is resampling of rows; where rows share cells, the spread stays what it was."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.metrics import cells as cells_module
from steelyard.metrics import measure, metric
from steelyard.metrics.bootstrap import replicates
from steelyard.metrics.cells import cells_of, draws
from steelyard.metrics.definition import BINS, values_of
from steelyard.metrics.rows import Rows, checked
from tests.metrics.samples import binormal, noisier, small_rows

NAMES = ["auc", "ap", "log_loss", "brier", "slope", "intercept", "precision", "recall", "f1", "mcc", "g_mean"]
NAMES += ["cost fp=1 fn=10", "recall_at_precision=0.3", "precision_at_top=10%", "lift_at_top=10%"]
"""All whose resamples are the metric itself (the calibration error is bounded, not resampled)."""


def resampled(
    names: Sequence[str], rows: Rows, threshold: float, resamples: int, seed: int = 0
) -> np.ndarray:
    metrics = [metric(name) for name in names]
    values = values_of(metrics, rows, threshold)
    return replicates(metrics, [rows], [threshold], values, resamples, seed)


@settings(max_examples=30, deadline=None)
@given(small_rows(weighted=True), st.integers(0, 2**32))
def test_a_small_set_is_resampled_exactly(table: tuple[np.ndarray, ...], seed: int) -> None:
    """The counts that were drawn, given to every metric as row weights, give the same numbers."""
    y, p, w = table
    rows = checked(y, p, w)
    # The slope of a resample with one probability is undefined: measure refuses it, a resample is NaN.
    names = [name for name in NAMES if name not in ("slope", "intercept")]
    found = resampled(names, rows, 0.3, 4, seed)
    cells = cells_of([rows], [0.3], BINS)
    size = np.concatenate(cells.size)
    ((negative, positive),) = draws(cells, 4, seed)
    assert (negative.sum(axis=1) == (y == 0).sum()).all()
    assert (positive.sum(axis=1) == (y == 1).sum()).all()
    for b, counts in enumerate(np.concatenate([negative, positive], axis=1)):
        repeated = w * (counts / size)[cells.of_row]
        for name, row in zip(names, found, strict=True):
            assert row[b] == pytest.approx(measure(name, y, p, repeated, threshold=0.3), abs=1e-9), name


def test_slopes_of_resamples_are_those_of_the_rows_they_hold() -> None:
    rows = noisier(binormal(15, 80, 4), 4)
    found = resampled(["slope", "intercept"], rows, 0.5, 30, 9)
    cells = cells_of([rows], [0.5], BINS)
    drawn = [np.concatenate(both, axis=1) for both in draws(cells, 30, 9)]
    for b, counts in enumerate(np.concatenate(drawn)):
        repeated = (counts / np.concatenate(cells.size))[cells.of_row]
        for name, row in zip(("slope", "intercept"), found, strict=True):
            assert row[b] == pytest.approx(measure(name, rows.target, rows.probability, repeated), abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(small_rows(weighted=True), st.integers(0, 2**32))
def test_the_noise_of_the_calibration_error_bounds_its_change(
    table: tuple[np.ndarray, ...], seed: int
) -> None:
    rows = checked(*table)
    value = measure("ece", *table)
    found = resampled(["ece"], rows, 0.5, 5, seed)[0]
    cells = cells_of([rows], [0.5], BINS)
    statistic = metric("ece").statistic
    assert statistic is not None
    for (counts,) in [[drawn] for drawn in draws(cells, 5, seed)]:
        of_resamples = statistic(cells.curves(0, counts))
        assert (np.abs(of_resamples - value) <= found - value + 1e-12).all()


def test_counts_are_multinomial() -> None:
    """By row numbers or by binomial numbers, whichever is faster: mean and covariance are as they must be."""
    for size in (np.array([1, 2, 3]), np.array([100, 200, 300])):
        total = size.sum()
        share = size / total
        drawn = cells_module._counts(np.random.default_rng(0), size, 40_000)
        assert (drawn.sum(axis=1) == total).all()
        assert drawn.mean(axis=0) == pytest.approx(size, rel=0.02)
        expected = total * (np.diag(share) - np.outer(share, share))
        assert np.cov(drawn.T) == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize(("positives", "negatives"), [(60, 5_000), (1_500, 5_000)])
@pytest.mark.parametrize("weighted", [False, True])
def test_sharing_cells_keeps_the_spread(
    positives: int, negatives: int, weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand resamples tell a spread to 2 or 3 percent, and the width of an interval is four spreads.

    Far fewer cells are allowed than usually; weights divide them further.
    """
    rows = binormal(positives, negatives, 5)
    if weighted:
        w = np.random.default_rng(0).choice([0.5, 1.0, 3.0], positives + negatives)
        rows = checked(rows.target, rows.probability, w)
    exact = resampled(NAMES, rows, 0.2, 1000, 0)
    monkeypatch.setattr(cells_module, "MOST", 3_000 if weighted else 1_000)
    merged = resampled(NAMES, rows, 0.2, 1000, 1)
    for name, one, other in zip(NAMES, exact, merged, strict=True):
        assert other.std() == pytest.approx(one.std(), rel=0.12), name
        assert other.mean() == pytest.approx(one.mean(), abs=0.2 * one.std()), name


def test_rankings_of_few_positives_stay_exact_however_many_the_negatives() -> None:
    rows = binormal(500, 30_000, 6)
    cells = cells_of([rows], [0.2], BINS)
    whole = tuple(size.astype(np.float64) for size in cells.size)
    assert len(cells.blocks[0].probability) < 10_000
    for name in ("auc", "ap", "f1", "recall_at_precision=0.3"):
        statistic = metric(name).statistic
        assert statistic is not None
        (value,) = values_of([metric(name)], rows, 0.2)
        assert float(statistic(cells.curves(0, whole))) == pytest.approx(value, rel=1e-9), name


def test_two_models_are_judged_on_the_same_resamples() -> None:
    first = binormal(30, 200, 7)
    second = noisier(first, 7)
    for name in NAMES:
        chosen = [metric(name)]
        a, b = values_of(chosen, first, 0.2)[0], values_of(chosen, second, 0.1)[0]
        found = replicates(chosen, [first, second], [0.2, 0.1], [a - b], 20, 3)[0]
        cells = cells_of([first, second], [0.2, 0.1], BINS)
        drawn = np.concatenate([np.concatenate(both, axis=1) for both in draws(cells, 20, 3)])
        for value, counts in zip(found, drawn, strict=True):
            w = (counts / np.concatenate(cells.size))[cells.of_row]
            expected = measure(name, first.target, first.probability, w, threshold=0.2) - measure(
                name, second.target, second.probability, w, threshold=0.1
            )
            assert value == pytest.approx(expected, abs=1e-5), name


def test_a_model_never_differs_from_itself() -> None:
    rows = binormal(30, 200, 8)
    for name in NAMES:
        assert (replicates([metric(name)], [rows, rows], [0.2, 0.2], [0.0], 50, 0) == 0.0).all(), name


@pytest.mark.parametrize("name", ["ap", "log_loss", "f1"])
def test_sharing_cells_keeps_the_spread_of_a_difference(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = binormal(400, 6_000, 9)
    second = noisier(first, 9)
    chosen = [metric(name)]
    gap = values_of(chosen, first, 0.2)[0] - values_of(chosen, second, 0.2)[0]

    def spread(seed: int) -> float:
        return float(replicates(chosen, [first, second], [0.2, 0.2], [gap], 1000, seed).std())

    exact = spread(0)
    monkeypatch.setattr(cells_module, "MOST", 1_000)
    monkeypatch.setattr(cells_module, "MOST_OF_TWO", 5_000)
    assert len(np.concatenate(cells_of([first, second], [0.2, 0.2], BINS).size)) < 6_000
    assert spread(1) == pytest.approx(exact, rel=0.12)
