"""Batches trained as tasks of a Ray cluster.

The table goes to the cluster's object store once, and each node fetches it from there once. A batch is a task
that takes as many CPUs as it has threads; if its process or its node is lost, Ray runs it again elsewhere,
with the same result. Steelyard must be installed on the nodes, in this version.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import threading
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from steelyard.data import Table
from steelyard.errors import SteelyardError
from steelyard.study import Plan, Trial
from steelyard.tuning.evaluation import Parts, evaluate, parts_of
from steelyard.tuning.executors.build import Build, build
from steelyard.tuning.executors.executor import Batch

RETRIES = 3
"""How often a batch is tried again after it was lost. One that is lost each time kills its workers, most
likely for want of memory."""

_REACH = 10.0
"""Seconds in which an address must answer."""
_USAGE = "RAY_USAGE_STATS_ENABLED"
"""Of a cluster that is started: does it report on its use?"""


class RayExecutor:
    """Trains as many batches at once as the cluster has room for.

    ``address`` is that of ``ray.init``: ``"auto"`` or ``"host:port"`` of a cluster that runs; with None the
    one that ``RAY_ADDRESS`` or the last ``ray start`` on this machine names, else one that is started here.
    A connection that the process already has is used, and left as it is; one that is made here is closed by
    :meth:`close`, and a cluster that is started here stopped.

    A batch takes ``threads`` CPUs; by default all of the smallest node that has any, but no more than a batch
    has networks.

    Raises:
        SteelyardError: Ray is not installed, there is no cluster at the address, or no node is that large.
    """

    def __init__(
        self,
        table: Table,
        plan: Plan,
        *,
        address: str | None = None,
        threads: int | None = None,
    ) -> None:
        self._ray = _ray()
        self._build = build()
        self._instruction_sets: set[str] = set()
        self._running: dict[Any, Batch] = {}
        material = _Material(table, plan, parts_of(table, plan))  # may complain; so before Ray is started
        self._connected_here = not self._ray.is_initialized()
        if self._connected_here:
            _connect(self._ray, address)
        with ExitStack() as undo:
            undo.callback(self.close)
            self._threads = _threads(self._sizes(), threads, plan.batch * plan.folds * plan.seeds)
            self._material = self._ray.put(material)
            undo.pop_all()
        self._task = self._ray.remote(train).options(
            num_cpus=self._threads, max_retries=RETRIES, name="steelyard batch"
        )

    @property
    def capacity(self) -> int:
        """How many batches the nodes that are alive have room for, one at least."""
        return max(1, sum(size // self._threads for size in self._sizes()))

    def submit(self, batch: Batch) -> None:
        """Hands the batch to the cluster."""
        # In a list: Ray would load a bare reference before the task could compare versions.
        task = self._task.remote([self._material], batch, self._threads, self._build)
        self._running[task] = batch

    def next_finished(self, patience: float) -> tuple[Batch, list[Trial]] | None:
        """The next batch that is done, wherever it was trained."""
        done, _ = self._ray.wait(list(self._running), num_returns=1, timeout=patience)
        if not done:
            return None
        batch = self._running.pop(done[0])
        trials, by = self._result(done[0], batch)
        self._instruction_sets.add(by.instruction_set)
        return batch, trials

    @property
    def notes(self) -> tuple[str, ...]:
        """Says so if nodes compute with other instructions than this machine."""
        others = sorted(self._instruction_sets - {self._build.instruction_set})
        if not others:
            return ()
        return (
            f"nodes of the Ray cluster compute with {' and '.join(others)} instructions, this machine with "
            f"{self._build.instruction_set}: their results differ in the last digits from those made here",
        )

    def close(self) -> None:
        """Stops the tasks in hand; and lets go of the cluster, if it was found or started here."""
        for task in self._running:
            self._ray.cancel(task, force=True)
        self._running.clear()
        if self._connected_here:
            self._ray.shutdown()
            _let_print(True)

    def _sizes(self) -> list[int]:
        """The CPUs of the nodes that have any."""
        alive = (node["Resources"].get("CPU", 0) for node in self._ray.nodes() if node["Alive"])
        return [int(size) for size in alive if size >= 1]

    def _result(self, task: Any, batch: Batch) -> tuple[list[Trial], Build]:
        errors = self._ray.exceptions
        try:
            found: tuple[list[Trial], Build] = self._ray.get(task)
        except errors.RayTaskError as error:
            raise _raised_in(error, self._build) from None
        except errors.RayError as error:
            reason = str(error).strip().partition("\n")[0]
            raise SteelyardError(
                f"Ray: batch {batch.number} was lost {RETRIES + 1} times, the last time because: {reason}",
                help="look into the logs of Ray; if workers run out of memory, let a task have more threads, "
                "so that fewer share a node, or make the batch smaller",
            ) from None
        return found


@dataclass(frozen=True, eq=False)
class _Material:
    """What all batches have in common."""

    table: Table
    plan: Plan
    parts: Parts


def train(material: Sequence[Any], batch: Batch, threads: int, asked_by: Build) -> tuple[list[Trial], Build]:
    """The task: one batch, where Ray runs it. ``material`` holds one reference to the object store."""
    here = build()
    if here.version != asked_by.version:
        raise SteelyardError(
            f"Ray: a node of the cluster has {here.name}, and the search was started with {asked_by.name}",
            help=f"install {asked_by.name} on every node",
        )
    shared: _Material = _ray().get(material[0])
    trials = evaluate(
        shared.table, shared.plan, batch.numbers, batch.points, threads=threads, parts=shared.parts
    )
    return trials, here


def _raised_in(error: Any, asked_by: Build) -> BaseException:
    """What a task raised, as it is worth telling here."""
    cause = getattr(error, "cause", None)
    if isinstance(cause, SteelyardError):
        return cause
    # A node without Steelyard cannot even load the task, and Ray tells that as text.
    if isinstance(cause, ImportError) or "No module named 'steelyard" in str(error):
        return SteelyardError(
            "Ray: a node of the cluster cannot load Steelyard",
            help=f"install {asked_by.name} on every node, in the Python that runs Ray there",
        )
    told: BaseException = error
    return told


def _threads(sizes: Sequence[int], asked: int | None, networks: int) -> int:
    """CPUs for each batch, on nodes of these sizes."""
    if asked is None:
        return min([*sizes, networks])
    if asked < 1:
        raise SteelyardError(f"threads: must be at least 1; found {asked}")
    if sizes and asked > max(sizes):
        raise SteelyardError(
            f"threads: no node of the Ray cluster has {asked} CPUs; the largest has {max(sizes)}"
        )
    return asked


def _ray() -> Any:
    # What Ray imports uses what others have deprecated; that is not the user's to mend.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            return import_module("ray")
        except ImportError as error:
            raise SteelyardError(
                f"Ray: the executor needs the package ray, which cannot be loaded ({error})",
                help="pip install 'steelyard[ray]'",
            ) from None


def _connect(ray: Any, address: str | None) -> None:
    """``ray.init``, that prints nothing, reports nothing to Ray's makers, and leaves SIGTERM to us."""
    _check_reachable(address)
    in_main = threading.current_thread() is threading.main_thread()
    on_sigterm = signal.getsignal(signal.SIGTERM)
    undecided = _USAGE not in os.environ
    if undecided:
        os.environ[_USAGE] = "0"
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, include_dashboard=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise _no_cluster(address, error) from None
    finally:
        if undecided:
            del os.environ[_USAGE]
        if in_main:
            signal.signal(signal.SIGTERM, on_sigterm)
    _let_print(False)


def _check_reachable(address: str | None) -> None:
    """Ray itself tries for more than five minutes."""
    found = re.fullmatch(r"(?:ray://)?([\w.-]+|\[[\da-fA-F:]+\]):(\d+)", address or "")
    if found is None:
        return
    try:
        socket.create_connection((found[1].strip("[]"), int(found[2])), timeout=_REACH).close()
    except (OSError, OverflowError) as error:
        raise _no_cluster(address, error) from None


def _no_cluster(address: str | None, error: Exception) -> SteelyardError:
    reason = str(error).strip().partition("\n")[0]
    return SteelyardError(
        f"Ray: there is no cluster at {address!r} that can be joined: {reason}",
        help="start one with `ray start --head`, or leave the address out",
    )


def _let_print(wanted: bool) -> None:
    """Ray prints the fate of lost workers, with their logs, on *standard output*, from a thread of its own,
    whatever ``log_to_driver`` says. This is the switch by which its debugger keeps it quiet."""
    worker = import_module("ray._private.worker")
    if hasattr(worker, "_worker_logs_enabled"):
        setattr(worker, "_worker_logs_enabled", wanted)  # noqa: B010  # as an attribute mypy finds none
