"""Row weights out of a column of the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from steelyard.errors import DataError
from steelyard.tables import read_table, table_from

FRAME = pl.DataFrame(
    {
        "size": [0.5, 1.5, 2.5, 3.5] * 10,
        "colour": ["red", "blue"] * 20,
        "count": [1.0, 2.0, 0.0, 3.5] * 10,
        "y": [0, 1, 0, 1] * 10,
    }
)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_column_weighs_the_rows_and_is_no_input(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"table.{form}"
    FRAME.write_csv(path) if form == "csv" else FRAME.write_parquet(path)
    found = read_table(path, target="y", weight="count")
    assert found.weights is not None
    np.testing.assert_array_equal(found.weights, FRAME["count"].to_numpy().astype(np.float32))
    assert "count" not in [column.name for column in (*found.schema.numeric, *found.schema.categories)]
    (left_out,) = [column for column in found.schema.columns if column.name == "count"]
    assert left_out.reason == "it weighs the rows"
    expected = table_from(FRAME.drop("count"), "y", weights=FRAME["count"])
    np.testing.assert_array_equal(found.features.numeric, expected.features.numeric)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pl.Series("count", [1.0, -2.0] * 20), "20 weights are negative, infinite or missing"),
        (pl.Series("count", ["much", "little"] * 20), "holds no numbers, for instance 'much'"),
        (pl.Series("count", [1.0, None] * 20), "count"),
    ],
    ids=["negative", "text", "gaps"],
)
def test_weights_that_cannot_be_used(tmp_path: Path, column: pl.Series, message: str) -> None:
    path = tmp_path / "table.csv"
    FRAME.with_columns(column).write_csv(path)
    with pytest.raises(DataError, match=message):
        read_table(path, target="y", weight="count")


def test_a_name_that_is_none_and_the_target(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    FRAME.write_csv(path)
    with pytest.raises(
        DataError, match=r"no column 'counts' \(did you mean 'count'\?\), which was given as weight"
    ):
        read_table(path, target="y", weight="counts")
    with pytest.raises(DataError, match="'y' is the target and was given as weight too"):
        read_table(path, target="y", weight="y")
