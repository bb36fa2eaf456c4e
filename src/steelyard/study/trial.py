"""A trial: one point of the space, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from steelyard.run import RunStatus
from steelyard.study.space import Point


class TrialState(StrEnum):
    """As in Optuna."""

    RUNNING = "running"
    """Asked for, and not finished: being trained, or left behind by a process that is no more."""
    COMPLETE = "complete"
    """All networks were trained to their end, which may have been divergence."""
    PRUNED = "pruned"
    """Stopped for want of hope."""


@dataclass(frozen=True, eq=False)
class NetworkOutcome:
    """What became of the network of one fold and seed.

    ``fold`` counts from 0. ``best_epoch`` (from 1; 0 if there was none) is the one that the recipe's monitor
    chose. ``best`` and ``last`` are the metrics of the plan, by name, on the validation rows of the fold at
    that epoch and at the last one; the worst value there is if the network diverged. ``curves`` are series
    over the epochs, float32 (epochs,), by ``<split>_<metric>``: ``train_loss``, ``validation_loss`` and every
    metric of the plan (``validation_average_precision``). ``seconds`` are those of its training.
    """

    fold: int
    seed: int
    status: RunStatus
    reason: str
    best_epoch: int
    epochs: int
    steps: int
    best: Mapping[str, float]
    last: Mapping[str, float]
    curves: Mapping[str, NDArray[np.float32]]
    seconds: float


@dataclass(frozen=True, eq=False)
class Trial:
    """One point of the space, trained on folds and seeds.

    ``number`` counts from 0 in the order of asking. ``networks`` is ordered by fold, then seed; it lacks
    folds that the trial was spared. ``values`` are the means of ``best`` over the networks, one for each
    metric of the plan; of a pruned trial those it had when it was stopped, and None while it runs.
    """

    number: int
    point: Point
    state: TrialState
    values: tuple[float, ...] | None = None
    networks: tuple[NetworkOutcome, ...] = ()
    seconds: float = 0.0
