"""Folds hold every row out once, keep groups together and never judge on the past."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from steelyard.data import Features, Schema, Table, Target
from steelyard.errors import DataError
from steelyard.folds import Fold, describe_folds, make_folds


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


def every_row(fold: Fold) -> NDArray[np.int64]:
    return np.sort(np.concatenate([fold.split.train, fold.split.validation, fold.split.test]))


@settings(deadline=None, max_examples=40)
@given(
    positives=st.integers(12, 40),
    negatives=st.integers(40, 200),
    folds=st.integers(2, 6),
    repeats=st.integers(1, 3),
    seed=st.integers(0, 2**32),
)
def test_at_random_every_row_is_held_out_once_per_repeat(
    positives: int, negatives: int, folds: int, repeats: int, seed: int
) -> None:
    y = np.random.default_rng(0).permutation(np.arange(positives + negatives) < positives)
    made = make_folds(table(y), folds=folds, repeats=repeats, seed=seed)
    assert [(fold.repeat, fold.number) for fold in made] == [
        (repeat, number) for repeat in range(1, repeats + 1) for number in range(1, folds + 1)
    ]
    for repeat in range(repeats):
        of_repeat = made[repeat * folds : (repeat + 1) * folds]
        held_out = np.concatenate([fold.split.test for fold in of_repeat])
        np.testing.assert_array_equal(np.sort(held_out), np.arange(len(y)))
    for fold in made:
        np.testing.assert_array_equal(every_row(fold), np.arange(len(y)))
        assert abs(y[fold.split.test].sum() - positives / folds) < 1
        assert abs(len(fold.split.validation) - 0.2 * (len(y) - len(fold.split.test))) <= 1.5
        assert fold.ratio == pytest.approx(1 / (folds - 1), rel=0.15)


def test_repeats_differ_and_the_same_seed_gives_the_same() -> None:
    y = np.arange(200) % 5 == 0
    first, again = (make_folds(table(y), repeats=2, seed=3) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.split.test, other.split.test)
        np.testing.assert_array_equal(one.split.validation, other.split.validation)
    assert not np.array_equal(first[0].split.test, first[5].split.test)
    next_seed = make_folds(table(y), repeats=1, seed=4)
    assert not np.array_equal(first[5].split.test, next_seed[0].split.test)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_group_is_in_one_part_of_a_fold_only(seed: int) -> None:
    random = np.random.default_rng(seed)
    groups = random.integers(0, 40, 600).astype(np.int64)
    y = random.random(600) < 0.2
    made = make_folds(table(y, groups=groups), folds=4, repeats=2, by="group", seed=seed)
    for fold in made:
        parts = [set(groups[part]) for part in (fold.split.train, fold.split.validation, fold.split.test)]
        assert sum(map(len, parts)) == len(set(groups))
        np.testing.assert_array_equal(every_row(fold), np.arange(600))
    held_out = np.concatenate([fold.split.test for fold in made[:4]])
    np.testing.assert_array_equal(np.sort(held_out), np.arange(600))


@pytest.mark.parametrize("by", ["time", "file_order"])
def test_in_order_only_the_past_is_learned_from(by: str) -> None:
    random = np.random.default_rng(0)
    time = np.arange(600) if by == "file_order" else random.permutation(600) // 3
    y = random.random(600) < 0.3
    made = make_folds(table(y, time=time.astype(np.float64)), folds=4, by=by)  # type: ignore[arg-type]  # a text of pytest's
    assert len(made) == 4
    for fold in made:
        split = fold.split
        assert time[split.train].max() < time[split.validation].min()
        assert time[split.validation].max() < time[split.test].min()
    assert len(made[0].split.train) < len(made[3].split.train)
    later = np.concatenate([fold.split.test for fold in made])
    assert len(np.unique(later)) == len(later) == 480


def test_repeating_blocks_in_order_is_refused() -> None:
    y = np.arange(100) % 4 == 0
    with pytest.raises(DataError, match="repeats: blocks by file order are the same"):
        make_folds(table(y), by="file_order", repeats=2)


def test_what_is_wrong_with_a_fold_is_told_with_its_number() -> None:
    y = np.arange(120) < 60
    with pytest.raises(
        DataError, match=r"^fold 1 of 3: test\.csv has 30 positive and 0 negative rows"
    ) as info:
        make_folds(table(y), folds=3, by="file_order")
    assert "fewer folds" in info.value.help


def test_too_few_positives_for_the_folds_are_counted() -> None:
    with pytest.raises(DataError, match="4 positive and 96 negative rows, too few for 5 folds"):
        make_folds(table(np.arange(100) < 4))


@pytest.mark.parametrize(("by", "option"), [("time", "--time"), ("group", "--group")])
def test_a_missing_column_names_the_option(by: str, option: str) -> None:
    with pytest.raises(DataError, match=f"without a {by} column") as info:
        make_folds(table(np.arange(100) % 4 == 0), by=by)  # type: ignore[arg-type]  # a text of pytest's
    assert option in info.value.help


def test_numbers_that_make_no_sense_are_refused() -> None:
    y = table(np.arange(100) % 4 == 0)
    with pytest.raises(ValueError, match="folds: at least 2"):
        make_folds(y, folds=1)
    with pytest.raises(ValueError, match="repeats: must be at least 1"):
        make_folds(y, repeats=0)
    with pytest.raises(ValueError, match="validation_share"):
        make_folds(y, validation_share=1.0)


def test_folds_are_described_for_people() -> None:
    assert describe_folds(10, 3, "group", 7) == (
        "10 folds × 3 repeats, whole groups, positives balanced, seed 7"
    )
    assert "seed" not in describe_folds(5, 1, "time", 7)
