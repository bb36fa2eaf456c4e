"""A database of studies, and transactions in it.

**SQLite** works in WAL mode: readers see the last commit and neither wait nor are waited for. With
``synchronous = NORMAL`` a commit is in the hands of the operating system when it returns, not yet on the
disk: a process that is killed at any moment loses nothing, since the system still has it, and the database
stays whole even if the power fails, when the last commits may be missing; their trials are then trained
again. A transaction that writes begins with ``BEGIN IMMEDIATE``: it waits for its turn there, not in its
middle, where waiting would be in vain.

**PostgreSQL** may be lost and come back while a study runs: a transaction is then begun again, until
``timeout`` seconds have passed. So each one given to :meth:`Database.write` must do no harm when it is done
twice, for a commit may arrive though its answer is lost.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from steelyard.errors import StorageError
from steelyard.tuning.storage.faults import explained, is_passing

T = TypeVar("T")

_LOCK = int.from_bytes(b"steelyd", "big")
"""Of PostgreSQL's advisory locks, the one for making tables and studies."""
_SQLITE_MAGIC = b"SQLite format 3\0"
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_BEGIN = "steelyard_begin"


class Database:
    """A database and its pool of connections. Every thread may use it, but only in the process that made it.

    Args:
        url: As :func:`~steelyard.tuning.storage.address.address_of` gives it.
        timeout: Seconds to wait for a lock that another process holds, and for a lost server to come back.

    Raises:
        StorageError: from every method: the database cannot be reached or read, is locked, full, ...
    """

    def __init__(self, url: URL, timeout: float) -> None:
        self.url = url
        self.timeout = timeout
        self.connect_args = _connect_args(url, timeout)
        self._process = os.getpid()
        # Without an isolation level Python's driver of SQLite begins no transactions of its own accord.
        own = {"isolation_level": None} if self.is_sqlite else {}
        self._engine = create_engine(url, connect_args={**self.connect_args, **own})
        self._reader: Engine
        self._writer: Engine
        if self.is_sqlite:
            event.listen(self._engine, "connect", _set_up_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
            self._reader = self._engine.execution_options(**{_BEGIN: "BEGIN"})
            self._writer = self._engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        else:
            wait = f"SET lock_timeout = {int(timeout * 1000)}"
            event.listen(self._engine, "connect", lambda connection, _: _set_up_postgresql(connection, wait))
            # Several queries of one reading see the same moment, as they do in SQLite.
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ")
            self._writer = self._engine

    @property
    def is_sqlite(self) -> bool:
        """A file of SQLite, not a server of PostgreSQL?"""
        return self.url.get_backend_name() == "sqlite"

    @property
    def where(self) -> str:
        """The path of the file, or the URL without its password."""
        if self.is_sqlite:
            return str(self.url.database)
        return self.url.set(drivername="postgresql").render_as_string()

    def reach(self) -> None:
        """Makes a first connection; unlike later ones it does not wait for a server that is not there."""
        if self.is_sqlite:
            _check_is_sqlite(Path(self.where))
        with self.explaining(), self._engine.connect():
            pass

    def use_wal(self) -> None:
        """Puts a file of SQLite into WAL mode, in which it stays."""
        if self.is_sqlite:
            with self.explaining(), self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            self._engine.dispose()  # for _set_up_sqlite to see it

    def read(self, query: Callable[[Connection], T]) -> T:
        """What ``query`` finds, in a transaction of its own that sees one moment."""
        return self._transact(self._reader, query)

    def write(self, change: Callable[[Connection], T], *, durable: bool = True, alone: bool = False) -> T:
        """Makes a change in one transaction: all of it, or after an error nothing.

        ``durable=False`` spares PostgreSQL a wait for its disk, for what may be lost with the power: claims
        and heartbeats. With ``alone`` no other process is inside a change that asked for the same.
        """

        def prepared(connection: Connection) -> T:
            if not self.is_sqlite and not durable:
                connection.execute(text("SET LOCAL synchronous_commit TO OFF"))
            if not self.is_sqlite and alone:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            return change(connection)

        return self._transact(self._writer, prepared)

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Tells errors of the database as :class:`StorageError`."""
        try:
            yield
        except SQLAlchemyError as error:
            raise explained(error, self.where, self.timeout) from error

    def close(self) -> None:
        """Closes the connections that are not in use."""
        self._engine.dispose()

    def _transact(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        if os.getpid() != self._process:
            raise StorageError(f"{self.where} was opened by another process; open it again in this one")
        end, pause = time.monotonic() + self.timeout, _FIRST_PAUSE
        while True:
            try:
                with engine.begin() as connection:
                    return work(connection)
            except SQLAlchemyError as error:
                if not is_passing(error) or time.monotonic() > end:
                    raise explained(error, self.where, self.timeout) from error
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


def _check_is_sqlite(path: Path) -> None:
    """SQLite takes any small file for an empty one, and would write over it."""
    with suppress(OSError), path.open("rb") as file:  # what cannot be read SQLite will tell
        begin = file.read(len(_SQLITE_MAGIC))
        if begin not in (b"", _SQLITE_MAGIC):
            raise StorageError(
                f"{path}: is not an SQLite database", help="give the path of one, or of a new file"
            )


def _connect_args(url: URL, timeout: float) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"timeout": timeout}
    # A network that swallows packets is noticed after these seconds, not after hours.
    alive = {
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }
    return {
        "connect_timeout": max(2, round(timeout)),
        **{key: alive[key] for key in alive if key not in url.query},
    }


def _set_up_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA trusted_schema = OFF")  # the file may be a stranger's
    (mode,) = cursor.execute("PRAGMA journal_mode").fetchone()
    # Without WAL, which some file systems do not allow, NORMAL could lose the whole file with the power.
    cursor.execute(f"PRAGMA synchronous = {'NORMAL' if mode == 'wal' else 'FULL'}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    begin = connection.get_execution_options().get(_BEGIN)
    if begin is not None:
        connection.exec_driver_sql(begin)


def _set_up_postgresql(connection: Any, wait: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(wait)
    connection.commit()
