"""The seeds of models: one after another from a generator of the whole process, as in Keras.

So a program gives the same numbers each time it runs, while two models built one after the other differ.
``steelyard.keras.utils.set_random_seed`` starts the sequence anew.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np


class SeedSequence:
    """Seeds that follow from a first one: the same each time, unlike each other. Safe among threads."""

    def __init__(self, start: int) -> None:
        self._lock = threading.Lock()
        self.restart(start)

    def restart(self, start: int) -> None:
        """Begins the sequence of ``start``."""
        with self._lock:
            self._start, self._drawn = start, 0

    def next(self) -> int:
        """The next seed, from 0 to 2**63 - 1."""
        with self._lock:
            start, drawn = self._start, self._drawn
            self._drawn += 1
        # Mixed, since seeds that count upwards would be the same models for starts 1, 2, 3, one apart.
        (mixed,) = np.random.SeedSequence(start, spawn_key=(drawn,)).generate_state(1, np.uint64)
        return int(mixed >> np.uint64(1))


_PROCESS = SeedSequence(0)
_current: ContextVar[SeedSequence | None] = ContextVar("steelyard_keras_seeds", default=None)


def next_seed() -> int:
    """The seed of the next model."""
    return (_current.get() or _PROCESS).next()


def restart(seed: int) -> None:
    """Begins the sequence of ``seed``: that of the enclosing :func:`seeded` if there is one."""
    (_current.get() or _PROCESS).restart(seed)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within the block, and in no other thread, models take the seeds that follow from ``seed``."""
    token = _current.set(SeedSequence(seed))
    try:
        yield
    finally:
        _current.reset(token)
