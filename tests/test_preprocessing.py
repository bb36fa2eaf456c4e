"""The fitted encoding against scikit-learn, and what it promises about rows it did not see."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.preprocessing import OneHotEncoder, RobustScaler, StandardScaler

from steelyard.data import (
    FIRST_LEVEL,
    MISSING,
    UNSEEN,
    Column,
    ColumnKind,
    Encoding,
    Features,
    Schema,
    Target,
)
from steelyard.preprocessing import encode, fit_encoding
from steelyard.recipe.preprocessing import Preprocessing

PLAIN = Preprocessing(smooth_clip="off")


def schema(numeric: int, *levels: int) -> Schema:
    numbers = [Column(f"x{j}", ColumnKind.NUMERIC) for j in range(numeric)]
    texts = [
        Column(f"c{j}", ColumnKind.CATEGORY, levels=tuple(f"l{i}" for i in range(n)))
        for j, n in enumerate(levels)
    ]
    return Schema((*numbers, *texts), Target("y", "1", "0", True))


def features(numeric: NDArray[np.floating], codes: NDArray[np.integer] | None = None) -> Features:
    codes = np.zeros((len(numeric), 0)) if codes is None else codes
    return Features(np.ascontiguousarray(numeric, np.float32), np.ascontiguousarray(codes, np.int32))


def fit_numbers(x: NDArray[np.floating], spec: Preprocessing) -> tuple[Features, Encoding]:
    data = features(x)
    return data, fit_encoding(data, schema(x.shape[1]), np.arange(len(x)), spec)


def fit_codes(codes: list[int], levels: int, spec: Preprocessing) -> tuple[Features, Encoding]:
    data = features(np.zeros((len(codes), 0)), np.array(codes)[:, None])
    return data, fit_encoding(data, schema(0, levels), np.arange(len(codes)), spec)


@pytest.mark.parametrize(("scaling", "scaler"), [("robust", RobustScaler()), ("standard", StandardScaler())])
def test_numbers_like_scikit_learn(scaling: Literal["robust", "standard"], scaler: RobustScaler) -> None:
    rng = np.random.default_rng(0)
    x = rng.lognormal(0, 1, (500, 4)).astype(np.float32) * [1, 100, 1e-3, 1e4] + [0, 5000, 0, -3]
    x[rng.random(x.shape) < [0, 0.1, 0.3, 0]] = np.nan
    x = x.astype(np.float32)
    train = np.sort(rng.choice(500, 300, replace=False))
    data = features(x)
    encoding = fit_encoding(data, schema(4), train, Preprocessing(scaling=scaling, smooth_clip="off"))
    imputer = SimpleImputer(strategy="median").fit(x[train].astype(np.float64))
    filled = imputer.transform(x.astype(np.float64))
    scaled = scaler.fit(x[train].astype(np.float64)).transform(filled)
    indicator = MissingIndicator(features="missing-only", error_on_new=False).fit(x[train]).transform(x)
    np.testing.assert_allclose(
        encode(data, encoding).toarray(), np.hstack((scaled, indicator)), rtol=2e-5, atol=2e-5
    )
    np.testing.assert_array_equal(encoding.indicators, [1, 2])
    assert encoding.inputs == 6


def test_smooth_clip() -> None:
    x = np.array([[-1e6], [-2.0], [-1.0], [0.0], [1.0], [2.0], [1e6]])
    data, encoding = fit_numbers(x, Preprocessing(smooth_clip=3.0))
    z = x / 3.0  # the quartiles are ±1.5
    expected = z / np.sqrt(1 + (z / 3.0) ** 2)
    np.testing.assert_allclose(encode(data, encoding).toarray(), expected, rtol=1e-5)
    assert np.abs(encode(data, encoding).toarray()).max() <= 3.0


def test_zero_quartile_range_uses_half_the_range() -> None:
    x = np.zeros((100, 1))
    x[:10] = 1
    data, encoding = fit_numbers(x, PLAIN)
    np.testing.assert_array_equal(np.unique(encode(data, encoding).toarray()), [0, 2])


@pytest.mark.parametrize("scaling", ["robust", "standard", "none"])
def test_constant_and_empty_columns_become_zero(scaling: Literal["robust", "standard", "none"]) -> None:
    x = np.array([[7.0, np.nan], [7.0, np.nan], [np.nan, np.nan], [9.0, 4.0]])
    data = features(x)
    encoding = fit_encoding(data, schema(2), np.arange(3), Preprocessing(scaling=scaling))
    np.testing.assert_array_equal(encoding.scale, 0)
    np.testing.assert_array_equal(encoding.fill, 0)
    np.testing.assert_array_equal(
        encode(data, encoding).toarray(), [[0, 0, 0], [0, 0, 0], [0, 0, 1], [0, 0, 0]]
    )


def test_no_scaling() -> None:
    x = np.array([[1.0], [np.nan], [5.0], [6.0]])
    data, encoding = fit_numbers(x, Preprocessing(scaling="none", smooth_clip="off", missing_indicator=False))
    np.testing.assert_array_equal(encode(data, encoding).toarray(), [[1], [5], [5], [6]])


def test_only_training_rows_count() -> None:
    rng = np.random.default_rng(1)
    x, codes = rng.normal(size=(60, 3)), rng.integers(0, 8, (60, 2))
    train = np.arange(0, 60, 2)
    other_x, other_codes = x.copy(), codes.copy()
    other_x[1::2], other_codes[1::2] = 1e6, UNSEEN
    spec = Preprocessing(min_level_rows=3)
    first = fit_encoding(features(x, codes), schema(3, 6, 6), train, spec)
    second = fit_encoding(features(other_x, other_codes), schema(3, 6, 6), train, spec)
    for name in ("shift", "scale", "fill", "inverse_clip", "indicators"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    for one, two in zip(first.categories, second.categories, strict=True):
        np.testing.assert_array_equal(one.slots, two.slots)


def test_rare_levels_share_a_slot_with_unseen_ones() -> None:
    codes = [2] * 5 + [3] * 5 + [4] * 2 + [5] * 1 + [MISSING] * 2
    _, encoding = fit_codes(codes, 5, Preprocessing(min_level_rows=5))
    (category,) = encoding.categories
    assert category.names == ("l0", "l1", "(rare)")
    # codes:      unseen, missing, l0, l1, l2, l3, l4 (in no training row)
    np.testing.assert_array_equal(category.slots, [2, 2, 0, 1, 2, 2, 2])
    assert (category.size, category.embedding_dim) == (3, 0)


def test_without_rare_levels_unseen_ones_contribute_nothing() -> None:
    _, encoding = fit_codes([2, 3, MISSING] * 5, 3, Preprocessing(min_level_rows=5))
    (category,) = encoding.categories
    assert category.names == ("(missing)", "l0", "l1")
    np.testing.assert_array_equal(category.slots, [-1, 0, 1, 2, -1])
    new = features(np.zeros((2, 0)), np.array([[UNSEEN], [FIRST_LEVEL]]))
    np.testing.assert_array_equal(encode(new, encoding).toarray(), [[0, 0, 0], [0, 1, 0]])


def test_many_levels_are_embedded() -> None:
    spec = Preprocessing(min_level_rows=1, one_hot_levels=4, embedding_dim=3)
    small, large = np.tile(np.arange(4), 5), np.tile(np.arange(5), 4)
    data = features(np.zeros((20, 1)), np.stack([small, large], axis=1) + FIRST_LEVEL)
    encoding = fit_encoding(data, schema(1, 4, 5), np.arange(20), spec)
    assert [c.embedding_dim for c in encoding.categories] == [0, 3]
    assert encoding.inputs == 1 + 3 + 4
    expected = np.hstack((np.zeros((20, 1)), np.eye(5)[large], np.eye(4)[small]))  # embedded columns first
    np.testing.assert_array_equal(encode(data, encoding).toarray(), expected)
    np.testing.assert_array_equal(encode(data, encoding, np.array([3, 1])).toarray(), expected[[3, 1]])


@settings(deadline=None, max_examples=80)
@given(
    codes=st.lists(st.integers(1, 9), min_size=1, max_size=60),
    new=st.lists(st.integers(0, 9), min_size=1, max_size=20),
    least=st.integers(1, 6),
)
def test_categories_like_scikit_learn(codes: list[int], new: list[int], least: int) -> None:
    _, encoding = fit_codes(codes, 8, Preprocessing(min_level_rows=least))
    seen = np.array(codes)[:, None]
    oracle = OneHotEncoder(
        handle_unknown="infrequent_if_exist", min_frequency=least, sparse_output=False
    ).fit(seen)
    for rows in (codes, new):
        data = features(np.zeros((len(rows), 0)), np.array(rows)[:, None])
        np.testing.assert_array_equal(
            encode(data, encoding).toarray(), oracle.transform(np.array(rows)[:, None])
        )


@settings(deadline=None, max_examples=150)
@given(
    x=hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 30), st.integers(1, 3)),
        elements=st.floats(width=32, allow_infinity=False) | st.sampled_from([0.0, 1.0, float("nan")]),
    ),
    scaling=st.sampled_from(["robust", "standard", "none"]),
)
def test_inputs_are_finite_and_bounded(
    x: NDArray[np.float32], scaling: Literal["robust", "standard", "none"]
) -> None:
    data, encoding = fit_numbers(x, Preprocessing(scaling=scaling, smooth_clip=3.0))
    for array in (encoding.shift, encoding.scale, encoding.fill):
        assert np.isfinite(array).all()
    encoded = encode(data, encoding).toarray()
    assert np.isfinite(encoded).all()
    assert np.abs(encoded).max() <= 3.0 + 1e-6
