"""Batches trained in this process, on its cores."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from steelyard.data import Table
from steelyard.jobs import Preparation
from steelyard.study import Plan, Trial
from steelyard.tuning.evaluation import Step, evaluate, parts_of
from steelyard.tuning.executors.executor import Batch

_KEPT = 16
"""Preprocessings that are kept from one batch to the next, with what was fitted on each fold: most searches
have one for all trials."""


class LocalExecutor:
    """Trains one batch after the other, each as one population on ``threads`` cores (all, if None).

    ``on_step`` is told of every epoch of every network, in the caller's thread.
    """

    capacity = 1
    notes = ()

    def __init__(
        self,
        table: Table,
        plan: Plan,
        *,
        threads: int | None = None,
        on_step: Callable[[Step], None] | None = None,
    ) -> None:
        self._table = table
        self._plan = plan
        self._parts = parts_of(table, plan)
        self._preparation = Preparation(table)
        self._threads = threads
        self._on_step = on_step
        self._waiting: deque[Batch] = deque()

    def submit(self, batch: Batch) -> None:
        """Puts the batch behind those that wait."""
        self._waiting.append(batch)

    def next_finished(self, patience: float) -> tuple[Batch, list[Trial]]:
        """Trains the batch that has waited longest, however long that takes."""
        batch = self._waiting.popleft()
        trials = evaluate(
            self._table,
            self._plan,
            batch.numbers,
            batch.points,
            threads=self._threads,
            parts=self._parts,
            preparation=self._preparation,
            on_progress=self._on_step,
        )
        self._preparation.forget(_KEPT * self._plan.folds)
        return batch, trials

    def close(self) -> None:
        """Forgets what waits."""
        self._waiting.clear()
