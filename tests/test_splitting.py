"""Splits are disjoint, complete, balanced and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from steelyard.data import Features, Schema, Split, Table, Target
from steelyard.errors import DataError
from steelyard.splitting import split_rows


def table(
    target: NDArray[np.integer],
    *,
    groups: NDArray[np.int64] | None = None,
    time: NDArray[np.float64] | None = None,
) -> Table:
    n = len(target)
    features = Features(np.zeros((n, 1), np.float32), np.zeros((n, 0), np.int32))
    schema = Schema((), Target("y", "1", "0", True))
    return Table(features, target.astype(np.uint8), schema, "", "test.csv", groups=groups, time=time)


def parts(split: Split) -> tuple[NDArray[np.int64], ...]:
    return split.train, split.validation, split.test


def assert_partition(split: Split, rows: int) -> None:
    np.testing.assert_array_equal(np.sort(np.concatenate(parts(split))), np.arange(rows))
    for part in parts(split):
        assert part.dtype == np.int64
        assert (np.diff(part) > 0).all()


@settings(deadline=None, max_examples=60)
@given(positives=st.integers(5, 40), negatives=st.integers(20, 300), seed=st.integers(0, 2**31))
def test_random_is_stratified(positives: int, negatives: int, seed: int) -> None:
    y = np.random.default_rng(seed).permutation(np.arange(positives + negatives) < positives)
    split = split_rows(table(y), seed=seed)
    assert_partition(split, len(y))
    for part, share in zip(parts(split), (0.6, 0.2, 0.2), strict=True):
        assert abs(len(part) - share * len(y)) <= 1.5
        assert abs(y[part].sum() - share * positives) <= 2
    again = split_rows(table(y), seed=seed)
    for first, second in zip(parts(split), parts(again), strict=True):
        np.testing.assert_array_equal(first, second)
    assert split.method == f"stratified at random, 60/20/20, seed {seed}"


def test_seed_and_shares_matter() -> None:
    y = np.arange(200) % 4 == 0
    assert not np.array_equal(split_rows(table(y), seed=0).test, split_rows(table(y), seed=1).test)
    split = split_rows(table(y), shares=(0.8, 0.2, 0.0))
    assert [len(part) for part in parts(split)] == [160, 40, 0]
    with pytest.raises(ValueError, match="add up to 1"):
        split_rows(table(y), shares=(0.8, 0.3, 0.1))


def test_file_order() -> None:
    split = split_rows(table(np.arange(50) % 2), by="file_order")
    for part, expected in zip(parts(split), np.split(np.arange(50), (30, 40)), strict=True):
        np.testing.assert_array_equal(part, expected)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 30), min_size=60, max_size=200), st.randoms(use_true_random=False))
def test_time_is_never_cut_through(times: list[int], random: object) -> None:
    time = np.array(times, np.float64)
    y = np.arange(len(time)) % 2
    try:
        split = split_rows(table(y, time=time), by="time")
    except DataError as error:
        assert "would have no" in str(error)
        return
    assert_partition(split, len(y))
    assert time[split.train].max() < time[split.validation].min()
    assert time[split.validation].max() < time[split.test].min()


@settings(deadline=None, max_examples=30)
@given(groups=st.integers(30, 80), seed=st.integers(0, 1000))
def test_groups_never_straddle_and_positives_are_balanced(groups: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.repeat(np.arange(groups), rng.integers(1, 12, groups)))
    y = rng.random(len(group)) < 0.2
    y[:30] = True
    split = split_rows(table(y, groups=group), by="group", seed=seed)
    assert_partition(split, len(y))
    sets = [set(group[part]) for part in parts(split)]
    assert not (sets[0] & sets[1] or sets[0] & sets[2] or sets[1] & sets[2])
    for part, share in zip(parts(split), (0.6, 0.2, 0.2), strict=True):
        assert y[part].sum() / y.sum() == pytest.approx(share, abs=0.1)


def test_very_many_groups() -> None:
    group = np.random.default_rng(0).permutation(np.repeat(np.arange(10_000), 3))
    y = np.arange(30_000) % 50 == 0
    split = split_rows(table(y, groups=group), by="group")
    assert_partition(split, len(y))
    assert not set(group[split.train]) & set(group[split.test])
    assert [int(y[part].sum()) for part in parts(split)] == pytest.approx([360, 120, 120], abs=3)


def test_given_test_rows() -> None:
    y = np.arange(200) % 4 == 0
    given_rows = np.arange(150, 200)
    split = split_rows(table(y), test_rows=given_rows)
    assert_partition(split, 200)
    np.testing.assert_array_equal(split.test, given_rows)
    assert (len(split.train), len(split.validation)) == (112, 38)
    assert split.method == "test rows given, the others stratified at random, 75/25, seed 0"
    # Rows of a test file have no time; they do not need one.
    time = np.where(np.arange(200) < 150, np.arange(200.0), np.nan)
    split = split_rows(table(y, time=time), by="time", test_rows=given_rows)
    assert split.train.max() < split.validation.min() <= 149


def test_parts_without_both_classes_are_refused() -> None:
    with pytest.raises(
        DataError, match=r"test\.csv has 2 positive and 98 negative rows, too few for train and"
    ):
        split_rows(table(np.arange(100) < 2))
    late = np.arange(100) >= 90
    with pytest.raises(
        DataError, match=r"the train part would have no positive row \(0 positive, 60 negative\)"
    ) as e:
        split_rows(table(late), by="file_order")
    assert "validation part would have no positive row" in str(e.value)
    assert "10 positive and 90 negative rows" in str(e.value)
    with pytest.raises(DataError, match="in 2 groups, too few"):
        split_rows(table(np.arange(100) % 2, groups=np.arange(100) // 50), by="group")
    with pytest.raises(DataError, match="test part would have no negative"):
        split_rows(table(np.arange(100) % 5 == 0), test_rows=np.arange(0, 50, 5))


def test_missing_columns_are_named() -> None:
    with pytest.raises(DataError, match="--time COLUMN"):
        split_rows(table(np.arange(10) % 2), by="time")
    with pytest.raises(DataError, match="--group COLUMN"):
        split_rows(table(np.arange(10) % 2), by="group")
