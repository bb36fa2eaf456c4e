"""What is known of a search while it runs: how far it is, how long it will take, what is best so far."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from steelyard.metrics import metric
from steelyard.metrics.definition import as_loss
from steelyard.study import Plan, Trial, TrialState
from steelyard.tuning.evaluation import Step
from steelyard.tuning.events import BatchBegun, BatchDone, Event, Note, Stage, Waiting
from steelyard.tuning.storage import Progress


@dataclass
class _InHand:
    """Trials that are being trained: how much of its epochs each network has behind it."""

    trials: int
    shares: dict[tuple[int, int, int], float] = field(default_factory=dict)


class SearchTally:
    """Counts what a search tells.

    ``known`` are the finished trials it begins with, ``target`` is how many it is to have, and ``seconds``
    is what it was estimated to take, for the time before anything is finished.
    """

    def __init__(
        self,
        plan: Plan,
        target: int,
        known: Sequence[Trial] = (),
        seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.plan = plan
        self.target = target
        self.note = ""
        self.count = len(known)
        """Trials that are finished, those of other workers included."""
        self._finished = {trial.number: trial for trial in known}
        self._before = self.count
        self._seconds = seconds
        self._clock = clock
        self._begun = clock()
        self._in_hand: dict[int, _InHand] = {}
        self._batch_of: dict[int, int] = {}
        self._typical = 1.0
        """Share of its epochs that a network has behind it when it ends: less than 1 with early stopping."""

    def take(self, event: Event) -> None:
        """Counts one event."""
        match event:
            case BatchBegun(batch):
                self.note = ""
                self._in_hand[batch.number] = _InHand(len(batch.numbers))
                self._batch_of.update(dict.fromkeys(batch.numbers, batch.number))
            case Step():
                shares = self._in_hand[self._batch_of[event.trial]].shares
                shares[event.trial, event.fold, event.seed] = event.epoch / event.epochs
            case BatchDone(batch, trials, _, progress):
                self._finish(batch.number, trials)
                self._count(progress)
            case Waiting(progress):
                self.note = "the last trials are in the hands of other workers"
                self._count(progress)
            case Stage(words):
                self.note = words
            case Note(text):
                self.note = text

    def _finish(self, number: int, trials: Sequence[Trial]) -> None:
        in_hand = self._in_hand.pop(number)
        if in_hand.shares:
            self._typical = max(0.01, self._share(in_hand))
        self._finished.update({trial.number: trial for trial in trials})

    def _count(self, progress: Progress) -> None:
        self.count, self.target = progress.finished, progress.target

    def _share(self, in_hand: _InHand) -> float:
        """Of all epochs of a batch, those that are over."""
        return sum(in_hand.shares.values()) / (in_hand.trials * self.plan.folds * self.plan.seeds)

    @property
    def done(self) -> float:
        """Trials that are finished, those in hand as fractions."""
        in_hand = sum(
            batch.trials * min(1.0, self._share(batch) / self._typical) for batch in self._in_hand.values()
        )
        return min(float(self.target), self.count + in_hand)

    @property
    def seconds_left(self) -> float | None:
        """As the pace so far says; before there is one, as was estimated. None without an estimate, and when
        all trials are finished."""
        if self.count >= self.target:
            return None
        elapsed = self._clock() - self._begun
        gained = self.done - self._before
        if gained >= 1.0 or (gained > 0.0 and self._seconds is None):
            return elapsed * (self.target - self.done) / gained
        return None if self._seconds is None else max(0.0, self._seconds - elapsed)

    def leaders(self, most: int) -> list[Trial]:
        """The best of the complete trials by the first metric, best first."""
        ranking = metric(self.plan.metrics[0])
        complete = [trial for trial in self._finished.values() if trial.state is TrialState.COMPLETE]
        return sorted(complete, key=lambda trial: (as_loss(ranking, score(trial)), trial.number))[:most]


def score(trial: Trial) -> float:
    """A finished trial by the metric that ranks."""
    assert trial.values is not None, "only a running trial has no values"
    return trial.values[0]
