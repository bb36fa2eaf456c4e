"""Databases that mean harm: views, functions, generated columns, and tables without end."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from steelyard.diagnosis.readers import read, sqlite_file
from steelyard.diagnosis.readers.sqlite_file import opened
from steelyard.errors import DataError
from tests.diagnosis.readers.database_samples import AUTOLOG, database, mlflow

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"


def _made(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


def test_cells_come_as_they_are_stored(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(database({"t": "a INTEGER, b TEXT"}, {"t": [(1, "x"), ("word", None), (b"\xff", 0.5)]}))
    with opened(path) as found:
        assert found.tables == {"t": ["a", "b"]}
        assert list(found.rows("t", "b", "missing")) == [("x", None), (None, None), ("0.5", None)]
        assert list(found.rows("t", "a")) == [(1,), ("word",), (b"\xff",)]
        assert list(found.rows("nowhere", "a")) == []


def test_the_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    path.write_bytes(mlflow(AUTOLOG))
    path.chmod(0o444)
    before = path.read_bytes()
    read(path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["mlflow.db"]


def test_a_journal_beside_the_file_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    path.write_bytes(mlflow(AUTOLOG))
    (tmp_path / "mlflow.db-wal").write_bytes(b"x")
    assert any("mlflow.db-wal lies beside the file" in note for note in read(path)[0].notes)


def test_views_virtual_tables_and_generated_columns_are_no_tables(tmp_path: Path) -> None:
    path = _made(
        tmp_path / "x.db",
        f"CREATE VIEW runs AS {ENDLESS}",
        "CREATE TABLE t (a INTEGER, b AS (zeroblob(100000000)), c AS (a + 1) STORED)",
    )
    with opened(path) as found:
        assert found.tables == {"t": ["a"]}
        assert list(found.rows("runs", "i")) == []


def test_nothing_but_reading_is_allowed(tmp_path: Path) -> None:
    path = _made(tmp_path / "x.db", "CREATE TABLE t (a INTEGER)")
    for statement in (
        "ATTACH 'y.db' AS y",
        "SELECT hex(a) FROM t",
        "PRAGMA writable_schema=ON",
        "INSERT INTO t VALUES (1)",
        ENDLESS,
    ):
        with pytest.raises(DataError, match="not authorized"), opened(path) as found:
            found._connection.execute(statement)


def test_reading_ends_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "_SECONDS", -1e9)
    path = tmp_path / "x.db"
    path.write_bytes(database({"t": "a"}, {"t": [(1,)] * 20_000}))
    with pytest.raises(DataError, match="takes too long to read"), opened(path) as found:
        list(found.rows("t", "a"))


def test_a_damaged_file_is_called_so(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    content = mlflow(AUTOLOG)
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    with pytest.raises(DataError, match=r"x\.db is no sound|no training log"):
        read(path)
    with pytest.raises(DataError, match="is no sound SQLite database"), opened(path):
        pass


def test_broken_lengths_for_which_there_is_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "studies.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE runs (name TEXT)")
    with pytest.raises(DataError, match="its lengths are wrong"), opened(path):
        raise MemoryError  # as sqlite3 does it


def test_a_name_with_every_sign(tmp_path: Path) -> None:
    path = tmp_path / "a ?#%20&'\"b.db"
    path.write_bytes(mlflow(AUTOLOG))
    assert read(path)[0].history is not None


def test_rows_that_are_given_up_leave_no_trace(tmp_path: Path) -> None:
    """Their generator may outlive the database; what it raised then would be printed."""
    path = tmp_path / "rows.db"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE numbers (number INTEGER)")
        made.executemany("INSERT INTO numbers VALUES (?)", [(1,), (2,), (3,)])
        made.commit()
    with opened(path) as database:
        rows = database.rows("numbers", "number")
        assert next(rows) == (1,)
    rows.close()
