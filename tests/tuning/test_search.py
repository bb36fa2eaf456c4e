"""The search on a real database; what trains is scripted, except where a process is killed."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import pytest
import sqlalchemy

from steelyard.errors import SteelyardError
from steelyard.recipe import Recipe
from steelyard.study import Choice, Plan, Point, Range, SamplerName, Space, Trial, TrialState
from steelyard.tuning.events import BatchBegun, BatchDone, Event, Waiting
from steelyard.tuning.executors import Batch
from steelyard.tuning.search import Ending, work
from steelyard.tuning.storage import Storage, StudyStore, open_storage

LEARNING_RATE = "optimizer.learning_rate"


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """One for all tests, since to make its tables takes a while; each has studies of its own name in it."""
    with open_storage(tmp_path_factory.mktemp("search") / "studies.db") as opened:
        yield opened


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return str(request.node.name)


def plan(sampler: SamplerName = "random", batch: int = 2) -> Plan:
    space = Space(parameters=(Range(path=LEARNING_RATE, low=1e-4, high=1e-1, log=True),))
    return Plan(recipe=Recipe(), space=space, sampler=sampler, folds=2, batch=batch, fingerprint="0" * 16)


class Scripted:
    """Trains nothing: a trial scores its learning rate. Of the batches in hand the last one is done first."""

    def __init__(self, capacity: int = 1, before: Callable[[Batch], None] | None = None) -> None:
        self.capacity = capacity
        self.most = 0
        self.trained: list[int] = []
        self._before = before
        self._in_hand: deque[Batch] = deque()

    def submit(self, batch: Batch) -> None:
        self._in_hand.append(batch)
        self.most = max(self.most, len(self._in_hand))

    def next_finished(self, patience: float) -> tuple[Batch, list[Trial]]:
        batch = self._in_hand.pop()
        if self._before is not None:
            self._before(batch)
        self.trained.append(batch.number)
        return batch, scored(batch.numbers, batch.points)

    def close(self) -> None:
        self._in_hand.clear()


def scored(numbers: Sequence[int], points: Sequence[Point]) -> list[Trial]:
    return [
        Trial(number, point, TrialState.COMPLETE, values=(float(point[LEARNING_RATE]),))
        for number, point in zip(numbers, points, strict=True)
    ]


def points(store: StudyStore) -> dict[int, Point]:
    return {trial.number: dict(trial.point) for trial in store.trials()}


def test_every_trial_is_trained_once_in_batches(storage: Storage, name: str) -> None:
    store = storage.create_or_load(name, plan(), 7)
    events: list[Event] = []
    executor = Scripted()
    assert work(store, executor, on_event=events.append) is Ending.COMPLETE
    assert executor.trained == [0, 1, 2, 3]
    begun = [event.batch.numbers for event in events if isinstance(event, BatchBegun)]
    assert begun == [(0, 1), (2, 3), (4, 5), (6,)]
    done = [event for event in events if isinstance(event, BatchDone)]
    assert [event.progress.finished for event in done] == [2, 4, 6, 7]
    assert all(event.kept for event in done)
    trials = store.trials()
    assert [trial.number for trial in trials] == list(range(7))
    assert all(trial.values == (trial.point[LEARNING_RATE],) for trial in trials)


def test_a_finished_study_is_left_alone_until_there_is_more_to_do(storage: Storage, name: str) -> None:
    store = storage.create_or_load(name, plan(), 4)
    work(store, Scripted())
    before = points(store)
    again = Scripted()
    assert work(store, again) is Ending.COMPLETE
    assert again.trained == []
    store.extend(6)
    assert work(store, again) is Ending.COMPLETE
    assert again.trained == [2]
    assert {number: points(store)[number] for number in before} == before


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_several_batches_in_hand(storage: Storage, name: str, sampler: SamplerName) -> None:
    store = storage.create_or_load(name, plan(sampler), 12)
    executor = Scripted(capacity=3)
    assert work(store, executor) is Ending.COMPLETE
    assert executor.most == 3
    assert sorted(executor.trained) == list(range(6))
    found = points(store)
    assert len({tuple(point.values()) for point in found.values()}) == 12, "those in hand were seen"


def test_designs_do_not_depend_on_who_has_what_in_hand(storage: Storage, name: str) -> None:
    found = []
    for capacity in (1, 3):
        store = storage.create_or_load(f"{name}{capacity}", plan("random"), 9)
        work(store, Scripted(capacity))
        found.append(points(store))
    assert found[0] == found[1]


def test_a_sampler_that_learns_is_the_same_in_one_process(storage: Storage, name: str) -> None:
    found = []
    for time_ in ("once", "again"):
        store = storage.create_or_load(f"{name} {time_}", plan("tpe", batch=4), 24)
        work(store, Scripted())
        found.append(points(store))
    assert found[0] == found[1]


def test_no_batch_is_begun_after_the_deadline(storage: Storage, name: str) -> None:
    store = storage.create_or_load(name, plan(), 6)
    executor = Scripted()
    assert work(store, executor, until=time.monotonic() - 1.0) is Ending.OUT_OF_TIME
    assert executor.trained == []


def test_batches_in_hand_are_finished_after_the_deadline(storage: Storage, name: str) -> None:
    store = storage.create_or_load(name, plan(), 6)
    until = time.monotonic() + 0.3
    executor = Scripted(before=lambda batch: time.sleep(0.4))
    assert work(store, executor, until=until) is Ending.OUT_OF_TIME
    assert executor.trained == [0]
    assert store.progress().finished == 2
    assert work(store, Scripted()) is Ending.COMPLETE


def test_an_interrupted_batch_runs_again_with_the_same_points(storage: Storage, name: str) -> None:
    store = storage.create_or_load(name, plan("tpe"), 6)
    seen: dict[int, Sequence[Point]] = {}

    def interrupt(batch: Batch) -> None:
        seen[batch.number] = batch.points
        if batch.number == 1:
            raise KeyboardInterrupt

    assert work(store, Scripted(before=interrupt)) is Ending.INTERRUPTED
    assert store.progress().finished == 2
    again = Scripted()
    assert work(store, again) is Ending.COMPLETE
    assert again.trained == [1, 2]
    assert [points(store)[number] for number in (2, 3)] == [dict(point) for point in seen[1]]


def test_a_batch_that_cannot_be_trained_is_given_back(storage: Storage, name: str) -> None:
    store = storage.create_or_load(name, plan(), 4)

    def fail(batch: Batch) -> None:
        raise SteelyardError("the disk is on fire")

    with pytest.raises(SteelyardError, match="on fire"):
        work(store, Scripted(before=fail))
    again = Scripted()
    assert work(store, again) is Ending.COMPLETE
    assert again.trained == [0, 1]


def test_it_waits_for_others_and_takes_over_what_they_give_back(storage: Storage, name: str) -> None:
    store = storage.create_or_load(name, plan(), 2)
    waited = []
    with ExitStack() as others:
        assert store.claim(others.enter_context(store.register_worker())) is not None

        def watch(event: Event) -> None:
            if isinstance(event, Waiting):
                waited.append(event)
                others.close()

        executor = Scripted()
        assert work(store, executor, on_event=watch) is Ending.COMPLETE
    assert waited
    assert executor.trained == [0]


def test_it_waits_for_others_who_finish(storage: Storage, name: str) -> None:
    store = storage.create_or_load(name, plan(), 2)
    with store.register_worker() as other:
        theirs = store.claim(other)
        assert theirs is not None
        asked = [{LEARNING_RATE: 0.01}, {LEARNING_RATE: 0.02}]
        assert store.put_points(theirs, asked)

        def watch(event: Event) -> None:
            if isinstance(event, Waiting):
                assert store.commit(theirs, scored(theirs.numbers, asked))

        executor = Scripted()
        assert work(store, executor, on_event=watch) is Ending.COMPLETE
    assert executor.trained == []
    assert store.progress().finished == 2


def test_waiting_ends_with_the_deadline(storage: Storage, name: str) -> None:
    store = storage.create_or_load(name, plan(), 2)
    with store.register_worker() as other:
        assert store.claim(other) is not None
        assert work(store, Scripted(), until=time.monotonic() + 0.2) is Ending.OUT_OF_TIME


def test_a_batch_that_was_taken_over_is_not_kept_twice(storage: Storage, name: str) -> None:
    store = storage.create_or_load(name, plan(), 2)
    kept: list[bool] = []

    def lose(batch: Batch) -> None:
        """As if this process had slept for longer than its lease, and another one had trained the batch."""
        let_workers_look_dead(storage)
        with store.register_worker() as other:
            claim = store.claim(other)
            assert claim is not None and claim.points is not None
            assert store.commit(claim, scored(batch.numbers, claim.points))

    def watch(event: Event) -> None:
        if isinstance(event, BatchDone):
            kept.append(event.kept)

    assert work(store, Scripted(before=lose), on_event=watch) is Ending.COMPLETE
    assert kept == [False]
    assert [trial.number for trial in store.trials()] == [0, 1]


def let_workers_look_dead(storage: Storage) -> None:
    engine = sqlalchemy.create_engine(storage.address)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE steelyard_workers SET heartbeat = heartbeat - 3600"))
    engine.dispose()


def test_a_choice_can_be_searched_too(storage: Storage, name: str) -> None:
    space = Space(parameters=(Choice(path=LEARNING_RATE, values=(0.1, 0.2, 0.3)),))
    store = storage.create_or_load(name, plan("grid").model_copy(update={"space": space}), 3)
    assert work(store, Scripted()) is Ending.COMPLETE
    assert [point[LEARNING_RATE] for point in points(store).values()] == [0.1, 0.2, 0.3]
