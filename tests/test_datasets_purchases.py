"""The table of the notebook: its shape, and that the network can learn from it what it could there."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from benchmarks import ours
from benchmarks.workloads import NOTEBOOK
from steelyard.data import identity
from steelyard.datasets import one_hot_purchases
from steelyard.datasets.purchases import LEVELS
from steelyard.engine import fit_population, predict_logits
from steelyard.errors import DataError
from steelyard.metrics import score


@pytest.fixture(scope="module")
def purchases() -> pl.DataFrame:
    return one_hot_purchases()


def test_the_same_seed_gives_the_same_rows_and_another_does_not(purchases: pl.DataFrame) -> None:
    assert one_hot_purchases().equals(purchases)
    assert not one_hot_purchases(seed=1).equals(purchases)


def test_it_has_the_size_of_the_notebooks_table(purchases: pl.DataFrame) -> None:
    assert purchases.shape == (51_349, 126)
    assert purchases.columns[-1] == "Kauf"
    assert set(purchases.dtypes) == {pl.UInt8}
    assert purchases["Kauf"].sum() == 4_112


def test_the_share_of_purchases_does_not_depend_on_the_rows() -> None:
    assert one_hot_purchases(1_000)["Kauf"].sum() == 80
    assert one_hot_purchases(1)["Kauf"].to_list() == [0]


def test_no_rows_are_refused() -> None:
    with pytest.raises(DataError, match="rows: must be at least 1; found 0"):
        one_hot_purchases(0)


@pytest.mark.parametrize("variable", LEVELS)
def test_a_variable_has_one_level_in_each_row(purchases: pl.DataFrame, variable: str) -> None:
    columns = purchases.select(f"{variable}_{level}" for level in range(LEVELS[variable]))
    assert columns.sum_horizontal().unique().to_list() == [1]
    assert all(columns.sum().row(0)), "every level occurs"


def test_the_notebooks_network_ranks_as_well_as_it_did_there(purchases: pl.DataFrame) -> None:
    """ROC AUC between .73 and .78 on rows it has not seen; the notebook had .726."""
    matrix = purchases.to_numpy()
    x = np.ascontiguousarray(matrix[:, :-1], np.float32)
    y = np.ascontiguousarray(matrix[:, -1])
    job = ours.job(NOTEBOOK, epochs=10, metric_rows=100, validate=True)
    (run,) = fit_population(ours.features(x), y, [job], threads=1)
    test = job.split.validation
    logits = predict_logits(job.recipe.network, run.weights, identity(125), ours.features(x[test]), threads=1)
    assert 0.73 < score(y[test], 1 / (1 + np.exp(-logits.astype(np.float64)))).roc_auc < 0.78
