"""pandas and polars frames and numpy arrays give the same table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from steelyard.data import ColumnKind
from steelyard.errors import DataError
from steelyard.tables import features_from, table_from

N = 40
DATA = {
    "x": [None if i % 5 == 0 else i % 9 + 0.5 for i in range(N)],
    "n": [i % 7 for i in range(N)],
    "c": [None if i % 6 == 0 else "uvw"[i % 3] for i in range(N)],
    "b": [i % 3 == 0 for i in range(N)],
    "d": [np.datetime64("2026-01-01") + i for i in range(N)],
    "y": ["ill" if i % 4 == 0 else "well" for i in range(N)],
}
POLARS = pl.DataFrame({**DATA, "d": pl.Series(np.array(DATA["d"]))})


def pandas_frames() -> dict[str, pd.DataFrame]:
    plain = pd.DataFrame({**DATA, "d": pd.to_datetime(np.array(DATA["d"]))})
    return {
        "plain": plain,
        "own types": plain.convert_dtypes(),
        "categorical": plain.astype({"c": "category", "y": "category"}),
        "objects": plain.astype({"c": object, "b": object, "n": object}),
        "time zone": plain.assign(d=plain["d"].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo")),
        "shuffled index": plain.set_index(np.arange(N)[::-1] * 3),
        "single precision": plain.astype({"x": "float32", "n": "int8"}),
    }


@pytest.mark.parametrize("form", list(pandas_frames()))
def test_pandas_and_polars_agree(form: str) -> None:
    expected = table_from(POLARS, "y")
    table = table_from(pandas_frames()[form], "y")
    assert table.schema == expected.schema
    assert table.fingerprint == expected.fingerprint
    assert [column.kind.value for column in table.schema.columns] == [
        "numeric",
        "numeric",
        "category",
        "boolean",
        "date",
    ]
    assert (table.schema.target.positive, table.schema.target.positive_by_default) == ("ill", True)
    new = features_from(pandas_frames()[form].drop(columns="y")[["d", "c", "b", "n", "x"]], table.schema)
    np.testing.assert_array_equal(new.numeric, table.features.numeric)
    np.testing.assert_array_equal(new.codes, table.features.codes)


def test_text_in_a_frame_stays_text() -> None:
    frame = pl.DataFrame({"zip": [f"0{i % 4}" for i in range(N)]})
    (column,) = table_from(frame, np.arange(N) % 2).schema.columns
    assert (column.kind, column.levels) == (ColumnKind.CATEGORY, ("00", "01", "02", "03"))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int64, np.uint8, np.bool_])
def test_an_array_of_numbers_is_numeric_whatever_it_looks_like(dtype: type[np.generic]) -> None:
    array = np.stack([np.arange(N), np.ones(N), np.arange(N) % 2], axis=1).astype(dtype)
    table = table_from(array, np.arange(N) % 2, weights=np.arange(N))
    assert all(column.kind is ColumnKind.NUMERIC for column in table.schema.columns)
    np.testing.assert_array_equal(table.features.numeric, array.astype(np.float32))
    np.testing.assert_array_equal(features_from(array, table.schema).numeric, table.features.numeric)
    assert table.weights is not None and table.weights.dtype == np.float32
    with pytest.raises(DataError, match="2 columns, but the model was trained with 3"):
        features_from(array[:, :2], table.schema)


def test_an_array_of_objects_is_taken_like_a_frame() -> None:
    array = np.array([[DATA["x"][i], DATA["c"][i]] for i in range(N)], dtype=object)
    table = table_from(array, DATA["y"])
    expected = table_from(POLARS.select("x", "c"), DATA["y"])
    np.testing.assert_array_equal(table.features.numeric, expected.features.numeric)
    np.testing.assert_array_equal(table.features.codes, expected.features.codes)


def test_missing_values_of_arrays() -> None:
    array = np.array([[np.nan, 1.0], [2.0, np.nan]])
    table = table_from(array, [0, 1])
    np.testing.assert_array_equal(table.features.numeric, array)
    with pytest.raises(DataError, match="'column_2' holds infinite values"):
        table_from(np.array([[1.0, np.inf], [2.0, 1.0]]), [0, 1])


@pytest.mark.parametrize(
    ("labels", "positive", "expected"),
    [
        ([0, 0, 0, 1], None, ("1", "0")),
        ([0, 1, 1, 1], None, ("0", "1")),
        ([0, 1, 0, 1], None, ("1", "0")),
        ([True, False, False, False], None, ("true", "false")),
        ([1.0, 2.0, 2.0, 2.0], 2, ("2", "1")),
        ([-1, 1, 1, 1], 1.0, ("1", "-1")),
        (["'1'", "'-1'", "'-1'", "'1'"], "1", ("'1'", "'-1'")),
        (["b", "a", "a", "b"], None, ("b", "a")),
        (["yes", "no", "no", "no"], "NO", ("no", "yes")),
        ([True, False, False, False], False, ("false", "true")),
    ],
)
def test_labels(labels: list[object], positive: object, expected: tuple[str, str]) -> None:
    table = table_from(np.arange(8.0).reshape(4, 2), labels, positive=positive)
    target = table.schema.target
    assert (target.positive, target.negative) == expected
    assert target.positive_by_default is (positive is None)
    spelled = [str(int(v)) if isinstance(v, float) else str(v).lower() for v in labels]
    np.testing.assert_array_equal(table.target, [text == expected[0] for text in spelled])
