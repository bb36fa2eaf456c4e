"""Studies in a database, shared by all processes that work on them."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from sqlalchemy.engine import URL

from steelyard.study import Plan
from steelyard.tuning.storage import schema, studies
from steelyard.tuning.storage.address import address_of
from steelyard.tuning.storage.database import Database
from steelyard.tuning.storage.optuna_schema import OptunaTables, optuna_tables
from steelyard.tuning.storage.study_store import StudyStore

TIMEOUT = 30.0
"""Seconds to wait for a lock of another process and for a lost server, unless something else is asked for."""


def open_storage(url: str | Path, *, timeout: float = TIMEOUT) -> Storage:
    """Opens a database of studies, and makes its tables if it has none.

    Args:
        url: The path of an SQLite file, ``sqlite:///PATH``, or ``postgresql://USER@HOST/DATABASE``. A file
            serves any number of processes on one machine, but not on a network file system: several machines
            need PostgreSQL (``pip install 'steelyard[postgres]'``).
        timeout: Seconds to wait for a lock that another process holds, and for a server that is lost on the
            way.

    Raises:
        StorageError: there can be no such database, it cannot be reached or written, or it is of another
            version.
    """
    database = Database(address_of(url), timeout)
    with ExitStack() as undo:
        undo.callback(database.close)
        database.reach()
        tables = optuna_tables(database)
        if not database.read(lambda connection: schema.has_tables(connection, database.where)):
            database.use_wal()
            database.write(schema.make_tables, alone=True)
        undo.pop_all()
    return Storage(database, tables)


class Storage:
    """A database of studies, as :func:`open_storage` opens it. It belongs to the process that opened it.

    All methods, and those of its studies, raise :class:`~steelyard.errors.StorageError` if the database
    fails, and may be called from any thread.
    """

    def __init__(self, database: Database, tables: OptunaTables) -> None:
        self._database = database
        self._tables = tables

    @property
    def url(self) -> str:
        """The path of the file or the URL, without its password."""
        return self._database.where

    @property
    def address(self) -> URL:
        """What other processes need to open it: SQLAlchemy's URL, password included."""
        return self._database.url

    def studies(self) -> list[str]:
        """The names of all studies that Steelyard made, the oldest first."""
        return self._database.read(studies.names)

    def create_or_load(self, name: str, plan: Plan, trials: int) -> StudyStore:
        """The study of that name, made if there is none.

        One that is there must have this plan, but for how the table was read; if it was to have fewer
        ``trials`` than now, it will have as many.

        Raises:
            StudyError: there is another study of that name; the error says what differs.
        """
        row = self._database.write(
            lambda connection: studies.create_or_load(connection, self._tables, name, plan, trials, self.url),
            alone=True,
        )
        return StudyStore(self._database, self._tables, row)

    def find(self, name: str) -> StudyStore | None:
        """The study of that name, or None.

        Raises:
            StudyError: it was made with Optuna itself.
        """
        row = self._database.read(
            lambda connection: studies.find_study(connection, self._tables, name, self.url)
        )
        return None if row is None else StudyStore(self._database, self._tables, row)

    def load(self, name: str) -> StudyStore:
        """The study of that name.

        Raises:
            StudyError: there is none, or it was made with Optuna itself.
        """
        row = self._database.read(
            lambda connection: studies.known_study(connection, self._tables, name, self.url)
        )
        return StudyStore(self._database, self._tables, row)

    def close(self) -> None:
        """Closes all connections."""
        self._database.close()

    def __enter__(self) -> Storage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
