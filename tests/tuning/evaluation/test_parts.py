"""Which rows a search sees."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from steelyard.data import Table
from steelyard.errors import DataError
from steelyard.tuning.evaluation import Parts, parts_of
from tests.tuning.evaluation.problems import a_plan, small_recipe, small_table

WAYS = ["random", "group", "time", "file_order"]


@pytest.fixture(scope="module")
def table() -> Table:
    return small_table()


def divided(table: Table, **arguments: Any) -> Parts:
    return parts_of(table, a_plan(table, small_recipe(), **arguments))


@pytest.mark.parametrize("by", WAYS)
@pytest.mark.parametrize("folds", [1, 4])
@pytest.mark.parametrize("test_share", [0.0, 0.25])
def test_parts(table: Table, by: str, folds: int, test_share: float) -> None:
    parts = divided(table, by=by, folds=folds, test_share=test_share)
    assert len(parts.splits) == folds
    assert len(parts.test) == pytest.approx(test_share * len(table), abs=30)
    everything = np.sort(np.concatenate([parts.search, parts.test]))
    np.testing.assert_array_equal(everything, np.arange(len(table)))
    for split in parts.splits:
        assert len(split.test) == 0
        for rows in (split.train, split.validation):
            assert (rows.dtype, len(np.unique(table.target[rows]))) == (np.int64, 2)
            assert (np.diff(rows) > 0).all() and np.isin(rows, parts.search).all()
        assert not np.isin(split.train, split.validation).any()
    judged = np.concatenate([split.validation for split in parts.splits])
    assert len(np.unique(judged)) == len(judged)
    if by in ("random", "group") and folds > 1:
        np.testing.assert_array_equal(np.sort(judged), parts.search)


@pytest.mark.parametrize("by", ["time", "file_order"])
def test_what_judges_comes_after_what_is_learned(table: Table, by: str) -> None:
    parts = divided(table, by=by, folds=3, test_share=0.2)
    assert all(split.train.max() < split.validation.min() for split in parts.splits)
    assert all(a.validation.max() < b.validation.min() for a, b in pairwise(parts.splits))
    assert parts.search.max() < parts.test.min()


def test_groups_stay_together(table: Table) -> None:
    parts = divided(table, by="group", folds=3)
    assert table.groups is not None
    for split in parts.splits:
        sides = [set(table.groups[rows].tolist()) for rows in (split.train, split.validation, parts.test)]
        assert sum(map(len, sides)) == len(set.union(*sides))


def test_the_seed_decides(table: Table) -> None:
    first, again, other = (divided(table, folds=3, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.test, again.test)
    np.testing.assert_array_equal(first.splits[1].train, again.splits[1].train)
    assert not np.array_equal(first.splits[1].train, other.splits[1].train)


def test_a_fold_with_one_class_is_refused_by_its_number(table: Table) -> None:
    rare = np.zeros(len(table), np.uint8)
    rare[:300:3] = 1
    sorted_by_time = dataclasses.replace(table, target=rare)
    with pytest.raises(DataError, match="validation rows of fold 2 of 3 would have no positive row"):
        divided(sorted_by_time, by="time", folds=3, test_share=0.0)


def test_too_few_rows_of_a_class(table: Table) -> None:
    few = dataclasses.replace(table, target=(np.arange(len(table)) < 3).astype(np.uint8))
    with pytest.raises(DataError, match="too few for 5 folds"):
        divided(few, folds=5, test_share=0.0)
