"""Networks of a batch, trained as populations that fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from steelyard.data import Table
from steelyard.errors import RecipeError
from steelyard.jobs import Task, train_together
from steelyard.memory import MOST_BYTES, MOST_RESTING_BYTES, network_bytes, resting_bytes, rows_bytes
from steelyard.metrics import Metric
from steelyard.run import RunStatus
from steelyard.study import NetworkOutcome, PatiencePruning, Plan
from steelyard.tuning.evaluation.gauge import gauge_of
from steelyard.tuning.evaluation.outcome import outcome_of
from steelyard.tuning.evaluation.step import Step
from steelyard.tuning.evaluation.watch import Place, Watch
from steelyard.tuning.pruning import Referee


@dataclass(frozen=True, eq=False)
class Entry:
    """A trial on a fold, ready to train; ``trial`` is its position in the batch, ``number`` in the study."""

    trial: int
    number: int
    fold: int
    task: Task


@dataclass(frozen=True, eq=False)
class Trainer:
    """What the populations of a batch have in common."""

    table: Table
    plan: Plan
    metrics: Mapping[str, Metric]
    threads: int | None
    on_progress: Callable[[Step], None] | None
    stop: Callable[[], bool] | None

    def train(
        self, entries: Sequence[Entry], referee: Referee | None = None
    ) -> dict[tuple[int, int], list[NetworkOutcome]]:
        """The networks of each entry, by trial and fold; with a ``referee`` all in one population.

        Raises KeyboardInterrupt if it was interrupted, and :class:`~steelyard.errors.RecipeError` if there is
        a referee and not enough memory.
        """
        if referee is not None:
            self._refuse_if_large(entries)
            return self._together(entries, referee)
        found: dict[tuple[int, int], list[NetworkOutcome]] = {}
        for population in self._populations(entries):
            found |= self._together(population, None)
        return found

    def _together(
        self, entries: Sequence[Entry], referee: Referee | None
    ) -> dict[tuple[int, int], list[NetworkOutcome]]:
        gauges = [gauge_of(self.table, entry.task, self.metrics) for entry in entries]
        seeds = self.plan.seeds
        places = [
            Place(entry.trial, entry.number, entry.fold, entry.task.seed + seed, entry.task.recipe, gauge)
            for entry, gauge in zip(entries, gauges, strict=True)
            for seed in range(seeds)
        ]
        ranking = self.plan.metrics[0]
        patience = [rule for rule in self.plan.pruning if isinstance(rule, PatiencePruning)]
        watch = Watch(
            places,
            (ranking, self.metrics[ranking]),
            referee=referee,
            patience=patience,
            on_progress=self.on_progress,
            stop=self.stop,
        )
        # To be called after every epoch costs something; often all is in the history anyway.
        watched = (
            referee is not None
            or bool(patience)
            or self.on_progress is not None
            or self.stop is not None
            or any(gauge.computed for gauge in gauges)
        )
        trained = train_together(
            self.table,
            [entry.task for entry in entries],
            seeds,
            threads=self.threads,
            on_epoch=watch.on_epoch if watched else None,
            on_rest=None if referee is None else watch.on_rest,
        )
        if any(run.status is RunStatus.INTERRUPTED for runs in trained for run in runs):
            raise KeyboardInterrupt
        found = {}
        for position, (entry, gauge, runs) in enumerate(zip(entries, gauges, trained, strict=True)):
            found[entry.trial, entry.fold] = [
                outcome_of(
                    run,
                    entry.fold,
                    gauge,
                    self.metrics,
                    watch.computed(job),
                    stopped=RunStatus.STOPPED_EARLY if watch.lost_patience(job) else None,
                    reason=watch.reason(job),
                )
                for job, run in enumerate(runs, start=position * seeds)
            ]
        return found

    def _populations(self, entries: Sequence[Entry]) -> Iterator[list[Entry]]:
        """As many entries together as memory allows, at least one."""
        population: list[Entry] = []
        taken, invented = 0, set[int]()
        for entry in entries:
            size = self.plan.seeds * network_bytes(entry.task)
            if id(entry.task.resampled) not in invented:
                size += rows_bytes(entry.task)
            if population and taken + size > MOST_BYTES:
                yield population
                population, taken, invented = [], 0, set()
                size = self.plan.seeds * network_bytes(entry.task) + rows_bytes(entry.task)
            population.append(entry)
            taken += size
            invented.add(id(entry.task.resampled))
        if population:
            yield population

    def _refuse_if_large(self, entries: Sequence[Entry]) -> None:
        seeds = self.plan.seeds
        needed = seeds * sum(resting_bytes(entry.task) for entry in entries)
        if needed <= MOST_RESTING_BYTES:
            return
        trials = len({entry.trial for entry in entries})
        fitting = trials * MOST_RESTING_BYTES // needed
        raise RecipeError(
            f"batch: the {len(entries) * seeds:,} networks of {trials} trials would take "
            f"{needed / 2**30:.1f} GiB while they wait for each other to be compared; at most "
            f"{MOST_RESTING_BYTES / 2**30:.0f} GiB are allowed",
            help=(f"use batch={fitting}" if fitting > 1 else "use smaller networks or no prune")
            + ", fewer folds or seeds, or prune by folds as well, which trains one fold at a time",
        )
