"""Order, copies and weights of rows, on random tables."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from steelyard import SteelyardWarning, Table, table_from
from steelyard.sklearn.rows import order_by_content, reorder, rows_that_count, split_off_validation

few_values = st.sampled_from([0.0, -0.0, 1.0, 0.1, -3.5, 1e30, float("nan")])
matrices = arrays(
    np.float64, array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=12), elements=few_values
)


def table(
    X: NDArray[np.float64], target: NDArray[np.uint8], weights: NDArray[np.float64] | None = None
) -> Table:
    """Numbers beside a category that repeats the first of them."""
    frame = pd.DataFrame({f"x{j}": X[:, j] for j in range(X.shape[1])})
    frame["text"] = [f"level {value}" for value in X[:, 0]]
    kinds = {name: "category" if name == "text" else "numeric" for name in frame}
    return table_from(frame, target, positive=1, kinds=kinds, weights=weights)


def ordered(found: Table) -> tuple[bytes | None, ...]:
    by_content = reorder(found, order_by_content(found))
    arrays_of_it = (
        by_content.features.numeric,
        by_content.features.codes,
        by_content.target,
        by_content.weights,
    )
    return tuple(None if array is None else array.tobytes() for array in arrays_of_it)


def labels_for(X: NDArray[np.float64], draw: st.DataObject) -> NDArray[np.uint8]:
    target = draw.draw(arrays(np.uint8, len(X), elements=st.integers(0, 1)))
    target[:2] = 0, 1
    return target


@given(matrices, st.data())
def test_the_order_they_come_in_is_forgotten(X: NDArray[np.float64], data: st.DataObject) -> None:
    target = labels_for(X, data)
    weights = data.draw(arrays(np.float64, len(X), elements=st.sampled_from([0.5, 1.0, 2.25])))
    shuffled = np.array(data.draw(st.permutations(range(len(X)))))
    straight = ordered(table(X, target, weights))
    assert ordered(table(X[shuffled], target[shuffled], weights[shuffled])) == straight


@given(matrices, st.data())
def test_nothing_is_lost(X: NDArray[np.float64], data: st.DataObject) -> None:
    order = order_by_content(table(X, labels_for(X, data)))
    assert sorted(order) == list(range(len(X)))


@given(arrays(np.float64, st.integers(1, 30), elements=st.integers(0, 10)))
def test_whole_numbers_are_copies(weights: NDArray[np.float64]) -> None:
    rows, loss_weights = rows_that_count(weights)
    assert loss_weights is None
    np.testing.assert_array_equal(np.bincount(rows, minlength=len(weights)), weights)


@given(arrays(np.float64, st.integers(2, 30), elements=st.floats(0, 1e6, allow_subnormal=False)))
def test_other_numbers_keep_their_ratios(weights: NDArray[np.float64]) -> None:
    weights[:2] = 0.25, 0.0
    rows, loss_weights = rows_that_count(weights)
    assert loss_weights is not None and np.isclose(loss_weights.mean(), 1.0)
    np.testing.assert_array_equal(rows, np.flatnonzero(weights))
    np.testing.assert_allclose(loss_weights / loss_weights[0], weights[rows] / 0.25)


@given(st.integers(2, 40), st.integers(2, 200), st.floats(0.01, 0.6), st.integers(0, 5))
def test_validation_has_rows_of_both_classes_or_none(
    rarer: int, others: int, fraction: float, seed: int
) -> None:
    target = np.repeat(np.array([1, 0], np.uint8), [rarer, rarer + others])
    found = table_from(np.arange(2.0 * len(target)).reshape(-1, 2), target, positive=1)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        split = split_off_validation(found, fraction, seed)
    np.testing.assert_array_equal(np.sort([*split.train, *split.validation]), np.arange(len(target)))
    judges = np.bincount(target[split.validation], minlength=2)
    if told:
        assert [warning.category for warning in told] == [SteelyardWarning]
        assert len(split.validation) == 0 and rarer * fraction < 2
    else:
        assert judges.min() >= 2
