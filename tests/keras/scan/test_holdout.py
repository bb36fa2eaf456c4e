"""The validation rows of a scan: talos' sizes, but stratified and by seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.errors import SteelyardError
from steelyard.keras.scan.holdout import hold_out, stratified


def test_the_sizes_are_those_of_the_notebook() -> None:
    labels = np.repeat(np.array([0, 1], np.uint8), [47_237, 4_112])
    train, validation = stratified(labels, 0.3, seed=0)
    assert (len(train), len(validation)) == (35_944, 15_405)
    assert labels[train].mean() == pytest.approx(labels.mean(), abs=1e-4)
    assert labels[validation].mean() == pytest.approx(labels.mean(), abs=1e-4)


@given(
    labels=st.lists(st.integers(0, 1), min_size=4, max_size=60),
    share=st.floats(0.3, 0.7),
    seed=st.integers(0, 2**32),
)
def test_every_row_is_in_one_part_and_both_keep_the_share(labels: list[int], share: float, seed: int) -> None:
    array = np.array(labels, np.uint8)
    train, validation = stratified(array, share, seed)
    assert len(train) == int(len(labels) * (1 - share))
    assert sorted([*train, *validation]) == list(range(len(labels)))
    assert abs(array[train].sum() - array.mean() * len(train)) <= 0.5
    again, _ = stratified(array, share, seed)
    assert np.array_equal(train, again)


def test_the_order_is_shuffled_and_follows_from_the_seed() -> None:
    labels = np.tile(np.array([0, 0, 0, 1], np.uint8), 100)
    first, second = (stratified(labels, 0.3, seed)[0] for seed in (0, 1))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, np.sort(first))
    assert 0.1 < labels[first[:100]].mean() < 0.4, "positives are not at one end"


def test_rows_keep_their_labels_and_their_type() -> None:
    x = pd.DataFrame({"a": np.arange(100), "b": 0.5})
    y = pd.Series(np.arange(100) % 3 == 0)
    rows = hold_out(x, y, None, None, 0.25, seed=3)
    assert isinstance(rows.x_train, pd.DataFrame)
    assert isinstance(rows.y_val, pd.Series)
    for part, labels in ((rows.x_train, rows.y_train), (rows.x_val, rows.y_val)):
        assert np.array_equal(part["a"] % 3 == 0, labels)
    arrays = hold_out(x.to_numpy(), [int(label) for label in y], None, None, 0.25, seed=3)
    assert np.array_equal(arrays.x_train, rows.x_train)


def test_validation_rows_that_are_given_are_used_as_they_are() -> None:
    x, y, x_val, y_val = np.zeros((5, 2)), np.zeros(5), np.ones((3, 2)), np.ones(3)
    rows = hold_out(x, y, x_val, y_val, 0.3, seed=0)
    assert rows.x_train is x
    assert rows.y_train is y
    assert rows.x_val is x_val
    assert rows.y_val is y_val


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_val": np.zeros((2, 2))}, "K244: Scan: x_val is given, but y_val is not"),
        ({"y_val": np.zeros(2)}, "K244: Scan: y_val is given, but x_val is not"),
        ({"y": np.zeros(4)}, "K244: Scan: 10 rows of x, but 4 labels"),
        ({"y": np.arange(10)}, "K251"),
        ({"share": 0.95}, "K244: Scan: val_split=0.95 of 10 rows leaves one part empty"),
        ({"share": 0.0}, "val_split is 0"),
        ({"share": 1.0}, "val_split is 1"),
    ],
)
def test_what_cannot_be_split_is_refused(changes: dict[str, Any], message: str) -> None:
    usual: dict[str, Any] = {"x": np.zeros((10, 2)), "y": np.arange(10) % 2, "x_val": None, "y_val": None}
    with pytest.raises(SteelyardError, match=message):
        hold_out(**{**usual, "share": 0.3, "seed": 0, **changes})


def test_several_inputs_are_refused() -> None:
    with pytest.raises(SteelyardError, match=r"K241: .*several inputs"):
        hold_out([np.zeros((3, 2)), np.zeros((3, 4))], np.zeros(3), None, None, 0.3, seed=0)
