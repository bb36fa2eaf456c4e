"""Separators, headers, compression and spellings that are found out."""

from __future__ import annotations

import gzip
import warnings
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from steelyard.data import ColumnKind, Table
from steelyard.errors import SteelyardWarning
from steelyard.tables import concatenate, read_like, read_table

ROWS = [(i % 7 + 0.5, "red" if i % 3 else "green, dark", i % 2) for i in range(60)]


def text(separator: str, *, header: bool = True, end: str = "\n") -> bytes:
    lines = [separator.join(("size", "colour", "y"))] if header else []
    lines += [separator.join((str(a), f'"{b}"', str(c))) for a, b, c in ROWS]
    return (end.join(lines) + end).encode()


def same(a: Table, b: Table) -> None:
    np.testing.assert_array_equal(a.features.numeric, b.features.numeric)
    np.testing.assert_array_equal(a.features.codes, b.features.codes)
    np.testing.assert_array_equal(a.target, b.target)


@pytest.fixture
def plain(tmp_path: Path) -> Table:
    path = tmp_path / "plain.csv"
    path.write_bytes(text(","))
    return read_table(path, target="y")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separator_and_line_end(tmp_path: Path, plain: Table, separator: str, end: str) -> None:
    path = tmp_path / "table.txt"
    path.write_bytes(text(separator, end=end))
    table = read_table(path, target="y")
    same(table, plain)
    assert table.fingerprint == plain.fingerprint


def test_compression_is_found_by_content_not_by_name(tmp_path: Path, plain: Table) -> None:
    zipped, zstd = tmp_path / "zipped.csv", tmp_path / "zstd.gz"
    zipped.write_bytes(gzip.compress(text(",")))
    frame = pl.DataFrame(ROWS, schema=["size", "colour", "y"], orient="row")
    frame.lazy().sink_csv(zstd, compression="zstd", check_extension=False)
    assert zstd.read_bytes()[:4] == b"\x28\xb5\x2f\xfd"
    for path in (zipped, zstd):
        assert read_table(path, target="y").fingerprint == plain.fingerprint


def test_parquet(tmp_path: Path, plain: Table) -> None:
    path = tmp_path / "table"
    pl.DataFrame(ROWS, schema=["size", "colour", "y"], orient="row").write_parquet(path)
    same(read_table(path, target="y"), plain)


def test_without_a_header_columns_are_numbered(tmp_path: Path, plain: Table) -> None:
    path = tmp_path / "bare.csv"
    path.write_bytes(text(",", header=False))
    table = read_table(path, target="column_3")
    same(table, plain)
    assert [column.name for column in table.schema.columns] == ["column_1", "column_2"]


def test_headerless_prediction_data_without_a_target_in_the_middle(tmp_path: Path) -> None:
    path, new = tmp_path / "bare.csv", tmp_path / "new.csv"
    path.write_text("".join(f"{i % 5}.5,{i % 2},{i % 3}.25\n" for i in range(30)))
    new.write_text("4.5,1.25\n")
    schema = read_table(path, target="column_2").schema
    np.testing.assert_array_equal(read_like(new, schema, target=False).numeric, [[4.5, 1.25]])


def test_numbers_as_names_are_a_header_if_the_target_is_named_beside_them(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("0,1,class\n" + "".join(f"{i % 7},{i % 5},{i % 2}\n" for i in range(30)))
    table = read_table(path, target="class")
    assert [column.name for column in table.schema.columns] == ["0", "1"]
    assert len(table) == 30


def test_text_only_without_header(tmp_path: Path) -> None:
    path = tmp_path / "mushrooms.csv"
    path.write_text("".join(f"{'ep'[i % 2]},{'xfb'[i % 3]},{'sy'[i % 5 > 2]}\n" for i in range(40)))
    table = read_table(path, target="column_1")
    assert len(table) == 40
    assert table.schema.categories[0].levels == ("b", "f", "x")


def test_byte_order_mark_padding_blank_lines_and_missing_words(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = ["1, red, 0", "?, ?, 1", "", "3, blue , 0", "NA, NULL, 1", "5, red, 0", ""]
    path.write_bytes(b"\xef\xbb\xbf" + "\n".join(["n, c, y", *rows, ""]).encode())
    table = read_table(path, target="y")
    np.testing.assert_array_equal(table.features.numeric[:, 0], [1, np.nan, 3, np.nan, 5])
    assert table.schema.columns[1].levels == ("blue", "red")
    assert table.schema.columns[1].missing == 2
    np.testing.assert_array_equal(table.features.codes[:, 0], [3, 1, 2, 1, 3])


def test_decimal_commas(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a;b;y\n" + "".join(f"{i},5; {i},25;{i % 2}\n" for i in range(9)))
    table = read_table(path, target="y")
    np.testing.assert_array_equal(table.features.numeric, [[i + 0.5, i + 0.25] for i in range(9)])
    assert read_like(path, table.schema, target=True).fingerprint == table.fingerprint


def test_a_type_that_changes_late_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    lines = [f"{i % 9},{i % 4},{i % 2}" for i in range(12_000)] + ["0.5,many,1"]
    path.write_text("\n".join(["a,b,y", *lines]) + "\n")
    table = read_table(path, target="y")
    assert [column.kind for column in table.schema.columns] == [ColumnKind.NUMERIC, ColumnKind.CATEGORY]
    assert table.features.numeric[-1, 0] == 0.5
    assert table.schema.categories[0].levels == ("0", "1", "2", "3", "many")


def test_codes_keep_their_leading_zeros(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("zip,x,y\n" + "".join(f"0{2100 + i % 5},{i % 6}.5,{i % 2}\n" for i in range(60)))
    with pytest.warns(SteelyardWarning, match="'zip'"):
        table = read_table(path, target="y")
    assert table.schema.categories[0].levels == ("02100", "02101", "02102", "02103", "02104")
    assert read_like(path, table.schema, target=True).fingerprint == table.fingerprint


def test_time_and_group_are_no_inputs(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    lines = [f"{i % 6}.5,2026-01-{i + 1:02d},g{i % 3},{i % 2}" for i in range(28)]
    path.write_text("\n".join(["x,day,who,y", *lines]))
    table = read_table(path, target="y", time="day", group="who")
    assert table.features.numeric.shape == (28, 1)
    assert table.time is not None and table.groups is not None
    np.testing.assert_array_equal(np.diff(table.time), 1)
    np.testing.assert_array_equal(table.groups, [i % 3 for i in range(28)])


def test_labels_of_a_test_file_may_end_with_a_dot(tmp_path: Path) -> None:
    train, test = tmp_path / "train.csv", tmp_path / "test.csv"
    train.write_text("x,y\n" + "".join(f"{i % 6}.5,{'>5' if i % 3 == 0 else '<=5'}\n" for i in range(30)))
    test.write_text("x,y\n1.5,<=5.\n2.5,>5.\n")
    table = read_table(train, target="y")
    with pytest.warns(SteelyardWarning, match=r"took '<=5\.' as '<=5', '>5\.' as '>5'"):
        more = read_like(test, table.schema, target=True)
    np.testing.assert_array_equal(more.target, [0, 1])
    both = concatenate(table, more)
    assert len(both) == 32
    np.testing.assert_array_equal(both.target[-2:], [0, 1])
    assert both.fingerprint != table.fingerprint


def test_fingerprint_depends_on_contents_and_not_on_the_way_they_came(tmp_path: Path, plain: Table) -> None:
    changed = tmp_path / "changed.csv"
    changed.write_bytes(text(",").replace(b"0.5,", b"0.25,", 1))
    assert read_table(changed, target="y").fingerprint != plain.fingerprint
    assert plain.fingerprint == (
        "04ec1c693eb00454295576a555ca1af89f805f5331401db80cb6ee1ad1b1e402"
    )  # the same on every machine, in every version


def test_quiet_files_cause_no_warning(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_bytes(text(","))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_table(path, target="y")
