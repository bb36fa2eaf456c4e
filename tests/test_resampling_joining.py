"""Several resamplings of one table as one: what was invented comes after it, and once."""

from __future__ import annotations

import numpy as np
import pytest

from steelyard import Table, table_from
from steelyard.datasets import web_shop_visits
from steelyard.preprocessing import fit_encoding
from steelyard.recipe.imbalance import SMOTE, NoResampling, RandomUnderSampling, Resampling
from steelyard.recipe.preprocessing import Preprocessing
from steelyard.resampling import Resampled, join, resample

TRAIN = np.arange(0, 900, dtype=np.int64)


@pytest.fixture(scope="module")
def table() -> Table:
    return table_from(web_shop_visits(rows=1_000, seed=3).drop("visit"), "bought", positive="yes")


def resampled(table: Table, spec: Resampling, seed: int = 0, weighted: bool = False) -> Resampled:
    encoding = fit_encoding(table.features, table.schema, TRAIN, Preprocessing())
    weights = np.full(len(table), 2.0, np.float32) if weighted else None
    return resample(table.features, table.target, TRAIN, encoding, table.schema, spec, seed, weights=weights)


def test_nothing_is_copied_where_nothing_was_invented(table: Table) -> None:
    parts = [resampled(table, spec) for spec in (NoResampling(), RandomUnderSampling())]
    joined = join(table.features, table.target, None, parts)
    assert joined.features is table.features
    assert joined.target is table.target
    assert joined.weights is None
    for rows, part in zip(joined.rows, parts, strict=True):
        assert rows is part.rows


def test_invented_rows_come_last_and_once(table: Table) -> None:
    smote, other = resampled(table, SMOTE(), weighted=True), resampled(table, SMOTE(ratio=0.5), 1, True)
    parts = [smote, resampled(table, NoResampling()), other, smote]
    joined = join(table.features, table.target, np.full(len(table), 2.0, np.float32), parts)
    assert smote.synthetic is not None
    assert other.synthetic is not None
    first, second = len(smote.synthetic), len(other.synthetic)
    assert len(joined.features) == len(joined.target) == len(table) + first + second
    np.testing.assert_array_equal(joined.features.numeric[: len(table)], table.features.numeric)
    assert joined.rows[0] is joined.rows[3]
    for part, rows in zip(parts, joined.rows, strict=True):
        np.testing.assert_array_equal(joined.target[rows], part.labels(table.target))
    np.testing.assert_array_equal(joined.features.numeric[joined.rows[2][-second:]], other.synthetic.numeric)
    np.testing.assert_array_equal(joined.features.codes[joined.rows[0][-first:]], smote.synthetic.codes)
    assert joined.weights is not None
    assert (joined.weights == 2.0).all()
