"""The seeds of models: repeatable, unlike each other, apart from threads and scans."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.errors import RecipeError
from steelyard.keras import seeding, utils


@pytest.fixture(autouse=True)
def the_process_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(seeding, "_PROCESS", seeding.SeedSequence(0))
    states = random.getstate(), np.random.get_state()
    yield
    random.setstate(states[0])
    np.random.set_state(states[1])


def take(count: int) -> list[int]:
    return [seeding.next_seed() for _ in range(count)]


def test_models_differ_and_programs_repeat() -> None:
    first = take(5)
    assert len(set(first)) == 5
    seeding.restart(0)
    assert take(5) == first


@given(st.integers(0, 2**32 - 1))
def test_seeds_are_what_the_engine_takes(start: int) -> None:
    with seeding.seeded(start):
        assert all(0 <= seed < 2**63 for seed in take(3))


def test_neighbouring_starts_share_no_seed() -> None:
    drawn = []
    for start in range(20):
        seeding.restart(start)
        drawn += take(20)
    assert len(set(drawn)) == len(drawn)


def test_a_block_has_seeds_of_its_own_and_gives_the_others_back() -> None:
    expected = take(2)
    seeding.restart(0)
    first = take(1)
    with seeding.seeded(7):
        inner = take(2)
        utils.set_random_seed(7)  # a model function may do this itself
        assert take(2) == inner
    assert first + take(1) == expected
    with pytest.raises(KeyError), seeding.seeded(1):
        raise KeyError
    with seeding.seeded(7):
        assert take(2) == inner


def test_threads_share_the_process_and_not_the_block() -> None:
    expected = sorted(take(200))
    seeding.restart(0)
    drawn: list[int] = []
    with seeding.seeded(3):
        threads = [threading.Thread(target=lambda: drawn.extend(take(50))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(drawn) == expected


def test_set_random_seed_starts_python_numpy_and_models() -> None:
    def numbers() -> tuple[float, float, int]:
        return random.random(), float(np.random.rand()), seeding.next_seed()

    utils.set_random_seed(12)
    first = numbers()
    assert numbers() != first
    utils.set_random_seed(12)
    assert numbers() == first
    with pytest.raises(RecipeError, match="K210: set_random_seed: seed is -1; it must be at least 0"):
        utils.set_random_seed(-1)


def test_set_random_seed_draws_as_in_keras(keras: object) -> None:
    utils.set_random_seed(5)
    ours = random.random(), np.random.rand()
    keras.utils.set_random_seed(5)  # type: ignore[attr-defined]  # a module
    assert (random.random(), np.random.rand()) == ours
