"""Who is alive, who is taken for dead, and what becomes of the batches of both."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from steelyard.tuning.storage import Claim, Storage, StudyStore, Worker, open_storage
from steelyard.tuning.storage.address import address_of
from steelyard.tuning.storage.workers import Process, is_gone, this_process
from tests.processes import Child
from tests.tuning.storage.samples import do, plan, point, trials

T = TypeVar("T")


@pytest.fixture
def storage(storage_url: str) -> Iterator[Storage]:
    with open_storage(storage_url) as opened:
        yield opened


@pytest.fixture
def store(storage: Storage) -> StudyStore:
    return storage.create_or_load("s", plan(), 8)


def execute(url: str, statement: str) -> None:
    with create_engine(address_of(url), poolclass=NullPool).begin() as connection:
        connection.execute(text(statement))


def wait_for(condition: Callable[[], T]) -> T:
    """What it gives, once that is something."""
    end = time.monotonic() + 30
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)
    return found


def holding(store: StudyStore, worker: Worker) -> Claim:
    claim = store.claim(worker)
    assert claim is not None
    assert store.put_points(claim, claim.points or [point(number) for number in claim.numbers])
    return claim


def test_this_process_is_not_gone_and_those_of_others_may_be_alive() -> None:
    me = this_process()
    assert me.pid == os.getpid()
    assert not is_gone(me)
    assert not is_gone(Process("another machine", 2**22 + 1, "1"))
    assert not is_gone(Process(me.host, 1, Path("/proc/1/stat").read_text().rpartition(")")[2].split()[19]))


def test_a_process_that_ended_is_gone_before_anybody_asked_for_its_exit_code() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        stat = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
        process = Process(this_process().host, child.pid, stat[19])
        assert not is_gone(process)
        assert is_gone(Process(process.host, process.pid, "1")), "another one has its number now"
        child.kill()
        wait_for(lambda: is_gone(process))
    assert is_gone(process)


def test_a_killed_worker_of_this_machine_is_replaced_at_once(storage_url: str, store: StudyStore) -> None:
    read, write = os.pipe()

    def hold() -> None:
        with open_storage(storage_url) as mine:
            held = mine.load("s")
            holding(held, held.register_worker(lease=3600).__enter__())
            os.write(write, b"x")
            signal.pause()

    child = Child(hold)
    assert os.read(read, 1) == b"x"
    with store.register_worker() as worker:
        claims = [store.claim(worker), store.claim(worker)]
        assert [claim and claim.batch for claim in claims] == [1, None], "it is alive"
        child.kill(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        claim = store.claim(worker)
        assert claim is not None
        assert claim.batch == 0
        assert claim.points == tuple(point(number) for number in claim.numbers)
    os.close(read)
    os.close(write)


def test_a_worker_that_was_thought_dead_comes_back(storage_url: str, store: StudyStore) -> None:
    """It is stopped for longer than its lease, as a machine that sleeps is."""
    read, write = os.pipe()

    def hold() -> None:
        with open_storage(storage_url) as mine:
            held = mine.load("s")
            with held.register_worker(lease=0.5) as worker:
                claim = holding(held, worker)
                os.write(write, b"x")
                end = time.monotonic() + 60
                while held.progress().finished == 0:
                    assert time.monotonic() < end
                    time.sleep(0.02)
                assert not held.commit(claim, trials(claim.numbers)), "somebody else has it"
                assert [one.batch for one in do(held, worker)] == [1], "it goes on with what is left"

    child = Child(hold)
    assert os.read(read, 1) == b"x"
    child.kill(signal.SIGSTOP)
    with ExitStack() as winner:

        def take() -> Claim | None:
            """The batch of the child; a worker who gets the other one leaves it and goes."""
            with ExitStack() as stack:
                claim = store.claim(stack.enter_context(store.register_worker()))
                if claim is None or claim.batch != 0:
                    return None
                winner.push(stack.pop_all())
                return claim

        taken = wait_for(take)
        assert taken is not None
        assert store.commit(taken, trials(taken.numbers))
        child.kill(signal.SIGCONT)
        assert child.wait() == 0
    assert store.progress().complete == 7
    assert len(store.optuna().trials) == 8
    os.close(read)
    os.close(write)


def test_signs_of_life_keep_a_worker_of_another_machine_alive(storage_url: str, store: StudyStore) -> None:
    with store.register_worker(lease=0.5) as far, store.register_worker() as near:
        held = holding(store, far)
        execute(storage_url, f"UPDATE steelyard_workers SET host = 'far' WHERE worker = '{far.id}'")
        other = store.claim(near)
        assert other is not None and other.batch == 1
        time.sleep(1.0)
        assert store.claim(near) is None
        assert store.progress().workers == 2
        assert store.commit(held, trials(held.numbers))


def test_without_signs_of_life_its_batch_is_taken_over(storage_url: str, store: StudyStore) -> None:
    with store.register_worker(lease=3600) as far, store.register_worker() as near:
        held = holding(store, far)
        execute(
            storage_url,
            "UPDATE steelyard_workers SET host = 'far', heartbeat = heartbeat - 3601"
            f" WHERE worker = '{far.id}'",
        )
        assert store.progress().workers == 1
        again = store.claim(near)
        assert again is not None and again.batch == held.batch
        assert not store.commit(held, trials(held.numbers))
        assert store.commit(again, trials(again.numbers))
        assert not store.commit(held, trials(held.numbers))


def test_a_batch_whose_worker_is_not_known_is_taken_over(storage_url: str, store: StudyStore) -> None:
    with store.register_worker() as lost, store.register_worker() as near:
        holding(store, lost)
        execute(storage_url, f"DELETE FROM steelyard_workers WHERE worker = '{lost.id}'")
        again = store.claim(near)
        assert again is not None and again.batch == 0


def test_a_heartbeat_survives_a_locked_database(tmp_path: Path) -> None:
    with open_storage(tmp_path / "s.db", timeout=0.05) as storage:
        store = storage.create_or_load("s", plan(), 8)
        with store.register_worker(lease=0.25) as worker:
            with closing(sqlite3.connect(tmp_path / "s.db", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                time.sleep(0.4)
                assert store.progress().workers == 0
                other.execute("ROLLBACK")
            wait_for(lambda: store.progress().workers == 1)
            assert worker._thread.is_alive()
