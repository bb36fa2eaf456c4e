"""Batches of a scan: the model function called for every trial, fold and seed, the fits trained together."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from steelyard.engine import Decision, EpochEnd
from steelyard.keras.codes import refuse
from steelyard.keras.fitting import FitRequest, deferring, run_fits
from steelyard.keras.history import History
from steelyard.keras.scan.grid import Parameters
from steelyard.keras.scan.holdout import Holdout
from steelyard.keras.scan.records import with_history
from steelyard.keras.scan.trials import ModelFunction, call, is_trained, listed, untrained
from steelyard.metrics import metric
from steelyard.recipe import Recipe
from steelyard.recipe.training import Training
from steelyard.run import RunStatus
from steelyard.study import NetworkOutcome, PatiencePruning, Plan, Trial
from steelyard.tuning.evaluation.gauge import SERIES, Gauge
from steelyard.tuning.evaluation.outcome import outcome_of, trial_of
from steelyard.tuning.evaluation.watch import Place, Watch
from steelyard.tuning.executors import Batch
from steelyard.tuning.pruning import Referee, rules_of

_UNSTOPPED = Recipe(training=Training(patience=None, monitor="validation_loss"))
"""What the watch is told of a fit: its best epoch is chosen likewise, and only callbacks stop it."""


@dataclass(frozen=True, eq=False)
class _Network:
    """A fit; ``trial`` is its position in the batch. ``request`` is None if it was trained when asked for."""

    trial: int
    fold: int
    seed: int
    history: History
    request: FitRequest | None


class ScanExecutor:
    """Trains the batches of a scan in this process: an :class:`~steelyard.tuning.executors.Executor`.

    ``parts`` are the folds, or the only split there is. Fold f is trained with the seeds
    ``plan.seed + f * plan.seeds`` and up. ``advance`` is told how many more networks are done.
    """

    capacity = 1
    notes = ()

    def __init__(
        self,
        function: ModelFunction,
        parts: Sequence[Holdout],
        combinations: Sequence[Parameters],
        plan: Plan,
        *,
        advance: Callable[[int], None],
        print_params: bool = False,
    ) -> None:
        self._function = function
        self._parts = parts
        self._combinations = combinations
        self._plan = plan
        self._advance = advance
        self._print = print_params
        self._metrics = {name: metric(name) for name in plan.metrics}
        self._waiting: deque[Batch] = deque()

    def submit(self, batch: Batch) -> None:
        """Puts the batch behind those that wait."""
        self._waiting.append(batch)

    def next_finished(self, patience: float) -> tuple[Batch, list[Trial]]:
        """Trains the batch that has waited longest, however long that takes.

        Raises KeyboardInterrupt after a Ctrl-C, :class:`~steelyard.errors.RecipeError` (K243, K248) for what
        the model function does, and what ``fit`` raises.
        """
        batch = self._waiting.popleft()
        return batch, self._train(batch)

    def close(self) -> None:
        """Forgets what waits."""
        self._waiting.clear()

    def _train(self, batch: Batch) -> list[Trial]:
        plan = self._plan
        networks = self._called(batch)
        waiting = [network for network in networks if network.request is not None]
        if plan.pruning and len(waiting) < len(networks):
            early = next(network for network in networks if network.request is None)
            raise refuse(
                "K248",
                f"Scan: the trial with {self._named(batch, early.trial)} was trained before the others were "
                "known, so it cannot be compared with them between epochs",
            )
        watch = self._watch(batch, networks) if plan.pruning else None
        told = _Told(watch, self._advance)
        if waiting:
            run_fits([network.request for network in waiting if network.request is not None], referee=told)
        self._advance(len(networks) - told.ended)
        outcomes: list[list[NetworkOutcome]] = [[] for _ in batch.numbers]
        for job, network in enumerate(networks):
            outcomes[network.trial].append(self._outcome(batch, job, network, watch))
        wanted = len(self._parts) * plan.seeds
        return [
            trial_of(number, point, found, plan.metrics, wanted)
            for number, point, found in zip(batch.numbers, batch.points, outcomes, strict=True)
        ]

    def _called(self, batch: Batch) -> list[_Network]:
        """The model function called for every trial on every fold with every seed, in this order."""
        found = []
        for fold, rows in enumerate(self._parts):
            arrays = rows.x_train, rows.y_train, rows.x_val, rows.y_val
            with deferring(*arrays, table=rows.table) as deferral:
                called = [
                    (trial, seed, self._call(batch, trial, fold, seed))
                    for trial in range(len(batch.numbers))
                    for seed in self._seeds(fold)
                ]
            requests = {id(request.history): request for request in deferral.pending}
            found += [
                _Network(trial, fold, seed, history, requests.get(id(history)))
                for trial, seed, history in called
            ]
        return sorted(found, key=lambda network: (network.trial, network.fold, network.seed))

    def _call(self, batch: Batch, trial: int, fold: int, seed: int) -> History:
        number = batch.numbers[trial]
        parameters = self._combinations[number]
        if self._print and (fold, seed) == (0, self._plan.seed):
            print(parameters)
        where = f"trial {number + 1} of {len(self._combinations)} ({listed(parameters)})"
        if len(self._parts) > 1:
            where += f", fold {fold + 1} of {len(self._parts)}"
        history, _ = call(self._function, self._parts[fold], parameters, seed, where)
        return history

    def _seeds(self, fold: int) -> range:
        first = self._plan.seed + fold * self._plan.seeds
        return range(first, first + self._plan.seeds)

    def _watch(self, batch: Batch, networks: Sequence[_Network]) -> Watch:
        """What stops networks: by the rules of the plan, on what the engine records anyway."""
        plan = self._plan
        places = [
            Place(
                network.trial,
                batch.numbers[network.trial],
                network.fold,
                network.seed,
                _UNSTOPPED,
                self._gauge,
            )
            for network in networks
        ]
        epochs = [1] * len(batch.numbers)
        for network in networks:
            if network.request is not None:
                planned = network.request.epochs - network.request.initial_epoch
                epochs[network.trial] = max(epochs[network.trial], planned)
        rules = rules_of(plan.pruning, epochs, [plan.seed, *batch.numbers[:1]])
        return Watch(
            places,
            (plan.metrics[0], self._metrics[plan.metrics[0]]),
            referee=Referee(rules, len(batch.numbers)) if rules else None,
            patience=[rule for rule in plan.pruning if isinstance(rule, PatiencePruning)],
            on_progress=None,
            stop=None,
        )

    @property
    def _gauge(self) -> Gauge:
        return Gauge(
            recorded={name: SERIES[name] for name in self._metrics},
            computed={},
            target=np.zeros(0, np.uint8),
            weights=None,
            calibrates=False,
            decides=None,
        )

    def _outcome(self, batch: Batch, job: int, network: _Network, watch: Watch | None) -> NetworkOutcome:
        history = network.history
        if not is_trained(history):
            raise untrained(self._combinations[batch.numbers[network.trial]])
        run = history.run
        if not len(run.split.validation):
            raise refuse(
                "K248", f"Scan: the trial with {self._named(batch, network.trial)} has no validation rows"
            )
        outcome = outcome_of(
            replace(run, seed=network.seed),
            network.fold,
            self._gauge,
            self._metrics,
            {},
            stopped=RunStatus.STOPPED_EARLY if watch is not None and watch.lost_patience(job) else None,
            reason="" if watch is None else watch.reason(job),
        )
        return with_history(outcome, history)

    def _named(self, batch: Batch, trial: int) -> str:
        return listed(self._combinations[batch.numbers[trial]])


class _Told:
    """Passes on to the watch what the engine tells, and counts networks that end."""

    def __init__(self, watch: Watch | None, advance: Callable[[int], None]) -> None:
        self._watch = watch
        self._advance = advance
        self.ended = 0

    def on_epoch(self, end: EpochEnd, *, last: bool) -> Decision | None:
        """As :class:`~steelyard.keras.fitting.Referee` has it."""
        decision = None if self._watch is None else self._watch.on_epoch(end, last=last)
        if last or (decision is not None and decision.stop):
            self._end(1)
        return decision

    def on_rest(self, jobs: Sequence[int]) -> Collection[int]:
        """As :class:`~steelyard.keras.fitting.Referee` has it."""
        losers = [] if self._watch is None else self._watch.on_rest(jobs)
        self._end(len(losers))
        return losers

    def _end(self, count: int) -> None:
        self.ended += count
        self._advance(count)
