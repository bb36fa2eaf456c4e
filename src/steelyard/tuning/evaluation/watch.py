"""The eyes on a population while it trains: metrics epoch by epoch, and who is stopped."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.engine import Decision, EpochEnd
from steelyard.metrics import Metric, as_loss
from steelyard.recipe import Recipe
from steelyard.study import PatiencePruning
from steelyard.tuning.evaluation.gauge import Gauge
from steelyard.tuning.evaluation.step import Step
from steelyard.tuning.pruning import Referee, Waiting


@dataclass(frozen=True, eq=False)
class Place:
    """What a network is trained for.

    ``trial`` is its position in the batch, ``number`` that in the study, ``seed`` that of the network.
    """

    trial: int
    number: int
    fold: int
    seed: int
    recipe: Recipe
    gauge: Gauge


class Watch:
    """Follows the networks of one population; ``on_epoch`` and ``on_rest`` are what the engine calls.

    ``ranking`` (name and metric) is what networks are stopped by. ``stop`` is asked after every epoch whether
    to leave it all; KeyboardInterrupt is raised then.
    """

    def __init__(
        self,
        places: Sequence[Place],
        ranking: tuple[str, Metric],
        *,
        referee: Referee | None,
        patience: Sequence[PatiencePruning],
        on_progress: Callable[[Step], None] | None,
        stop: Callable[[], bool] | None,
    ) -> None:
        self._networks = [_Network(place, ranking, patience) for place in places]
        self._referee = referee
        self._on_progress = on_progress
        self._stop = stop

    def on_epoch(self, end: EpochEnd, *, last: bool = False) -> Decision | None:
        """As :data:`~steelyard.engine.OnEpoch` has it; ``last`` if the job ends here for a reason that is not
        in its recipe."""
        if self._stop is not None and self._stop():
            raise KeyboardInterrupt
        network = self._networks[end.job]
        metrics = network.follow(end, last)
        if self._on_progress is not None:
            place = network.place
            self._on_progress(Step(place.number, place.fold, place.seed, end.epoch, end.epochs, metrics))
        if network.stopped:
            return Decision(stop=True)
        if self._referee is not None and self._referee.rests(end.epoch):
            return Decision(rest=True)
        return None

    def on_rest(self, jobs: Sequence[int]) -> list[int]:
        """As :data:`~steelyard.engine.OnRest` has it."""
        assert self._referee is not None, "nobody rests without a referee"
        epoch = self._networks[jobs[0]].epoch
        resting = set(jobs)
        trials = len(self._referee.racing)
        sums, counts = np.zeros((2, trials)), np.zeros(trials)
        for job, network in enumerate(self._networks):
            # The engine tells of no epoch in which a network diverged: it is neither here nor at its end.
            lost = job not in resting and not network.ended
            sums[:, network.place.trial] += network.worst if lost else (network.score, network.average)
            counts[network.place.trial] += 1
        score, average = sums / counts
        out = self._referee.judge(epoch, score, average)
        losers = [job for job in jobs if out[self._networks[job].place.trial]]
        for job in losers:
            self._networks[job].reason = f"its trial was stopped after epoch {epoch}: others did better"
        return losers

    def computed(self, job: int) -> dict[str, list[float]]:
        """The metrics of a job that the engine does not record: values by epoch, by name."""
        return self._networks[job].computed

    def reason(self, job: int) -> str:
        """Why a job was stopped from here, or an empty string."""
        return self._networks[job].reason

    def lost_patience(self, job: int) -> bool:
        """Was the job stopped for its own lack of progress?"""
        return self._networks[job].stopped


class _Network:
    """What is known of a network between two epochs."""

    def __init__(
        self, place: Place, ranking: tuple[str, Metric], patience: Sequence[PatiencePruning]
    ) -> None:
        self.place = place
        recipe = place.recipe
        self._training = recipe.training
        self._monitor = recipe.monitor
        self._rises = not recipe.monitor.endswith(("loss", "objective"))
        self._name, self._metric = ranking
        self._patience = [(rule, Waiting()) for rule in patience]
        self.worst = as_loss(self._metric, self._metric.worst)
        self.computed: dict[str, list[float]] = {name: [] for name in place.gauge.computed}
        self.epoch = 0
        self.score = self.worst
        """The loss at the epoch that the monitor has chosen until now."""
        self._sum = 0.0
        self._reference = math.nan
        self._waited = 0
        self._over = False
        self.stopped = False
        self.reason = ""

    @property
    def average(self) -> float:
        """The mean loss of its epochs."""
        return self._sum / self.epoch

    @property
    def ended(self) -> bool:
        """Has it come to an end of its own, but for divergence?"""
        return self.stopped or self._over

    def follow(self, end: EpochEnd, last: bool) -> dict[str, float]:
        """Takes note of an epoch, the ``last`` one or not; the metrics of the plan after it."""
        gauge = self.place.gauge
        metrics = {name: end.metrics[series] for name, series in gauge.recorded.items()}
        if gauge.computed:
            for name, value in zip(gauge.computed, gauge.measure(end.validation_logits()), strict=True):
                metrics[name] = value
                self.computed[name].append(value)
        self.epoch = end.epoch
        loss = as_loss(self._metric, metrics[self._name])
        if math.isnan(loss):
            loss = self.worst
        self._sum += loss
        if self._is_best(end.metrics[self._monitor]):
            self.score = loss
        self._over = last or self._will_end(end)
        if not self._over:
            self._ask_patience(loss, end.epoch)
        return metrics

    def _is_best(self, monitored: float) -> bool:
        """The engine's own comparison, told here because a score is wanted before training ends."""
        gain = monitored - self._reference if self._rises else self._reference - monitored
        first = math.isnan(self._reference)
        if math.isfinite(monitored) and (first or gain > self._training.min_delta):
            self._reference, self._waited = monitored, 0
            return True
        self._waited += 1
        return False

    def _will_end(self, end: EpochEnd) -> bool:
        patience, limit = self._training.patience, self._training.max_seconds
        return (
            end.epoch == end.epochs
            or (patience is not None and self._waited >= patience)
            or (limit is not None and end.seconds >= limit)
        )

    def _ask_patience(self, loss: float, epoch: int) -> None:
        self._patience = [(rule, waiting.after(loss, rule)) for rule, waiting in self._patience]
        for rule, waiting in self._patience:
            if waiting.too_long(rule):
                self.stopped = True
                self.reason = (
                    f"{self._name} did not improve for {waiting.epochs} epochs after epoch "
                    f"{epoch - waiting.epochs}"
                )
