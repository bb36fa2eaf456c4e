"""Ray, on a real cluster: several nodes, which are processes of this machine.

Starting the nodes takes most of the time of these tests, so they share them.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import steelyard
from steelyard.data import Table
from steelyard.errors import RecipeError, SteelyardError
from steelyard.recipe import Change, Recipe, apply
from steelyard.tuning import Ending, draft
from steelyard.tuning.events import BatchBegun, BatchDone, Event
from steelyard.tuning.executors import Batch, RayExecutor
from steelyard.tuning.executors.build import Build, build
from steelyard.tuning.executors.ray import train
from tests.tuning.same import assert_same_trials

ray = pytest.importorskip("ray", reason="needs the extra ray")
cluster_utils = pytest.importorskip("ray.cluster_utils", reason="needs the extra ray")

# Ray leaves files of its processes to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

SPACE: dict[str, Any] = {"optimizer.learning_rate": (1e-4, 1e-1), "training.batch_size": [16, 32]}


@pytest.fixture(scope="module", autouse=True)
def environment() -> Iterator[None]:
    """No cluster but those made here, no report to Ray's makers, and no token left in the home folder, which
    a process would ask of the nodes below too once it has started a cluster with one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("RAY_ADDRESS", raising=False)
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_AUTH_MODE", "disabled")
        yield


@dataclass(frozen=True)
class Nodes:
    cluster: Any
    address: str
    to_kill: Any


@pytest.fixture(scope="module")
def cluster() -> Iterator[Nodes]:
    """A head without CPUs, and two nodes with one each."""
    memory = {"object_store_memory": 80 * 2**20}
    made = cluster_utils.Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False, **memory}
    )
    nodes = [made.add_node(num_cpus=1, **memory) for _ in range(2)]
    yield Nodes(made, made.address, nodes[1])
    made.shutdown()


def search(table: Table, recipe: Recipe, **more: Any) -> steelyard.Study:
    return steelyard.tune(
        table, SPACE, recipe=recipe, sampler="random", trials=12, folds=2, batch=2, refit=False, **more
    )


def test_ctrl_c(table: Table, quick: Recipe, cluster: Nodes, tmp_path: Path) -> None:
    """Before a node is killed below, since it stays dead."""

    def interrupt(event: Event) -> None:
        if isinstance(event, BatchDone):
            raise KeyboardInterrupt

    storage = tmp_path / "s.db"
    found = search(table, quick, executor="ray", address=cluster.address, storage=storage, on_event=interrupt)
    assert found.ending is Ending.INTERRUPTED and found.finished == 2
    assert not ray.is_initialized(), "it was connected for the search alone"
    assert_same_trials(search(table, quick, storage=storage).trials, search(table, quick).trials)


def test_a_node_is_killed_in_the_middle(
    table: Table, quick: Recipe, cluster: Nodes, capfd: pytest.CaptureFixture[str]
) -> None:
    slow = apply(quick, Change("training.epochs", 600))
    begun: list[int] = []
    done_before: list[int] = []
    busy_when_killed: list[int] = []
    killed = threading.Event()

    def kill() -> None:
        while ray.available_resources().get("CPU", 0.0) > 0.0:
            time.sleep(0.02)
        busy_when_killed.append(len(begun) - len(done_before))
        cluster.cluster.remove_node(cluster.to_kill, allow_graceful=False)
        killed.set()

    killer = threading.Thread(target=kill)

    def watch(event: Event) -> None:
        if isinstance(event, BatchBegun):
            begun.append(event.batch.number)
            if len(begun) == 2:  # one for each node
                killer.start()
        if isinstance(event, BatchDone):
            assert event.kept
            if not killed.is_set():
                done_before.append(event.batch.number)

    found = search(table, slow, executor="ray", address=cluster.address, on_event=watch)
    killer.join()
    assert not done_before and busy_when_killed == [2], "both nodes had a batch that was not done"
    assert found.ending is Ending.COMPLETE
    assert_same_trials(found.trials, search(table, slow).trials)
    told = capfd.readouterr()
    assert told.out == "", "Ray keeps its troubles to itself"


def test_what_a_node_cannot_do(table: Table, quick: Recipe, cluster: Nodes) -> None:
    plan = draft(table, SPACE, recipe=quick, sampler="random", trials=4, folds=2, batch=2).plan
    ray.init(address=cluster.address, log_to_driver=False)
    try:
        with pytest.raises(SteelyardError, match="no node of the Ray cluster has 7 CPUs; the largest has 1"):
            RayExecutor(table, plan, threads=7)
        with pytest.raises(SteelyardError, match="threads: must be at least 1"):
            RayExecutor(table, plan, threads=0)
        executor = RayExecutor(table, plan)
        wrong = {"optimizer.learning_rate": "high", "training.batch_size": 16}
        executor.submit(Batch(0, (0,), (wrong,)))
        with pytest.raises(RecipeError, match="learning_rate"):
            while executor.next_finished(1.0) is None:
                pass
        die = ray.remote(lambda *_: os._exit(1))
        executor._task = die.options(num_cpus=1, max_retries=0)
        executor.submit(Batch(0, (0,), ({},)))
        with pytest.raises(SteelyardError, match=r"Ray: batch 0 was lost .* died unexpectedly"):
            while executor.next_finished(1.0) is None:
                pass
        executor.close()
        assert ray.is_initialized(), "a connection that was there stays"
    finally:
        ray.shutdown()


def test_other_instructions_are_told(table: Table, quick: Recipe, cluster: Nodes) -> None:
    plan = draft(table, SPACE, recipe=quick, sampler="random", trials=1, folds=2, batch=1).plan
    there = {"STEELYARD_INSTRUCTION_SET": "baseline"}
    ray.init(address=cluster.address, log_to_driver=False, runtime_env={"env_vars": there})
    try:
        executor = RayExecutor(table, plan)
        assert executor.notes == ()
        executor.submit(Batch(0, (0,), ({"optimizer.learning_rate": 0.01, "training.batch_size": 16},)))
        while executor.next_finished(1.0) is None:
            pass
        if build().instruction_set == "baseline":
            assert executor.notes == ()
        else:
            assert "compute with baseline instructions" in executor.notes[0]
        executor.close()
    finally:
        ray.shutdown()


def test_a_cluster_of_its_own(table: Table, quick: Recipe) -> None:
    found = search(table, quick, executor="ray", address="local")
    assert not ray.is_initialized()
    assert_same_trials(found.trials, search(table, quick).trials)


def test_another_version_on_a_node() -> None:
    ours = build()
    asked_by = Build(f"{ours.version}.1", ours.instruction_set)
    with pytest.raises(SteelyardError, match=f"the search was started with {asked_by.name}"):
        train([], Batch(0, (0,), ({},)), 1, asked_by)


def test_no_cluster_at_the_address(table: Table, quick: Recipe) -> None:
    with pytest.raises(SteelyardError, match=r"there is no cluster at '127.0.0.1:1' .*refused"):
        search(table, quick, executor="ray", address="127.0.0.1:1")


def test_ray_is_missing(table: Table, quick: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SteelyardError, match=r"pip install 'steelyard\[ray\]'"):
        search(table, quick, executor="ray")
