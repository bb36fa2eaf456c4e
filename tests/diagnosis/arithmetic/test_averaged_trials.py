"""Rows that differ in their seed alone are one trial."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.diagnosis.arithmetic.averaged_trials import over_seeds
from tests.diagnosis.tables import NOTEBOOK, table


def test_means_spreads_and_seeds() -> None:
    runs = table(
        {"lr": [1, 1, 1, 2, 2, 2], "seed": [1, 2, 3] * 2},
        ranked_by="validation_auc",
        asked=6,
        epochs=[10, 20, 30, 5, 5, 5],
        validation_auc=[0.6, 0.7, 0.8, 0.5, 0.5, 0.5],
    )
    found, seeds = over_seeds(runs, None)
    assert dict(found.parameters) == {"lr": [1, 2]} and seeds == 3 and found.asked is None
    assert found.metrics["validation_auc"] == pytest.approx([0.7, 0.5])
    assert found.spread["validation_auc"] == pytest.approx([0.1, 0.0])
    assert found.spread["validation_auc"][1] == 0.0
    assert found.epochs is not None and list(found.epochs) == [20, 5]


def test_one_seed_each_or_no_seeds_leave_the_table_as_it_is() -> None:
    assert over_seeds(NOTEBOOK, 7) == (NOTEBOOK, 7)
    single = table({"lr": [1, 2], "seed": [1, 2]}, validation_auc=[0.6, 0.7])
    assert over_seeds(single, None) == (single, None)


def test_a_seed_that_comes_twice_counts_once() -> None:
    again = table({"lr": [1, 1, 1], "seed": [1, 1, 2]}, validation_auc=[0.6, 0.9, 0.8])
    found, seeds = over_seeds(again, None)
    assert seeds == 2 and found.metrics["validation_auc"] == pytest.approx([0.7])


def test_networks_that_failed_are_not_in_the_mean() -> None:
    failed = table(
        {"lr": [1, 1, 2, 2], "seed": [1, 2, 1, 2]}, validation_auc=[0.6, math.nan, math.nan, math.nan]
    )
    found, _ = over_seeds(failed, None)
    assert found.metrics["validation_auc"][0] == 0.6 and np.isnan(found.metrics["validation_auc"][1])
    assert np.isnan(found.spread["validation_auc"]).all()


@given(st.lists(st.integers(1, 6), min_size=1, max_size=8))
def test_different_numbers_of_seeds_are_their_harmonic_mean(counts: list[int]) -> None:
    rows = [(at, seed) for at, count in enumerate(counts) for seed in range(count)]
    runs = table(
        {"u": [at for at, _ in rows], "seed": [seed for _, seed in rows]},
        validation_auc=[0.7 + 0.01 * seed for _, seed in rows],
    )
    found, seeds = over_seeds(runs, None)
    several = [count for count in counts if count > 1]
    if not several:
        assert found is runs
    else:
        assert len(found.metrics["validation_auc"]) == len(counts)
        assert seeds is not None and min(several) <= seeds <= max(several)
