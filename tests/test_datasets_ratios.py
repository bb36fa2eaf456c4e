"""The table of the question: its shape, and that the network fares on it as in the log."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import ours
from benchmarks.workloads import QUESTION
from steelyard.datasets import drifting_ratios
from steelyard.engine import fit_population
from steelyard.errors import DataError
from steelyard.run import Run

ROWS = 69_938
RATIOS = (0, 2, 3, 4, 5, 6)
Table = tuple[NDArray[np.float64], NDArray[np.uint8]]


@pytest.fixture(scope="module")
def table() -> Table:
    return drifting_ratios(4 * ROWS)


def test_the_same_seed_gives_the_same_rows_and_another_does_not() -> None:
    (x, y), (again, labels), (other, _) = (drifting_ratios(200_000, seed) for seed in (0, 0, 1))
    assert np.array_equal(x, again)
    assert np.array_equal(y, labels)
    assert not np.array_equal(x, other)


@pytest.mark.parametrize("rows", [5, 1_000, 140_001])
def test_it_has_the_rows_it_is_asked_for(rows: int) -> None:
    x, y = drifting_ratios(rows)
    assert (x.shape, x.dtype, y.shape, y.dtype) == ((rows, 9), np.float64, (rows,), np.uint8)
    assert x.flags.c_contiguous
    assert np.isfinite(x).all()
    assert set(np.unique(y)) <= {0, 1}


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(DataError, match="rows: must be at least 5; found 4"):
        drifting_ratios(4)


def test_the_base_rate_is_another_at_the_end_of_the_file(table: Table) -> None:
    _, y = table
    early, late = np.split(y, [len(y) - len(y) // 5])
    assert early.mean() == pytest.approx(0.0277, abs=0.001)
    assert late.mean() == pytest.approx(0.0371, abs=0.002)


def test_the_features_look_like_the_thirty_rows_of_the_question(table: Table) -> None:
    x, _ = table
    first = x[:, 0]
    assert np.median(first) == pytest.approx(3.3e-4, rel=0.1)
    assert np.quantile(first, 0.999) > 50 * np.median(first)
    assert np.array_equal(x[:, 1], first > 1e-3)
    assert 0.1 < x[:, 1].mean() < 0.3
    assert set(np.unique(x[:, [1, 7, 8]])) == {0.0, 1.0}
    assert x[:, 7].mean() == pytest.approx(0.65, abs=0.03)
    assert 0.001 < x[:, 8].mean() < 0.003
    assert x.max() <= 1.0
    usual = np.log(x[first > 0][:, RATIOS])
    assert np.corrcoef(usual.T).min() > 0.9
    assert np.corrcoef(usual.T)[0, 1] > np.corrcoef(usual.T)[0, 5]


def test_some_rows_are_zero_with_leftovers_of_a_subtraction(table: Table) -> None:
    x, _ = table
    empty = x[x[:, 0] == 0.0]
    assert 0.02 < len(empty) / len(x) < 0.04
    assert np.all(empty[:, [1, 2, 3, 7, 8]] == 0.0)
    assert np.all((empty[:, 4:7] > 0.0) & (empty[:, 4:7] < 1e-17))


@pytest.fixture(scope="module")
def run() -> Run:
    """The question's network on 1 % of its rows, without class weights, ten epochs."""
    x, y = drifting_ratios(ROWS)
    late = ROWS // 5
    workload = replace(QUESTION, train_rows=ROWS - late, validation_rows=late)
    job = ours.job(workload, epochs=10, metric_rows=ROWS, validate=True)
    (run,) = fit_population(ours.features(x.astype(np.float32)), y, [job], threads=1)
    return run


def test_no_positive_of_the_validation_rows_is_ever_found(run: Run) -> None:
    assert not run.history["validation_recall"].any()
    assert run.history["train_recall"][-1] > 0.005, "some are found in training, as in the log"
    assert run.history["validation_accuracy"] == pytest.approx(0.962, abs=0.003)
    assert run.history["train_accuracy"] == pytest.approx(0.9723, abs=0.002)


def test_the_losses_are_those_of_the_log(run: Run) -> None:
    """The log: 0.1025 and between 0.148 and 0.169. A constant: 0.127 and 0.158."""
    assert run.history["train_loss"][-1] == pytest.approx(0.1025, abs=0.004)
    assert run.history["validation_loss"][1:] == pytest.approx(0.16, abs=0.02)
