"""What a scan shows of its trials, and how it is taken from those that were trained in this process."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.keras.codes import warn
from steelyard.keras.history import History
from steelyard.keras.saving.record import SavedModel
from steelyard.keras.scan.grid import Parameters
from steelyard.keras.scan.trials import Outcome, Trial, listed
from steelyard.run import RunStatus


@dataclass(frozen=True, eq=False)
class Results:
    """The attributes of a scan, each with an entry per trial; ``planned`` trials were to be trained.

    ``columns`` are those of the table, ``times`` of ``round_times``. ``architectures`` and ``weights`` have
    None where nothing was kept; ``histories`` is empty if the fits are not at hand.
    """

    columns: dict[str, list[Any]]
    parameters: list[Parameters]
    statuses: list[RunStatus]
    histories: list[History]
    curves: list[dict[str, list[float]]]
    times: dict[str, list[Any]]
    architectures: list[SavedModel | None]
    weights: list[list[NDArray[Any]] | None]
    planned: int
    interrupted: bool

    def warn_of_endings(self) -> None:
        """Tells of trials that were not trained to their end (K141, K142)."""
        ended = len(self.statuses)
        if self.interrupted:
            cut = self.statuses.count(RunStatus.INTERRUPTED)
            warn(
                "K141",
                f"Ctrl-C: {ended - cut} of {self.planned} trials are finished, {cut} ended before their last "
                f"epoch, {self.planned - ended} are missing from the table",
            )
        diverged = [
            listed(parameters)
            for parameters, status in zip(self.parameters, self.statuses, strict=True)
            if status is RunStatus.DIVERGED
        ]
        if diverged:
            warn("K142", f"{len(diverged)} of {self.planned} trials diverged: {'; '.join(diverged)}")


def results_of(outcome: Outcome, *, keep_weights: bool) -> Results:
    """Those of trials that were trained in this process."""
    trials = outcome.trials
    return Results(
        columns=_columns(trials),
        parameters=[trial.parameters for trial in trials],
        statuses=[trial.status for trial in trials],
        histories=[trial.history for trial in trials],
        curves=[trial.history.history for trial in trials],
        times={
            "start": [_moment(trial.ended - trial.seconds) for trial in trials],
            "end": [_moment(trial.ended) for trial in trials],
            "duration": [trial.seconds for trial in trials],
        },
        architectures=[replace(trial.model.saved(), weights=None, optimizer=None) for trial in trials],
        weights=[trial.model.get_weights() if keep_weights else None for trial in trials],
        planned=outcome.planned,
        interrupted=outcome.interrupted,
    )


def _columns(trials: Sequence[Trial]) -> dict[str, list[Any]]:
    """The table: as talos has it, the last epoch of each trial."""
    columns: dict[str, list[Any]] = {"round_epochs": [len(trial.history.epoch) for trial in trials]}
    for metric in dict.fromkeys(name for trial in trials for name in trial.history.history):
        columns[metric] = [
            np.nan if trial.status is RunStatus.DIVERGED else trial.history.history.get(metric, [np.nan])[-1]
            for trial in trials
        ]
    for parameter in trials[0].parameters:
        columns[parameter] = [trial.parameters[parameter] for trial in trials]
    return columns


def _moment(seconds: float) -> str:
    """A time as talos writes it: ``11/22/26-134500``."""
    return time.strftime("%D-%H%M%S", time.localtime(seconds))
