"""A real PostgreSQL server for tests: its own data in a temporary folder, on a free port of the loopback."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

USER, PASSWORD = "steelyard", "a p@ssword/with: everything"
_QUOTED = "a%20p%40ssword%2Fwith%3A%20everything"
_PATIENCE = 60.0


def binaries() -> Path | None:
    """The folder of initdb and postgres, the newest there is; None if PostgreSQL is not installed."""
    of_debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True
    )
    on_path = shutil.which("initdb")
    found = [*of_debian, *([Path(on_path).resolve()] if on_path else [])]
    return next((path.parent for path in found if (path.parent / "postgres").exists()), None)


class Server:
    """A server that can be stopped, crashed and started again. Its databases are made one per test."""

    def __init__(self, folder: Path, programs: Path, *, durable: bool) -> None:
        self.folder = folder
        self.programs = programs
        self.port = _free_port()
        self.log = folder / "log"
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count()
        password = folder / "password"
        password.write_text(PASSWORD)
        self._own(folder, password)
        initdb = [programs / "initdb", "-D", folder / "data", "-U", USER, "--pwfile", password]
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"]
        subprocess.run([*initdb, *options], check=True, capture_output=True, cwd=folder, **self._as_user())

    def start(self) -> None:
        """Starts, and waits until it lets one in."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 50,
            "shared_buffers": "16MB",
            "fsync": "on" if self._durable else "off",
        }
        options = itertools.chain.from_iterable(("-c", f"{key}={value}") for key, value in settings.items())
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.folder / "data", *options],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._as_user(),
            )
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                psycopg.connect(self._conninfo("postgres")).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > end or self._process.poll() is not None:
                    raise RuntimeError(f"PostgreSQL does not start: {self.log.read_text()}") from None
                time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends it in order at once, SIGQUIT as a crash would."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_PATIENCE)
            self._process = None

    def new_database(self, template: str = "template1") -> str:
        """The URL of a new database, empty or a copy of another one."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return self.url(name)

    def url(self, database: str, user: str = USER, password: str = _QUOTED) -> str:
        """As `open_storage` takes it."""
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def execute(self, url: str, *statements: str) -> None:
        """Runs SQL in a database, each statement by itself."""
        with psycopg.connect(self._conninfo(url.rpartition("/")[2]), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def _conninfo(self, database: str) -> str:
        return psycopg.conninfo.make_conninfo(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname=database
        )

    def _as_user(self) -> dict[str, object]:
        """Whom it runs as: PostgreSQL refuses to be root."""
        if os.getuid() != 0:
            return {}
        user = _unprivileged()
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def _own(self, *paths: Path) -> None:
        if os.getuid() == 0:
            for path in paths:
                os.chown(path, _unprivileged().pw_uid, _unprivileged().pw_gid)


@contextmanager
def running_server(programs: Path, *, durable: bool = False) -> Iterator[Server]:
    """A server that runs, and is gone afterwards. ``durable=False`` spares it the waits for the disk."""
    # Not below pytest's folder, which only its owner may enter.
    with tempfile.TemporaryDirectory(prefix="steelyard-postgres-") as folder:
        server = Server(Path(folder), programs, durable=durable)
        try:
            server.start()
            yield server
        finally:
            server.stop(signal.SIGQUIT)  # its data are thrown away


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
