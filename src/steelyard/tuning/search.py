"""The search: batches are claimed, trained and committed until none is left.

Any number of processes may search in one study at the same time, on any machine that reaches its database.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from types import FrameType

from steelyard.study import Point
from steelyard.tuning.events import BatchBegun, BatchDone, Waiting, Watcher
from steelyard.tuning.executors import Batch, Executor
from steelyard.tuning.sampling import Proposer, design, is_adaptive
from steelyard.tuning.storage import Claim, StudyStore, Worker

POLL = 0.5
"""Seconds between two looks at what other workers do."""
PATIENCE = 2.0
"""Seconds for which a batch is waited for before it is seen whether there is room for another one."""


class Ending(StrEnum):
    """Why a search ended."""

    COMPLETE = "complete"
    """All trials that were wanted are finished."""
    OUT_OF_TIME = "out of time"
    """The deadline came first."""
    INTERRUPTED = "interrupted"
    """By Ctrl-C; what was in hand was dropped, and runs again when the search goes on."""


Ask = Callable[[Sequence[int]], Sequence[Point]]
"""Gives trials their points, by their numbers."""


def work(
    store: StudyStore,
    executor: Executor,
    *,
    ask: Ask | None = None,
    until: float | None = None,
    on_event: Watcher | None = None,
) -> Ending:
    """Trains what is left of a study, side by side with whoever else does.

    A batch is claimed, asked for, trained and committed as a whole; with a sampler that learns, it is asked
    for when all batches committed until then are known. Batches of workers that are no more are taken over.
    While the last batches are in the hands of others it waits for them: they may come back.

    Args:
        store: The study.
        executor: Where batches are trained. It stays open.
        ask: Gives trials their points; the sampler of the plan, if None.
        until: No batch is begun after this time, by :func:`time.monotonic`. Those in hand are finished.
        on_event: Told of batches, and while it waits.

    However it ends, batches in hand that are not committed are given back as the worker leaves, so that they
    are trained again: after Ctrl-C, by which it returns :attr:`Ending.INTERRUPTED`, and when something is
    raised.

    Raises:
        StorageError: the database can no longer be reached or written.
        SteelyardError: a batch cannot be trained, see :class:`~steelyard.tuning.executors.Executor`.
    """
    tell = on_event if on_event is not None else _silent
    ask = _sampler(store) if ask is None else ask
    in_hand: dict[int, Claim] = {}
    with store.register_worker() as worker:
        try:
            while True:
                in_time = until is None or time.monotonic() < until
                if in_time:
                    _fill(store, worker, executor, in_hand, ask, tell)
                if in_hand:
                    finished = executor.next_finished(PATIENCE)
                    if finished is not None:
                        batch, trials = finished
                        kept = store.commit(in_hand[batch.number], trials)
                        del in_hand[batch.number]
                        tell(BatchDone(batch, tuple(trials), kept, store.progress()))
                    continue
                progress = store.progress()
                if progress.finished >= progress.target:
                    return Ending.COMPLETE
                if not in_time:
                    return Ending.OUT_OF_TIME
                tell(Waiting(progress))
                time.sleep(POLL if until is None else min(POLL, max(until - time.monotonic(), 0.0)))
        except KeyboardInterrupt:
            return Ending.INTERRUPTED


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """Lets SIGTERM end what is inside as Ctrl-C does; afterwards the process exits, with status 143.

    Only in the main thread, and only where nobody has decided otherwise what SIGTERM does.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    terminated = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal terminated
        terminated = True
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if terminated:
            raise SystemExit(128 + signal.SIGTERM)


def _fill(
    store: StudyStore,
    worker: Worker,
    executor: Executor,
    in_hand: dict[int, Claim],
    ask: Ask,
    tell: Watcher,
) -> None:
    """Takes batches in hand as long as the executor has room."""
    while len(in_hand) < executor.capacity:
        claim = store.claim(worker)
        if claim is None:
            return
        in_hand[claim.batch] = claim
        points = claim.points or tuple(ask(claim.numbers))
        if claim.points is None and not store.put_points(claim, points):
            del in_hand[claim.batch]
            continue
        batch = Batch(claim.batch, tuple(claim.numbers), points)
        tell(BatchBegun(batch))
        executor.submit(batch)


def _sampler(store: StudyStore) -> Ask:
    """That of the plan. One that learns is asked when all batches committed until then are known."""
    plan = store.plan
    if not is_adaptive(plan.sampler):
        return lambda numbers: design(plan, numbers[0], len(numbers))
    proposer = Proposer(plan)
    return lambda numbers: proposer.propose(store.known(), len(numbers), numbers[0])


def _silent(event: object) -> None:
    """The watcher of those who do not watch."""
