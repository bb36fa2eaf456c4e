"""The benchmarks' own arithmetic, and that both sides train the same networks. Nothing is timed here."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import halving, ours
from benchmarks.samples import Sample, table
from benchmarks.seeds import Comparison
from benchmarks.workloads import NOTEBOOK, QUESTION, WORKLOADS, Workload
from steelyard.recipe.network import Dense, Dropout


def test_a_ratio_is_taken_within_each_round() -> None:
    slow, fast = Sample((10.0, 40.0, 20.0)), Sample((5.0, 10.0, 10.0))
    assert slow.over(fast).values == (2.0, 4.0, 2.0)
    assert slow.over(fast).median == 2.0


def test_a_sample_is_told_with_its_extremes() -> None:
    assert Sample((1200.0, 1000.0, 1100.0)).text() == "1,100 (1,000–1,200)"


def test_a_table_is_markdown() -> None:
    assert table(("", "µs"), [("ours", "1")]) == "|  | µs |\n| --- | --: |\n| ours | 1 |"


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=lambda workload: workload.name)
def test_our_network_is_the_workloads(workload: Workload) -> None:
    recipe = ours.recipe(workload, epochs=1, metric_rows=100)
    dense = [layer for layer in recipe.network.stack() if isinstance(layer, Dense)]
    assert tuple(layer.units for layer in dense) == (*workload.hidden, 1)
    assert {layer.l2 for layer in dense[:-1]} == {workload.l2}
    assert dense[-1].l2 == 0.0
    assert all(layer.activation == workload.activation for layer in dense[:-1])
    rates = [layer.rate for layer in recipe.network.stack() if isinstance(layer, Dropout)]
    assert rates == [rate for rate in workload.dropout if rate]
    assert recipe.training.epochs == 1


def test_the_notebooks_rows_are_one_hot() -> None:
    x, y = NOTEBOOK.rows(5_000)
    assert x.dtype == np.float32
    assert x.shape == (5_000, NOTEBOOK.columns)
    assert set(np.unique(x)) == {0.0, 1.0}
    assert set(x.sum(axis=1)) == {14.0}
    assert 0.05 < y.mean() < 0.25


def test_the_questions_rows_do_not_depend_on_how_many_are_made() -> None:
    few, _ = QUESTION.rows(1_000)
    x, y = QUESTION.rows(250_000)
    assert x.shape == (250_000, QUESTION.columns)
    assert few.dtype == x.dtype == np.float32
    assert 0.02 < y.mean() < 0.08


def test_the_two_programs_are_compared_round_by_round() -> None:
    compared = Comparison(Sample((2.0, 4.0)), Sample((300.0, 500.0)), "talos")
    assert compared.report("scan", 100).splitlines() == [
        "| scan | seconds | × ours | at least |",
        "| --- | --: | --: | --: |",
        "| **Steelyard** | 3.00 (2.00–4.00) | 1 |  |",
        "| talos | 400.0 (300.0–500.0) | **138** | 100 |",
    ]


def test_one_round_has_no_range() -> None:
    assert "| 2.00 |" in Comparison(Sample((2.0,)), Sample((300.0,)), "talos").report("scan", 100)


def test_halving_is_reported_beside_the_grid() -> None:
    best = halving.Comparison(0, 0.46, 0.46, 1, 0.0, (1000, 200), (50.0, 10.0))
    worse = halving.Comparison(1, 0.46, 0.44, 7, 0.005, (1000, 300), (50.0, 10.0))
    text = halving.report([best, worse])
    assert "**25.0%**" in text and "in 1 of 2 searches, and in 1 one" in text
    assert "| 7 | 0.0200 ± 0.0050 |" in text
    assert len(halving.points()) == 36
