"""What went wrong in a database, in the words of the person who has to mend it."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from steelyard.errors import StorageError

_KEPT = "whatever was stored before is still there, and what was not will be done again"
_CHANGED = (
    "does not have the tables that Steelyard made ({detail})",
    "something else has changed it: take another database, or restore this one from a copy",
)
_OTHER = ("refused something ({detail})", "")

_SQLITE = {
    sqlite3.SQLITE_ERROR: _CHANGED,
    sqlite3.SQLITE_BUSY: (
        "is locked: another process has held it for longer than {timeout:g} seconds",
        "end that process or wait for it, and start again; several machines need PostgreSQL, not a file on a"
        " network folder",
    ),
    sqlite3.SQLITE_READONLY: (
        "cannot be written: the file or its folder is read-only for this user",
        "give this user the right to write both, or take another path",
    ),
    sqlite3.SQLITE_IOERR: (
        "cannot be read or written ({detail})",
        f"look whether the disk is full, limited or failing; {_KEPT}",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "is damaged ({detail})",
        "restore it from a copy; `sqlite3 FILE .recover` reads what is left of it",
    ),
    sqlite3.SQLITE_FULL: ("cannot grow: the disk is full", f"free some space and start again; {_KEPT}"),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened",
        "this user needs the right to read and write both the file and its folder",
    ),
    sqlite3.SQLITE_NOTADB: (
        "is not an SQLite database",
        "give the path of a file that is one, or of a new file",
    ),
}
"""By SQLite's primary result code."""

_POSTGRESQL = {
    "08": ("cannot be reached, or was lost ({detail})", f"look whether the server runs; {_KEPT}"),
    "28": ("refused the user or the password ({detail})", "look at both in the URL, or at PGPASSWORD"),
    "3D000": ("is not there ({detail})", "make it: createdb NAME"),
    "25006": ("is read-only ({detail})", "give the address of the primary server"),
    "42501": (
        "does not let this user do that ({detail})",
        "the user needs the right to make tables: GRANT CREATE ON SCHEMA public TO ...",
    ),
    "42": _CHANGED,
    "53100": ("cannot grow: its disk is full ({detail})", f"free some space and start again; {_KEPT}"),
    "53300": ("has too many connections ({detail})", "start fewer workers, or raise max_connections"),
    "55P03": (
        "is locked: another connection has held a lock for longer than {timeout:g} seconds",
        "end that connection or wait for it, and start again",
    ),
    "57P": ("was stopped, or is starting ({detail})", f"start again when it runs; {_KEPT}"),
}
"""By SQLSTATE, or how it begins; the first that fits."""

_BEFORE_IT_LETS_ONE_IN = {
    "password authentication failed": "28P01",
    "no password supplied": "28P01",
    "no pg_hba.conf entry": "28000",
    "the database system is": "57P03",
    "too many clients": "53300",
    "does not exist": "3D000",
}
"""SQLSTATEs of the messages that come without one, since there is no connection yet."""


def explained(error: SQLAlchemyError, where: str, timeout: float) -> StorageError:
    """The error as one of ours, which says what to do. ``where`` is the database without its password."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(cause, sqlite3.Error):
        what, help = _SQLITE.get(_sqlite_code(error), _OTHER)
    else:
        state = _state(error)
        what, help = next((said for known, said in _POSTGRESQL.items() if state.startswith(known)), _OTHER)
    detail = str(cause or error).strip().splitlines()[0]
    return StorageError(f"{where}: {what.format(detail=detail, timeout=timeout)}", help=help)


def _sqlite_code(error: SQLAlchemyError) -> int:
    """SQLite's primary result code, or 0."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    return int(getattr(cause, "sqlite_errorcode", 0)) & 0xFF


def is_passing(error: SQLAlchemyError) -> bool:
    """May the same transaction go well a moment later? So it is where PostgreSQL was lost, restarts, or ended
    one of two transactions that waited for each other. For SQLite's locks SQLite itself has waited
    already."""
    return _state(error)[:2] in ("08", "40") or _state(error)[:3] in ("57P", "533")


def _state(error: SQLAlchemyError) -> str:
    """The SQLSTATE of PostgreSQL, guessed where there is none; empty for SQLite's errors."""
    if not isinstance(error, DBAPIError) or isinstance(error.orig, sqlite3.Error):
        return ""
    state = getattr(error.orig, "sqlstate", None)
    if state:
        return str(state)
    text = str(error.orig)
    guessed = next((code for words, code in _BEFORE_IT_LETS_ONE_IN.items() if words in text), "")
    lost = error.connection_invalidated or isinstance(error, OperationalError)
    return guessed or ("08006" if lost else "")
