"""One study in a database, from its first trial to its last, on both kinds of database."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import optuna
import pytest

from steelyard.study import TrialState
from steelyard.tuning.storage import Progress, Storage, StudyStore, open_storage
from tests.tuning.storage.samples import (
    ACTIVATION,
    LEARNING_RATE,
    assert_same,
    do,
    plan,
    point,
    trial,
    trials,
)


@pytest.fixture
def storage(storage_url: str) -> Iterator[Storage]:
    with open_storage(storage_url) as opened:
        yield opened


@pytest.fixture
def store(storage: Storage) -> StudyStore:
    return storage.create_or_load("s", plan(), 10)


def test_what_is_committed_is_read_bit_by_bit(storage: Storage, store: StudyStore) -> None:
    with store.register_worker() as worker:
        claims = do(store, worker)
    assert [list(claim.numbers) for claim in claims] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    again = storage.load("s")
    for found, bare, expected in zip(
        again.trials(curves=True), again.trials(), trials(range(10)), strict=True
    ):
        assert_same(found, expected)
        assert_same(bare, expected, curves=False)
    assert again.progress() == Progress(target=10, complete=9, pruned=1, running=0, workers=0)
    assert again.plan == plan()


def test_nothing_of_a_batch_but_its_points_is_there_before_it_is_committed(store: StudyStore) -> None:
    with store.register_worker() as worker:
        claim = store.claim(worker)
        assert claim is not None and claim.points is None
        assert store.trials() == []
        assert store.put_points(claim, [point(number) for number in claim.numbers])
        for found in (store.trials(curves=True), store.known()):
            assert [one.state for one in found] == [TrialState.RUNNING] * 4
            assert [one.point for one in found] == [point(number) for number in range(4)]
            assert all(one.values is None and one.networks == () for one in found)
        assert store.progress() == Progress(target=10, complete=0, pruned=0, running=4, workers=1)


def test_two_workers_never_get_the_same_batch(store: StudyStore) -> None:
    with store.register_worker() as one, store.register_worker() as other:
        claims = [store.claim(worker) for worker in (one, other, one, other)]
        assert [claim and claim.batch for claim in claims] == [0, 1, 2, None]
        assert store.waiting(one) == 1
        assert store.waiting(other) == 2


def test_a_batch_that_was_given_back_is_claimed_again_with_its_points(store: StudyStore) -> None:
    with store.register_worker() as one:
        first = store.claim(one)
        assert first is not None
        store.put_points(first, [point(number) for number in first.numbers])
    with store.register_worker() as other:
        assert not store.commit(first, trials(first.numbers)), "it is not this worker's any more"
        again = store.claim(other)
        assert again is not None
        assert (again.batch, again.numbers) == (first.batch, first.numbers)
        assert again.points == tuple(point(number) for number in first.numbers)
        assert again.token != first.token
        assert not store.put_points(first, [point(number) for number in first.numbers])
        assert store.commit(again, trials(again.numbers))
        assert not store.commit(first, trials(first.numbers))
        assert [one.number for one in store.trials()] == [0, 1, 2, 3]


def test_a_commit_or_points_that_arrive_twice_count_once(store: StudyStore) -> None:
    with store.register_worker() as worker:
        claim = store.claim(worker)
        assert claim is not None
        for _ in range(2):
            assert store.put_points(claim, [point(number) for number in claim.numbers])
        for _ in range(2):
            assert store.commit(claim, trials(claim.numbers))
        assert len(store.trials()) == 4
        assert len(store.optuna().trials) == 4


def test_a_worker_that_leaves_gives_its_batches_back(store: StudyStore) -> None:
    with store.register_worker() as one:
        claim = store.claim(one)
        assert claim is not None
    with store.register_worker() as other:
        again = store.claim(other)
        assert again is not None and again.batch == claim.batch


def test_trials_are_added_after_a_part_batch(storage: Storage, store: StudyStore) -> None:
    with store.register_worker() as worker:
        do(store, worker)
        assert store.claim(worker) is None
        store.extend(9)
        assert store.target() == 10, "it never shrinks"
        store.extend(13)
        assert [list(claim.numbers) for claim in do(store, worker)] == [[10, 11, 12]]
    assert storage.create_or_load("s", plan(), 5).target() == 13
    assert storage.create_or_load("s", plan(), 20).target() == 20
    assert [one.number for one in store.trials()] == list(range(13))


def test_what_is_known_grows(store: StudyStore) -> None:
    with store.register_worker() as one, store.register_worker() as other:
        held = store.claim(one)
        assert held is not None
        assert store.known() == []
        do(store, other, 1)
        assert [(trial.number, trial.state) for trial in store.known()] == [
            (number, TrialState.COMPLETE) for number in range(4, 8)
        ]
        assert store.put_points(held, [point(number) for number in held.numbers])
        assert [trial.state for trial in store.known()] == [TrialState.RUNNING] * 4 + [
            TrialState.COMPLETE
        ] * 4
        assert store.commit(held, trials(held.numbers))
        do(store, other)
        for _ in range(2):
            known = store.known()
            assert [found.values for found in known] == [trial(number).values for number in range(10)]
            assert [found.point for found in known] == [point(number) for number in range(10)]


def test_results_that_are_not_those_of_the_batch_are_refused(store: StudyStore) -> None:
    with store.register_worker() as worker:
        claim = store.claim(worker)
        assert claim is not None
        with pytest.raises(ValueError, match="4 points are needed; found 1"):
            store.put_points(claim, [point(0)])
        store.put_points(claim, [point(number) for number in claim.numbers])
        with pytest.raises(ValueError, match="in this order"):
            store.commit(claim, trials([0, 1, 2, 4]))
        with pytest.raises(ValueError, match="must be finished"):
            store.commit(claim, store.trials())


def test_judged_trials_are_noted_once_in_order(store: StudyStore) -> None:
    assert store.judged() == ()
    for number in (7, 2, 7):
        store.add_judged(number)
    assert store.judged() == (7, 2)


def test_studies_do_not_mix(storage: Storage) -> None:
    one, other = storage.create_or_load("one", plan(), 4), storage.create_or_load("other", plan(seed=1), 8)
    with one.register_worker() as first, other.register_worker() as second:
        do(one, first)
        do(other, second, 1)
    assert storage.studies() == ["one", "other"]
    assert (one.progress().finished, other.progress().finished) == (4, 4)
    assert len(other.trials()) == 4


def test_optuna_reads_the_study(store: StudyStore, storage: Storage) -> None:
    with store.register_worker() as worker:
        do(store, worker, 2)
        claim = store.claim(worker)
        assert claim is not None
        store.put_points(claim, [point(number) for number in claim.numbers])
    url = storage.address.render_as_string(hide_password=False)
    database = optuna.storages.RDBStorage(url)
    study = optuna.load_study(study_name="s", storage=database)
    assert study.user_attrs == {"made by": "Steelyard"}
    assert study.directions == [optuna.study.StudyDirection.MAXIMIZE]
    assert [one.number for one in study.trials] == list(range(10))
    expected = ["COMPLETE", "COMPLETE", "COMPLETE", "PRUNED", *["COMPLETE"] * 4, "RUNNING", "RUNNING"]
    assert [one.state.name for one in study.trials] == expected
    for frozen, ours in zip(study.trials, trials(range(8)), strict=False):
        assert ours.values is not None
        assert frozen.value == ours.values[0]
        assert frozen.params[LEARNING_RATE] == ours.point[LEARNING_RATE]
        assert frozen.params[ACTIVATION] == ours.point[ACTIVATION]
        assert frozen.user_attrs["seconds"] == ours.seconds
        longest = max(len(network.curves["train_loss"]) for network in ours.networks)
        assert list(frozen.intermediate_values) == list(range(1, longest + 1))
        first = [network.curves["validation_average_precision"][0] for network in ours.networks]
        assert frozen.intermediate_values[1] == pytest.approx(np.mean(first, dtype=np.float64))
        assert frozen.duration is not None
    assert study.trials[5].user_attrs["diverged"] == 1
    assert study.trials[5].user_attrs["log_loss"] == "inf"
    best = max(trials([0, 1, 2, 4, 5, 6, 7]), key=lambda one: one.values or ())
    assert study.best_trial.number == best.number
    optuna.importance.get_param_importances(study)
    database.engine.dispose()
    assert len(store.optuna().trials) == 10


def test_optuna_has_all_objectives_of_a_search_for_several(storage: Storage) -> None:
    several = storage.create_or_load("s", plan(sampler="nsga2"), 8)
    with several.register_worker() as worker:
        do(several, worker)
    study = several.optuna()
    assert [direction.name for direction in study.directions] == ["MAXIMIZE", "MINIMIZE"]
    assert study.trials[5].values == [trial(5).values[0], np.inf]  # type: ignore[index]  # it is complete
    assert study.best_trials


def test_a_trial_without_a_value_has_failed_for_optuna(storage: Storage) -> None:
    store = storage.create_or_load("s", plan(batch=1, metrics=("log_loss",)), 1)
    with store.register_worker() as worker:
        claim = store.claim(worker)
        assert claim is not None
        store.put_points(claim, [point(0)])
        unknown = trial(0)
        store.commit(claim, [type(unknown)(0, unknown.point, unknown.state, (np.nan,), unknown.networks)])
    assert np.isnan(store.trials()[0].values or ()).all()
    assert store.optuna().trials[0].state.name == "FAIL"
