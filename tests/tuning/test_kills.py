"""Workers that are killed at random moments, from the making of the database to the last commit."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from steelyard.data import Table
from steelyard.recipe import Recipe
from steelyard.study import Plan, Range, Space
from steelyard.tuning.executors import LocalExecutor
from steelyard.tuning.search import Ending, work
from steelyard.tuning.storage import open_storage
from steelyard.tuning.storage.address import address_of
from tests.processes import Child
from tests.tuning.same import assert_same_trials

ROUNDS, WORKERS = 10, 5
BATCH, FOLDS = 2, 2
AHEAD = 120
"""Trials that are left to do when a round begins: more than its workers can do."""
LONGEST = 0.3
"""Seconds that a worker lives at most, from its start or from its first look for a batch. Where that is too
short to finish anything, since the machine is busy, it becomes longer from round to round."""
PATIENCE = 120.0
"""Seconds after which a study that is still not complete never will be."""
EARLY = 0.2
"""Of the workers, how many are killed while they open or make the database."""


@pytest.fixture
def plan(table: Table, quick: Recipe) -> Plan:
    space = Space(parameters=(Range(path="optimizer.learning_rate", low=1e-4, high=1e-1, log=True),))
    return Plan(
        recipe=quick,
        space=space,
        sampler="random",
        folds=FOLDS,
        batch=BATCH,
        fingerprint=table.fingerprint,
    )


def test_nothing_is_lost_or_doubled_when_workers_are_killed(
    empty_url: str, table: Table, plan: Plan, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rng = random.Random(5)
    target = AHEAD
    longest = LONGEST

    def run(ready: int) -> None:
        with open_storage(empty_url) as storage:
            store = storage.create_or_load("s", plan, target)
            os.write(ready, b"x")
            until = time.monotonic() + PATIENCE
            assert work(store, LocalExecutor(table, plan, threads=1), until=until) is Ending.COMPLETE

    def one_killed() -> Callable[[], int]:
        """Starts a worker; what is returned kills it at a random moment, and is the signal that ended it."""
        read, write = os.pipe()
        worker = Child(lambda: run(write))
        os.close(write)
        early, moment = rng.random() < EARLY, rng.uniform(0, longest)

        def kill() -> int:
            if not early:
                os.read(read, 1)
            time.sleep(moment)
            worker.kill(signal.SIGKILL)
            ended_by = -worker.wait()
            os.close(read)
            return ended_by

        return kill

    finished = left_behind = 0
    for _ in range(ROUNDS):
        kills = [one_killed() for _ in range(WORKERS)]
        with ThreadPoolExecutor(WORKERS) as pool:
            ends = [done.result() for done in [pool.submit(kill) for kill in kills]]
        assert ends == [signal.SIGKILL] * WORKERS, "every worker had something to do until its end"
        with open_storage(empty_url) as storage:
            progress = storage.create_or_load("s", plan, target).progress()
        assert progress.finished >= finished, "lost"
        if progress.finished == finished:
            longest *= 1.5
        finished = progress.finished
        left_behind += progress.running
        target = -(-finished // BATCH) * BATCH + AHEAD
    assert finished, "they did something"
    assert left_behind, "and something was cut in its middle"

    last = [Child(lambda: run(os.open(os.devnull, os.O_WRONLY))) for _ in range(2)]
    assert [worker.wait() for worker in last] == [0, 0]

    with open_storage(empty_url) as storage:
        found = storage.load("s").trials(curves=True)
        total = storage.load("s").target()
    assert [trial.number for trial in found] == list(range(total))
    undisturbed = tmp_path_factory.mktemp("undisturbed") / "studies.db"
    with open_storage(undisturbed) as storage:
        store = storage.create_or_load("s", plan, total)
        work(store, LocalExecutor(table, plan))
        assert_same_trials(found, store.trials(curves=True))

    engine = create_engine(address_of(empty_url), poolclass=NullPool)
    with engine.connect() as connection:
        numbers = Counter(connection.execute(text("SELECT number FROM trials")).scalars())
        states = Counter(connection.execute(text("SELECT state FROM trials")).scalars())
        networks = Counter(connection.execute(text("SELECT number FROM steelyard_networks")).scalars())
        batches = Counter(connection.execute(text("SELECT state FROM steelyard_batches")).scalars())
        values = connection.execute(text("SELECT count(*) FROM trial_values")).scalar_one()
    assert numbers == dict.fromkeys(range(total), 1), "Optuna's tables have each trial once"
    assert states == {"COMPLETE": total}
    assert networks == dict.fromkeys(range(total), FOLDS)
    assert batches == {"finished": total // BATCH}
    assert values == total
