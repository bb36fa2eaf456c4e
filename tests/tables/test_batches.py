"""Rows to predict, streamed in their order."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from steelyard.data import MISSING, UNSEEN, Schema
from steelyard.errors import SteelyardWarning
from steelyard.tables import read_batches, read_like, read_table

N = 3000
WORDS = ["red", "green", None, "blue"]
FRAME = pl.DataFrame(
    {
        "row": np.arange(N) + 0.5,
        "colour": [WORDS[i % 4] for i in range(N)],
        "member": [("no", "yes", None)[i % 3] for i in range(N)],
        "day": pl.date_range(pl.date(2000, 1, 1), pl.date(2008, 3, 18), eager=True)[:N],
        "y": np.arange(N) % 2,
    }
)


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    path = tmp_path_factory.mktemp("train") / "train.csv"
    FRAME.head(1500).write_csv(path)
    return read_table(path, target="y").schema


def write(path: Path, form: str) -> Path:
    frame = FRAME.drop("y")
    if form == "parquet":
        frame.write_parquet(path, row_group_size=700)
    elif form == "zstd":
        frame.lazy().sink_csv(path, compression="zstd", check_extension=False)
    else:
        content = frame.write_csv(separator=";").encode()
        content = content.replace(b"\n", b"\n\n", 500)  # blank lines are no rows
        path.write_bytes(gzip.compress(content) if form == "gzip" else content)
    return path


@pytest.mark.parametrize("form", ["csv", "gzip", "zstd", "parquet"])
def test_order_is_kept(tmp_path: Path, schema: Schema, form: str) -> None:
    path = write(tmp_path / "new", form)
    batches = list(read_batches(path, schema, rows=250))
    assert len(batches) > 1
    numeric = np.concatenate([batch.numeric for batch in batches])
    codes = np.concatenate([batch.codes for batch in batches])
    np.testing.assert_array_equal(numeric[:, 0], FRAME["row"].to_numpy())
    np.testing.assert_array_equal(numeric[:, 1], np.tile([0, 1, np.nan], N // 3))
    np.testing.assert_array_equal(numeric[:, 2], np.arange(N))
    np.testing.assert_array_equal(codes[:, 0], np.tile([4, 3, MISSING, 2], N // 4))
    whole = read_like(path, schema, target=False)
    np.testing.assert_array_equal(whole.numeric, numeric)
    np.testing.assert_array_equal(whole.codes, codes)


def test_unseen_levels_and_other_columns(tmp_path: Path, schema: Schema) -> None:
    path = tmp_path / "new.csv"
    path.write_text("day,more,colour,row,member\n2001-01-01,1,violet,5,yes\n2001-01-01,1,red,6,\n")
    (batch,) = read_batches(path, schema)
    np.testing.assert_array_equal(batch.codes[:, 0], [UNSEEN, 4])
    np.testing.assert_array_equal(batch.numeric[:, 0], [5, 6])


def test_other_words_for_true_and_false(tmp_path: Path, schema: Schema) -> None:
    path = tmp_path / "new.csv"
    path.write_text(
        "day,colour,row,member\n2001-01-01,red,5,TRUE\n2001-01-01,red,6,perhaps\n2001-01-01,red,6,0\n"
    )
    with pytest.warns(SteelyardWarning, match=r"neither 'no' nor 'yes', such as 'perhaps' \(row 2\)"):
        (batch,) = read_batches(path, schema)
    np.testing.assert_array_equal(batch.numeric[:, 1], [1, np.nan, 0])
