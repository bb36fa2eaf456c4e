"""Optuna's own tables: made and checked by Optuna, read from the database as they are there."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from functools import cache

from alembic.util.exc import CommandError
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from sqlalchemy import Connection, MetaData, NullPool, StaticPool, Table, inspect
from sqlalchemy.exc import SQLAlchemyError

from steelyard.errors import StorageError
from steelyard.tuning.storage.database import Database
from steelyard.tuning.storage.schema import PREFIX


@dataclass(frozen=True, eq=False)
class OptunaTables:
    """Those of Optuna's tables that are written here."""

    studies: Table
    study_directions: Table
    study_user_attributes: Table
    trials: Table
    trial_params: Table
    trial_values: Table
    trial_intermediate_values: Table
    trial_user_attributes: Table


_WRITTEN = tuple(OptunaTables.__dataclass_fields__)
_OTHERS = ("study_system_attributes", "trial_system_attributes", "trial_heartbeats", "version_info")
_REVISION = "alembic_version"
"""The last table that Optuna makes; it holds the version of all."""
_ONLY_WHAT_IS_MISSING = {
    "CREATE TABLE ": "CREATE TABLE IF NOT EXISTS ",
    "CREATE INDEX ": "CREATE INDEX IF NOT EXISTS ",
    "CREATE UNIQUE INDEX ": "CREATE UNIQUE INDEX IF NOT EXISTS ",
    "INSERT INTO ": "INSERT OR IGNORE INTO ",
}
"""How a statement of SQLite begins, and how one does that may be repeated."""


def optuna_tables(database: Database) -> OptunaTables:
    """Makes Optuna's tables where they are missing, and has Optuna check their version.

    Several processes may do so at once, and any may be killed in between: what is missing is made by the
    next.

    Raises:
        StorageError: the tables are those of another version of Optuna, or the file is that of another
        program.
    """
    if not database.read(lambda connection: _are_made(connection, database)):
        database.use_wal()
        database.write(lambda connection: _make(connection, database), alone=True)
    with database.explaining():
        optuna_storage(database)
    return database.read(_reflected)


def optuna_storage(database: Database, *, make: bool = False) -> RDBStorage:
    """The database as Optuna uses it; with ``make`` it makes its tables first.

    Raises:
        StorageError: the tables are those of another version of Optuna.
        SQLAlchemyError: anything else.
    """
    # Optuna takes the URL for a template; a brace in a path or password is none.
    template = database.url.render_as_string(hide_password=False).replace("{", "{{").replace("}", "}}")
    options = {"connect_args": database.connect_args, "poolclass": NullPool}
    try:
        storage = RDBStorage(template, engine_kwargs=options, skip_table_creation=not make)
    except StorageInternalError as error:
        raise error.__cause__ if isinstance(error.__cause__, SQLAlchemyError) else error from None
    except (RuntimeError, CommandError) as error:
        raise StorageError(
            f"{database.where}: its tables are of another version of Optuna: {error}"
        ) from error
    storage.remove_session()
    return storage


def _make(connection: Connection, database: Database) -> None:
    """Makes Optuna's tables while no other process does.

    Optuna makes them one by one, on a connection of its own. In PostgreSQL the lock of ``connection`` keeps
    others out meanwhile. SQLite has no lock that would not keep Optuna out too: there it makes them in
    memory, and they are copied in one transaction.
    """
    if _are_made(connection, database):
        return
    if not database.is_sqlite:
        optuna_storage(database, make=True)
        return
    for statement in _statements():
        connection.exec_driver_sql(statement)


@cache
def _statements() -> tuple[str, ...]:
    """What makes Optuna's tables in SQLite where they are missing: as Optuna makes them, which takes it a
    third of a second."""
    memory = RDBStorage("sqlite://", engine_kwargs={"poolclass": StaticPool})
    memory.remove_session()
    with memory.engine.connect() as made:
        driver = made.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        dump = [line for line in driver.iterdump() if line not in ("BEGIN TRANSACTION;", "COMMIT;")]
    memory.engine.dispose()
    return tuple(map(_repeatable, dump))


def _repeatable(statement: str) -> str:
    for begin, repeatable in _ONLY_WHAT_IS_MISSING.items():
        if statement.startswith(begin):
            return repeatable + statement.removeprefix(begin)
    return statement


def _are_made(connection: Connection, database: Database) -> bool:
    there = set(inspect(connection).get_table_names())
    if _REVISION in there:
        return True
    strange = [name for name in there.difference(_WRITTEN, _OTHERS) if not name.startswith(PREFIX)]
    if strange and database.is_sqlite:
        raise StorageError(
            f"{database.where}: is the database of another program (it has a table {min(strange)!r})",
            help="give the path of a new file",
        )
    return False


def _reflected(connection: Connection) -> OptunaTables:
    tables = MetaData()
    tables.reflect(connection, only=_WRITTEN, resolve_fks=False)
    return OptunaTables(**{name: tables.tables[name] for name in _WRITTEN})
