"""SQLite files from elsewhere, read and never written.

A database is a program of sorts: its schema may hold views, virtual tables, generated columns and functions.
Only plain tables are read here, a row at a time, with nothing allowed but reading, and not for ever.
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from steelyard.diagnosis.readers.names import shown
from steelyard.errors import DataError

SIGNATURE = b"SQLite format 3\0"
_SECONDS = 2.0
_BYTES_PER_SECOND = 500_000
"""How long reading may take: two seconds, and what a slow and busy machine needs for the size of the file."""
_STEPS = 20_000
"""Of SQLite's machine between two looks at the clock."""
_MOST_COLUMNS = 200
_LONGEST = 2**26
"""Bytes of one value."""
_WHOLE = 2**53
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})


class Database:
    """The plain tables of a file, each read whole and in the order in which it is stored."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        """For :func:`opened`."""
        self._path = path
        self._connection = connection
        self._columns = {name: self._columns_of(name) for name in self._names()}

    @property
    def tables(self) -> Mapping[str, Sequence[str]]:
        """The columns of each table, by its name."""
        return self._columns

    def rows(self, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """The cells of some columns, row by row: int, float, str, bytes or None, whatever the schema says.

        A column that the table does not have is None in every row; a table that there is not has no rows.
        """
        there = self._columns.get(table, ())
        chosen = ", ".join(_quoted(column) if column in there else "NULL" for column in columns)
        if table not in self._columns:
            return
        # Indexes of a damaged file may leave out rows or give them twice.
        found = self._connection.execute(f"SELECT {chosen} FROM {_quoted(table)} NOT INDEXED")
        # From the cursor itself, a generator that is given up would close it, after its database at times.
        yield from map(tuple, found)

    def _names(self) -> list[str]:
        """Virtual tables have no page of their own, views are no tables."""
        found = self._connection.execute("SELECT name, rootpage FROM sqlite_master WHERE type = 'table'")
        return [name for name, page in found if isinstance(name, str) and isinstance(page, int) and page > 0]

    def _columns_of(self, table: str) -> list[str]:
        """Those that are stored, not worked out when they are read."""
        found = self._connection.execute(f"PRAGMA table_xinfo({_quoted(table)})")
        columns = [str(row[1]) for row in found if row[6] == 0]
        return columns if len(columns) <= _MOST_COLUMNS else []


def has_tables(head: bytes, path: Path, names: Set[str]) -> bool:
    """Whether a file that begins with ``head`` is a sound database with all these tables."""
    if not head.startswith(SIGNATURE):
        return False
    try:
        with opened(path) as database:
            return database.tables.keys() >= names
    except DataError:
        return False


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """A database to read from; it closes at the end of the ``with``.

    What a running program has put into the journal beside the file is not seen (:func:`unseen`).
    :class:`~steelyard.errors.DataError` if the file is no sound database, in whatever is done with it.
    """
    size = path.stat().st_size
    until = time.monotonic() + _SECONDS + size / _BYTES_PER_SECOND
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, min(size + 4096, _LONGEST))
            connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
            connection.text_factory = lambda content: content.decode("utf-8", "replace")
            for setting in ("query_only=ON", "trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0"):
                connection.execute(f"PRAGMA {setting}")
            connection.set_authorizer(_authorized)
            yield Database(path, connection)
    except (sqlite3.Error, UnicodeDecodeError, MemoryError) as error:
        # Broken names make messages that cannot be decoded, broken lengths ask for memory that is not there.
        if "interrupted" in str(error):
            raise DataError(f"{path} takes too long to read for a database of {size:,} bytes") from None
        raise DataError(
            f"{path} is no sound SQLite database: {shown(str(error)) or 'its lengths are wrong'}",
            help="copy it while nothing writes to it, or with: sqlite3 FILE '.backup COPY'",
        ) from None


def unseen(path: Path) -> tuple[str, ...]:
    """A note if a journal lies beside the file: what is in it is not read."""
    for ending in ("-wal", "-journal"):
        beside = path.with_name(path.name + ending)
        if beside.is_file() and beside.stat().st_size:
            return (f"{beside.name} lies beside the file: the last things that were written are not read",)
    return ()


def real(value: Any) -> float | None:
    """A cell as a number; None if it is none."""
    return float(value) if isinstance(value, int | float) else None


def whole(value: Any) -> int | None:
    """A cell as a whole number of less than 2^53; None if it is none."""
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and abs(value) < _WHOLE else None


def text(value: Any, longest: int = 8192) -> str | None:
    """A cell as text, also where it holds a number; None if it is longer or has bytes in it."""
    if isinstance(value, int | float):
        value = str(value)
    return value if isinstance(value, str) and len(value) <= longest else None


def _authorized(action: int, first: str | None, *_: str | None) -> int:
    told = action in _ALLOWED or (action == sqlite3.SQLITE_PRAGMA and first == "table_xinfo")
    return sqlite3.SQLITE_OK if told else sqlite3.SQLITE_DENY


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
