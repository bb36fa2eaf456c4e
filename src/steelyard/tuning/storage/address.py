"""Where a database is: a path, or a URL."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from steelyard.errors import StorageError

_SCHEME = re.compile(r"([A-Za-z][\w+.-]*)://")
_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")
_ALLOWED = "a path of an SQLite file, sqlite:///PATH or postgresql://USER@HOST/DATABASE"


def address_of(given: str | Path) -> URL:
    """The address that is meant; :class:`StorageError` if there can be no database of studies.

    A path is that of an SQLite file. PostgreSQL is spoken to by psycopg 3, whatever driver SQLAlchemy would
    take by itself.

    >>> str(address_of("postgresql://me:secret@host/studies"))
    'postgresql+psycopg://me:***@host/studies'
    """
    text = str(given)
    scheme = _SCHEME.match(text)
    if isinstance(given, Path) or scheme is None:
        return _file(text)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        # The error may quote the whole URL, and with it a password.
        raise StorageError(
            f"the URL of the database, {scheme[1]}://..., cannot be read; allowed: {_ALLOWED}"
        ) from (None if "@" in text else error)
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        if url.query or url.host:
            raise StorageError(
                f"{text}: an SQLite file is sqlite:///PATH (with a fourth / where the path begins with one),"
                " and nothing after it"
            )
        return _file(url.database or "")
    if url.drivername in _POSTGRESQL:
        if find_spec("psycopg") is None:
            raise StorageError(
                f"{url.render_as_string()}: PostgreSQL needs the package psycopg, which is not installed",
                help="pip install 'steelyard[postgres]'",
            )
        return url.set(drivername="postgresql+psycopg")
    raise StorageError(
        f"{scheme[1]}://...: Steelyard keeps studies in SQLite and PostgreSQL; give {_ALLOWED}"
    )


def _file(path: str) -> URL:
    if path in ("", ":memory:"):
        raise StorageError(
            "a database in memory cannot be shared by workers or taken up again; give the path of a file"
        )
    whole = Path(path).expanduser().absolute()
    if whole.is_dir():
        raise StorageError(f"{whole} is a folder; a database is a file: {whole / 'studies.db'}")
    if not whole.parent.is_dir():
        raise StorageError(f"{whole}: there is no folder {whole.parent}", help=f"mkdir -p {whole.parent}")
    return URL.create("sqlite", database=str(whole))
