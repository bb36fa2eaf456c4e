"""Our tables, which lie beside Optuna's, and their version.

One row per study, worker, batch, trial and network; a network's row holds its curves. A study's number is the
one it has in Optuna's tables. There are no foreign keys to those: a study that is deleted with Optuna's tools
must neither be kept alive by ours nor leave its rows to the next study of that number
(:func:`~steelyard.tuning.storage.studies.create_or_load` clears them).

Points, metrics and plans are JSON; times are seconds since 1970 by the clock of the database, which all
workers share. Seeds are text, since they go up to 2^64 - 1.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    insert,
    inspect,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from steelyard.errors import StorageError

VERSION = 1
"""Of these tables. Raised with every change to them."""

PREFIX = "steelyard_"
TABLES = MetaData()

version = Table(
    PREFIX + "version",
    TABLES,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
)

studies = Table(
    PREFIX + "studies",
    TABLES,
    Column("study_id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("target", Integer, nullable=False),
    Column("created", Float(53), nullable=False),
)

workers = Table(
    PREFIX + "workers",
    TABLES,
    Column("worker", String(32), primary_key=True),
    Column("study_id", Integer, nullable=False, index=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started", Text, nullable=False),
    Column("lease", Float(53), nullable=False),
    Column("heartbeat", Float(53), nullable=False),
    Column("ended", Float(53)),
)
"""``started`` tells a process from a later one with the same number; ``ended`` is when it left in order."""

batches = Table(
    PREFIX + "batches",
    TABLES,
    Column("study_id", Integer, primary_key=True, autoincrement=False),
    Column("batch", Integer, primary_key=True, autoincrement=False),
    Column("first", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    Column("state", String(8), nullable=False),
    Column("worker", String(32)),
    Column("token", String(32), nullable=False),
    Column("claimed", Float(53), nullable=False),
    Column("finished", Float(53)),
)
"""``state`` is running, released or finished. ``token`` is new with every claim: who does not have the
present one has lost the batch."""

trials = Table(
    PREFIX + "trials",
    TABLES,
    Column("study_id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("batch", Integer, nullable=False),
    Column("trial_id", Integer, nullable=False),
    Column("state", String(8), nullable=False),
    Column("point", Text, nullable=False),
    Column("values", Text),
    Column("seconds", Float(53), nullable=False),
    Index("ix_steelyard_trials_batch", "study_id", "batch"),
)
"""``trial_id`` is Optuna's; ``values`` is a list of JSON, with text for what is not finite."""

networks = Table(
    PREFIX + "networks",
    TABLES,
    Column("study_id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("fold", Integer, primary_key=True, autoincrement=False),
    Column("seed", String(20), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("best_epoch", Integer, nullable=False),
    Column("epochs", Integer, nullable=False),
    Column("steps", BigInteger, nullable=False),
    Column("seconds", Float(53), nullable=False),
    Column("best", Text, nullable=False),
    Column("last", Text, nullable=False),
    Column("curves", LargeBinary, nullable=False),
)
"""``curves`` is laid out by :mod:`steelyard.tuning.storage.curves`."""

judged = Table(
    PREFIX + "judged",
    TABLES,
    Column("study_id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("place", Integer, nullable=False),
)
"""Trials whose refitted networks have seen the rows kept for the end, and their places in that order."""


class now(FunctionElement[float]):  # named as SQL names its functions
    """Seconds since 1970 by the clock of the database, at this moment of the transaction."""

    type = Float(53)
    inherit_cache = True


@compiles(now, "sqlite")
def _now_sqlite(element: now, compiler: Any, **_: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now, "postgresql")
def _now_postgresql(element: now, compiler: Any, **_: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION)"


def make_tables(connection: Connection) -> None:
    """Makes our tables, all or none of them, unless they are there."""
    TABLES.create_all(connection)
    if connection.execute(select(version.c.version)).first() is None:
        connection.execute(insert(version), {"id": 1, "version": VERSION})


def has_tables(connection: Connection, where: str) -> bool:
    """Are our tables there? :class:`StorageError` if they are those of another version."""
    if not inspect(connection).has_table(version.name):
        return False
    found = connection.execute(select(version.c.version)).scalar()
    if found == VERSION:
        return True
    newer = isinstance(found, int) and found > VERSION
    raise StorageError(
        f"{where}: was made by {'a newer' if newer else 'another'} version of Steelyard"
        f" (its tables have version {found!r}, this one reads version {VERSION})",
        help="update Steelyard" if newer else "take another file or database for new studies",
    )
