"""Random frames, written with random separators and quoting, come back as the same table."""

from __future__ import annotations

import csv
import gzip
import warnings
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.data import ColumnKind
from steelyard.errors import SteelyardWarning
from steelyard.tables import features_from, read_batches, read_like, read_table, table_from
from steelyard.tables.dialect import MISSING_WORDS

KINDS = {"number": ColumnKind.NUMERIC, "count": ColumnKind.NUMERIC, "word": ColumnKind.CATEGORY}

# Padding is not part of a value, a word for a missing value is missing, and 1.0 is the level 1.
words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Z"]) | st.sampled_from(' ,;|\t"\n'),
    max_size=12,
)
levels = words.map(str.strip).filter(lambda word: word not in MISSING_WORDS and not word.endswith(".0"))
numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
row = st.tuples(
    st.none() | numbers, st.none() | st.integers(-(2**20), 2**20), st.none() | levels, st.booleans()
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(row, min_size=2, max_size=25),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.booleans(),
    compress=st.booleans(),
    batch=st.integers(1, 10),
)
def test_csv_round_trip(
    tmp_path: Path,
    rows: list[tuple[float | None, int | None, str | None, bool]],
    separator: str,
    quoting: int,
    end: str,
    mark: bool,
    compress: bool,
    batch: int,
) -> None:
    rows = [*rows, (0.5, 1, "a", True), (1.5, 2, "b", False)]
    labels = ["good" if label else "bad" for *_, label in rows]
    path = tmp_path / "table.csv"
    with path.open("w", newline="", encoding="utf-8-sig" if mark else "utf-8") as file:
        writer = csv.writer(file, delimiter=separator, quoting=quoting, lineterminator=end)
        writer.writerow(["number", "count", "word", "y"])
        for (number, count, word, _), label in zip(rows, labels, strict=True):
            writer.writerow([*("" if v is None else v for v in (number, count, word)), label])
    if compress:
        path.write_bytes(gzip.compress(path.read_bytes()))
    frame = pl.DataFrame(
        {name: [r[i] for r in rows] for i, name in enumerate(KINDS)},
        schema={"number": pl.Float64, "count": pl.Int64, "word": pl.String},
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SteelyardWarning)
        expected = table_from(frame.with_columns(y=pl.Series(labels)), "y", positive="good", kinds=KINDS)
        table = read_table(path, target="y", positive="good", kinds=KINDS)
    assert table.schema == expected.schema
    assert table.fingerprint == expected.fingerprint
    assert read_like(path, table.schema, target=True).fingerprint == table.fingerprint

    batches = list(read_batches(path, table.schema, rows=batch))
    np.testing.assert_array_equal(np.concatenate([b.numeric for b in batches]), table.features.numeric)
    np.testing.assert_array_equal(np.concatenate([b.codes for b in batches]), table.features.codes)
    np.testing.assert_array_equal(features_from(frame, table.schema).codes, table.features.codes)
