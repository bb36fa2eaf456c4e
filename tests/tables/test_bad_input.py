"""Every message names the place, what was found there and what to do; no polars exception escapes."""

from __future__ import annotations

import gzip
import re
import warnings
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.data import Schema
from steelyard.errors import DataError, SteelyardWarning
from steelyard.tables import features_from, read_batches, read_like, read_table, table_from

GOOD = b"a,b,y\n" + b"".join(b"%d.5,%d,%d\n" % (i % 7, i % 5, i % 2) for i in range(40))

BAD_FILES: dict[str, tuple[bytes, list[str]]] = {
    "empty": (b"", ["is empty"]),
    "blank lines": (b"\n\n\n", ["nothing but blank lines"]),
    "header only": (b"a,b,y\n", [r"header \(3 columns\) and no rows"]),
    "short and long rows": (
        GOOD + b"1,2\n1,2,0\n1,2,3,4\n",
        ["line 42: 2 fields found, 3 expected", "line 44: 4 fields found, 3 expected"],
    ),
    "many ragged rows": (GOOD + b"1\n" * 9, ["line 42: 1 field found", "and 4 more lines"]),
    "ragged after a quoted line end": (b'a,b,y\n"1\n2",2,0\n1,1\n', ["line 4: 2 fields found"]),
    "duplicate names": (b"a,b,a,y\n1,2,3,0\n", [r"line 1: .*'a' \(2 times\)"]),
    "not UTF-8": (GOOD + b"1,\xe9,0\n", ["line 42: the byte 0xe9 is not UTF-8"]),
    "UTF-16": ("a,y\n1,0\n".encode("utf-16"), ["UTF-16"]),
    "zero bytes": (b"a,y\n1,\x00\n", ["zero bytes"]),
    "old Macintosh": (b"a,y\r1,0\r", ["carriage return"]),
    "Excel": (b"PK\x03\x04 and so on", ["Excel workbook"]),
    "stray quotes": (b'a,b,y\n5" long,6" wide,0\n', ["line 2: a double quote stands inside"]),
    "quotes after padding": (b'a,b,y\n1, "x, z",0\n', ["line 2: a double quote", "no space may stand"]),
    "unclosed quote": (b'a,b,y\n1,2,0\n1,"2,0\n1,2,0\n', ["line 3: .*never closed"]),
    "cut gzip": (gzip.compress(GOOD * 50)[:-20], ["looks like a gzip file but cannot be read to its end"]),
    "broken zstd": (b"\x28\xb5\x2f\xfd" + b"junk" * 40, ["looks like a zstd file"]),
    "broken parquet": (b"PAR1" + b"junk" * 40, ["looks like a parquet file"]),
    "infinite values": (b"a,y\n1,0\ninf,1\n-inf,0\n", ["'a' holds infinite values in 2 rows", "rows 2, 3"]),
    "too large": (b"a,y\n1,0\n1e300,1\n2,0\n", [r"'a' holds values beyond .* \(row 2\)"]),
    "one class": (b"a,y\n1,0\n2,0\n", [r"'y' has one label only: '0' \(2 rows\)"]),
    "three classes": (b"a,y\n1,u\n2,v\n3,w\n", ["3 different labels: 'u' .*'v' .*'w'"]),
    "a quantity": (
        b"a,y\n" + b"".join(b"%d,%d.5\n" % (i % 9, i) for i in range(40)),
        ["looks like a quantity"],
    ),
    "missing targets": (b"a,y\n1,0\n2,\n3,1\n4,NA\n", [r"no label in 2 of 4 rows \(rows 2, 4\)"]),
    "infinite targets": (b"a,y\n1,0\n2,1\n3,inf\n", [r"infinite in 1 of 3 rows \(row 3\)"]),
    "labels 1 and 2": (b"a,y\n1,1\n2,2\n3,1\n", [r"'1' \(2 rows\), '2' \(1 row\)", "--positive 2"]),
    "labels -1 and 1": (b"a,y\n1,-1\n2,1\n3,-1\n", ["--positive 1"]),
    "nothing to learn from": (b"a,y\n5,1\n5,0\n", ["no column left to learn from"]),
}


def problem_with(path: Path, **said: object) -> str:
    said.setdefault("target", "y")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SteelyardWarning)
        with pytest.raises(DataError) as caught:
            read_table(path, **said)  # type: ignore[arg-type]  # the arguments of each case
    return str(caught.value)


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_file(tmp_path: Path, case: str) -> None:
    content, patterns = BAD_FILES[case]
    path = tmp_path / "table.dat"
    path.write_bytes(content)
    message = problem_with(path)
    assert "table.dat" in message and "help: " in message
    for pattern in patterns:
        assert re.search(pattern, message), message


def test_missing_file_and_folder(tmp_path: Path) -> None:
    (tmp_path / "adult.csv").write_bytes(GOOD)
    assert "did you mean 'adult.csv'?" in problem_with(tmp_path / "adlt.csv")
    assert "does not exist either" in problem_with(tmp_path / "nowhere" / "adult.csv")
    assert "is a folder" in problem_with(tmp_path)


def test_all_unknown_columns_at_once(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(GOOD)
    message = problem_with(path, target="Y1", drop=["bb"], kinds={"q": "numeric"}, time="when", group="who")
    for name in ("'Y1' (did you mean 'y'?)", "'bb' (did you mean 'b'?)", "'q'", "'when'", "'who'"):
        assert f"no column {name}" in message
    assert "'y' is the target and was given as drop too" in problem_with(path, drop=["y"])
    assert "did you mean 'category'?" in problem_with(path, kinds={"a": "categroy"})


def test_unknown_column_of_a_file_without_header(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(GOOD.removeprefix(b"a,b,y\n"))
    assert "called column_1 to column_3" in problem_with(path)


def test_unknown_positive_label(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("x,y\n1,yes\n2,no\n3,no\n")
    message = problem_with(path, positive="yse")
    assert "no label 'yse' (did you mean 'yes'?); it has 'no' (2 rows), 'yes' (1 row)" in message


def test_text_in_a_column_that_should_hold_numbers(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,y\n1,0\nmany,1\n")
    message = problem_with(path, kinds={"a": "numeric"})
    assert "column 'a' should hold numbers, but 1 value is not: row 2, for instance 'many'" in message


def test_time_that_cannot_be_sorted(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,t,y\n1,3/4/2021,0\n2,4/4/2021,1\n")
    assert "'t' holds neither numbers nor dates" in problem_with(path, time="t")
    path.write_text("a,t,y\n1,2021-04-03,0\n2,,1\n")
    assert "no value in 1 of 2 rows" in problem_with(path, time="t")


def test_a_type_that_no_network_takes(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": [[1], [2]], "y": [0, 1]}).write_parquet(path)
    assert "column 'a' holds values of the type List(Int64)" in problem_with(path)


@pytest.fixture
def schema(tmp_path: Path) -> Schema:
    path = tmp_path / "good.csv"
    path.write_bytes(GOOD)
    return read_table(path, target="y").schema


def test_prediction_data_without_columns(tmp_path: Path, schema: Schema) -> None:
    path = tmp_path / "new.csv"
    path.write_text("A,c\n1,2\n")
    for read in (
        lambda: read_like(path, schema, target=False),
        lambda: read_batches(path, schema),
        lambda: features_from(pl.DataFrame({"A": [1], "c": [2]}), schema),
    ):
        with pytest.raises(DataError, match=r"lacks 2 columns .*'a' \(did you mean 'A'\?\), 'b'"):
            read()


def test_unusable_values_in_prediction_data(tmp_path: Path, schema: Schema) -> None:
    path = tmp_path / "new.csv"
    path.write_text("a,b\n" + "1,2\n" * 7 + "1,two\n")
    with pytest.raises(DataError, match=r"column 'b' should hold numbers, .*row 8, for instance 'two'"):
        list(read_batches(path, schema, rows=3))
    path.write_text("a,b\n1,2\n1,2\ninf,2\n")
    with pytest.raises(DataError, match="'a' holds infinite values"):
        list(read_batches(path, schema))


def test_foreign_labels(tmp_path: Path, schema: Schema) -> None:
    path = tmp_path / "test.csv"
    path.write_text("a,b,y\n1,2,maybe\n1,2,0\n")
    with pytest.raises(DataError, match="labels that the training data do not have: 'maybe'"):
        read_like(path, schema, target=True)


def test_bad_frames() -> None:
    frame = pl.DataFrame({"x": [1.0, 2.0, 3.5]})
    with pytest.raises(DataError, match="3 rows, but there are 2 labels"):
        table_from(frame, [0, 1])
    with pytest.raises(DataError, match=r"1 weights are negative.*row 2"):
        table_from(frame, [0, 1, 0], weights=[1, -1, 1])
    with pytest.raises(DataError, match="no rows"):
        table_from(frame.clear(), [])
    with pytest.raises(DataError, match="pandas or polars frame"):
        table_from([[1.0], [2.0]], [0, 1])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.text(alphabet='ab01,;"\n\r .?-', max_size=80).map(str.encode))
def test_whatever_the_bytes_it_is_a_table_or_a_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "noise.csv"
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SteelyardWarning)
        try:
            table = read_table(path, target="column_1")
        except DataError as error:
            assert error.problems
        else:
            assert len(table) > 0
