"""Workers: processes that train batches of a study, and the sign of life they give.

A worker that has given none for as long as its lease is taken for dead, and so is one of this machine whose
process is no more. That may be wrong, of a process that was stopped or a machine that slept: it decides who
trains a batch, never whose results count (:mod:`steelyard.tuning.storage.batches`).
"""

from __future__ import annotations

import os
import platform
import threading
import uuid
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, func, insert, select, update

from steelyard.errors import StorageError
from steelyard.tuning.storage import schema
from steelyard.tuning.storage.database import Database

LEASE = 30.0
"""Seconds without a sign of life after which a worker is taken for dead, unless it says otherwise."""
_BEATS = 5
"""Signs of life in the time of a lease."""


@dataclass(frozen=True)
class Process:
    """A process among all on all machines. ``started`` is empty where the system does not tell."""

    host: str
    pid: int
    started: str


def this_process() -> Process:
    """The process that asks."""
    return Process(_host(), os.getpid(), _started(os.getpid()) or "")


def is_gone(process: Process) -> bool:
    """Is it certain that the process has ended? Only those of this machine can be told."""
    if process.host != _host():
        return False
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # somebody else's, and alive
    return _started(process.pid) not in (process.started, None)


class Worker:
    """A process at work on a study. Used as a context: a thread gives the signs of life until it is left.

    ``id`` is its name in the database.
    """

    def __init__(self, database: Database, study: int, lease: float) -> None:
        self.id = uuid.uuid4().hex
        self._database = database
        self._study = study
        self._lease = lease
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="steelyard-heartbeat", daemon=True)

    def __enter__(self) -> Worker:
        me = this_process()
        row = {
            "worker": self.id,
            "study_id": self._study,
            "host": me.host,
            "pid": me.pid,
            "started": me.started,
            "lease": self._lease,
            "heartbeat": schema.now(),
        }
        self._database.write(lambda connection: connection.execute(insert(schema.workers).values(row)))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(timeout=1.0)
        with suppress(StorageError):  # its heartbeat stops anyhow
            self._database.write(self._leave, durable=False)

    def _beat(self) -> None:
        alive = (
            update(schema.workers).where(schema.workers.c.worker == self.id).values(heartbeat=schema.now())
        )
        while not self._over.wait(self._lease / _BEATS):
            with suppress(StorageError):  # whoever claims or commits will hear of it
                self._database.write(lambda connection: connection.execute(alive), durable=False)

    def _leave(self, connection: Connection) -> None:
        batches = schema.batches
        connection.execute(
            update(batches)
            .where(batches.c.worker == self.id, batches.c.state == "running")
            .values(state="released", worker=None)
        )
        connection.execute(
            update(schema.workers).where(schema.workers.c.worker == self.id).values(ended=schema.now())
        )


def count_alive(connection: Connection, study: int) -> int:
    """How many workers a study has, by their signs of life."""
    workers = schema.workers
    alive = workers.c.heartbeat + workers.c.lease > schema.now()
    found = select(func.count()).where(workers.c.study_id == study, workers.c.ended.is_(None), alive)
    return connection.execute(found).scalar_one()


@cache
def _host() -> str:
    """A name of this machine since it was started, and of the part of its processes that can be seen from
    here: containers may have the same name and numbers of processes."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{platform.node()} {boot} {Path('/proc/self/ns/pid').readlink()}"
    return f"{platform.node()} {uuid.getnode():x}"


def _started(pid: int) -> str | None:
    """When a process started, by the system's own count; empty if it has ended, None if that cannot be
    told."""
    try:
        # The name in parentheses may hold anything; what follows the last one is: state, parent, ...
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return "" if fields[0] in "ZX" else fields[19]
