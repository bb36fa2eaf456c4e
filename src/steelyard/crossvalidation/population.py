"""Trainings on folds as populations, as large as memory allows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from steelyard.data import Table
from steelyard.engine import Decision, EpochEnd, OnEpoch
from steelyard.folds import Fold
from steelyard.jobs import Task, prepare, train_together
from steelyard.memory import MOST_BYTES, network_bytes, rows_bytes
from steelyard.recipe import Recipe
from steelyard.run import Run, RunStatus


@dataclass(frozen=True, eq=False)
class Outcome:
    """The networks of one training on one fold; these are given by their numbers."""

    fold: int
    training: int
    task: Task
    runs: Sequence[Run]


def train_on_folds(
    table: Table,
    folds: Sequence[Fold],
    trainings: Sequence[Recipe],
    *,
    seeds: int,
    seed: int,
    threads: int | None,
    on_epoch: OnEpoch | None,
    tell: Callable[[str], None],
) -> Iterator[list[Outcome]]:
    """Populations, trained; all trainings of a fold come before those of the next.

    ``seed`` is that of the first network of the first fold, and those of the next fold follow after its
    ``seeds`` networks: all trainings start alike on a fold, but no two folds do. (A lucky start that all
    folds share would pass for a merit of its recipe: Bouthillier et al. 2021, arXiv 2103.03098.) After Ctrl-C
    the population that was interrupted is the last.
    """
    done = 0
    for batch in _batches(_prepared(table, folds, trainings, seeds, seed, tell), seeds):
        tell("training")
        watch = None if on_epoch is None else _renumbered(on_epoch, done * seeds)
        tasks = [task for _, _, task in batch]
        trained = train_together(table, tasks, seeds, threads=threads, on_epoch=watch)
        done += len(tasks)
        yield [Outcome(*place, runs) for place, runs in zip(batch, trained, strict=True)]
        if any(run.status is RunStatus.INTERRUPTED for runs in trained for run in runs):
            return


_Place = tuple[int, int, Task]
"""Number of the fold, number of the training, and both as a task."""


def _prepared(
    table: Table,
    folds: Sequence[Fold],
    trainings: Sequence[Recipe],
    seeds: int,
    seed: int,
    tell: Callable[[str], None],
) -> Iterator[_Place]:
    for number, fold in enumerate(folds):
        tell(f"preparing fold {number + 1} of {len(folds)}")
        for training, recipe in enumerate(trainings):
            yield number, training, prepare(table, recipe, fold.split, seed=seed + number * seeds)


def _batches(places: Iterable[_Place], seeds: int) -> Iterator[list[_Place]]:
    """As many tasks together as memory allows, at least one."""
    batch: list[_Place] = []
    taken = 0
    for place in places:
        size = rows_bytes(place[2]) + seeds * network_bytes(place[2])
        if batch and taken + size > MOST_BYTES:
            yield batch
            batch, taken = [], 0
        batch.append(place)
        taken += size
    if batch:
        yield batch


def _renumbered(on_epoch: OnEpoch, before: int) -> OnEpoch:
    """Job numbers that go on where the last population ended."""

    def watch(end: EpochEnd) -> Decision | None:
        return on_epoch(dataclasses.replace(end, job=end.job + before))

    return watch
