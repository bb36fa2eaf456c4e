"""History: what ``fit`` returns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.features import features_of
from steelyard.diagnosis.run import log_of_run
from steelyard.errors import SteelyardError
from steelyard.history import PLAIN
from steelyard.keras.hooks import Callback, Logs
from steelyard.log import Log, Stopping
from steelyard.run import Run

if TYPE_CHECKING:
    from steelyard.diagnosis.diagnosis import Diagnosis

_NOT_CURVES = ("learning_rate", "seconds")
"""Recorded with each epoch, but no quality of the network."""


@dataclass(frozen=True, eq=False, repr=False)
class RowsSeen:
    """What stays known of the rows of a fit when they are gone.

    ``sample`` holds some training rows, float32 (rows, columns). ``weighted``: rows have weights.
    """

    positives_train: int
    positives_validation: int
    weighted: bool
    sample: NDArray[np.float32]


class Pending(Protocol):
    """A fit that has not happened yet."""

    def force(self) -> None:
        """Trains, and fills the history."""


class History(Callback):
    """The record of one ``fit``, with Keras' names and Keras' meaning.

    ``history``: lists of floats, one value per epoch. ``loss`` is the mean over the epoch of what was
    optimised: with class weights, penalty and dropout, while the weights changed. ``val_loss`` is
    measured at the end of the epoch, without class weights, with the penalty. The two do not compare;
    :attr:`plain` has curves that do. The other training metrics are taken while the weights change, as
    Keras does; those of validation at the end of the epoch. What callbacks add (``learning_rate``) is
    there too.

    ``epoch``: numbers of the epochs, from ``initial_epoch``. ``params``: ``verbose``, ``epochs``,
    ``steps``. ``model``: the model. ``run``: the :class:`~steelyard.run.Run` with all curves, how
    training ended and why. ``notes``: sentences about what resampling made of the training rows.
    ``diagnosis``: what is wrong with this fit, by the rules that ``steelyard explain`` lists.

    A deferred history (inside ``Scan``) trains when one of them is read.
    """

    def __init__(self, pending: Pending | None = None) -> None:
        super().__init__()
        self._pending = pending
        self._history: dict[str, list[float]] = {}
        self._epoch: list[int] = []
        self._run: Run | None = None
        self._rows: RowsSeen | None = None
        self._stopping: Stopping | None = None
        self._notes: tuple[str, ...] = ()

    def record(
        self, run: Run, rows: RowsSeen, *, stopping: Stopping | None = None, notes: tuple[str, ...] = ()
    ) -> None:
        """Called by ``fit`` when training has ended; ``stopping`` is how callbacks were to end it early."""
        self._run = run
        self._rows = rows
        self._stopping = stopping
        self._notes = notes

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Begins anew. A history that is being filled is not pending any more."""
        self._pending = None
        self._epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Appends the logs of the epoch."""
        self._epoch.append(epoch)
        for name, value in (logs or {}).items():
            self._history.setdefault(name, []).append(value)
        if self.model is not None:
            self.model.history = self

    @property
    def history(self) -> dict[str, list[float]]:
        """Name of a metric -> its value after every epoch, as Keras records it."""
        self._settle()
        return self._history

    @property
    def epoch(self) -> list[int]:
        """Numbers of the epochs, from 0."""
        self._settle()
        return self._epoch

    @property
    def run(self) -> Run:
        """The run behind it."""
        self._settle()
        if self._run is None:
            raise SteelyardError(
                "this history has no run: it was not returned by fit, or fit has not finished"
            )
        return self._run

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said about the resampling of the training rows, such as how many were left out."""
        self._settle()
        return self._notes

    @cached_property
    def logs(self) -> tuple[Log, ...]:
        """The fit as a diagnosis reads it, one log: the curves of :attr:`run`, plain ones and what was
        minimised, the layers, and what is known of the rows."""
        run, rows = self.run, self._rows
        assert rows is not None, "recorded together with the run"
        log = log_of_run(
            run,
            positives_train=rows.positives_train,
            positives_validation=rows.positives_validation if len(run.split.validation) else None,
            row_weights=rows.weighted,
            features=features_of(rows.sample),
            source="fit" if self.model is None else f"fit of {self.model.name}",
        )
        return (replace(log, facts=replace(log.facts, stopping=self._stopping)),)

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """What is wrong with this fit, and what may be said for it; worked out when it is first read."""
        from steelyard.diagnosis.diagnosis import diagnosis_of  # all rules, which a fit does without
        from steelyard.diagnosis.door import Door

        return diagnosis_of(self.logs[0], door=Door.PYTHON)

    @property
    def plain(self) -> dict[str, list[float]]:
        """Curves that compare between train and validation, one value per epoch, from :attr:`run`.

        All are measured at the end of the epoch, over the whole set and with the same weights of the network,
        on the training rows as they were before any resampling, without dropout, class weights, row weights
        and penalty: ``loss`` and ``val_loss`` (log loss in
        nats), ``accuracy``, ``precision``, ``recall``, ``f1`` (at a probability of 0.5), ``roc_auc``,
        ``average_precision`` and each with ``val_``. ``penalty`` is the L1 and L2 term by itself: add it
        to ``val_loss`` for Keras'. NaN where a metric is undefined or was not measured.
        """
        prefix = {"train": "", "validation": "val_"}
        return {
            prefix[series.split] + series.metric: series.values.tolist()
            for series in self.run.history.series
            if series.metric == "penalty" or (series.quantity == PLAIN and series.metric not in _NOT_CURVES)
        }

    def _settle(self) -> None:
        if self._pending is not None:
            self._pending.force()
