"""The trials of a study as one array: the score of each network by trial, fold and seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.metrics import Metric, as_loss, metric
from steelyard.run import RunStatus
from steelyard.study import Plan, Trial, TrialState

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """The trials that can be compared, and what their networks scored.

    Comparable are complete trials of which no network diverged and every score is a number. A pruned trial
    was stopped at an epoch of its own, so its score is of another thing; of a diverged one the score is
    the worst there is by definition, and says nothing of how scores vary.
    """

    metric: Metric
    trials: tuple[Trial, ...]
    """Those that can be compared, in the order of their numbers."""
    values: Numbers
    """(trials, folds, seeds) The metric on the validation rows of the fold, at the best epoch."""
    losses: Numbers
    """The same, turned so that smaller is better (:func:`~steelyard.metrics.as_loss`)."""
    ratio: float
    """Validation rows per training row: see :mod:`steelyard.comparison`. 0 with a single fold."""
    pruned: int
    """Trials left out because they were pruned."""
    diverged: int
    """Trials left out because a network diverged."""
    undefined: int
    """Trials left out because the metric is undefined on the validation rows of a fold."""

    @property
    def means(self) -> Numbers:
        """(trials,) The score of each trial."""
        return np.asarray(self.values.mean(axis=(1, 2)))

    @property
    def by_fold(self) -> Numbers:
        """(trials, folds) Losses, seeds averaged: networks of one fold share all their rows."""
        return np.asarray(self.losses.mean(axis=2))


def scores_of(plan: Plan, trials: Sequence[Trial], name: str | None = None) -> ScoreTable:
    """The comparable trials among these, scored by the metric ``name`` of the plan, or by its first one."""
    chosen = metric(plan.metrics[0] if name is None else name)
    key = next(given for given in plan.metrics if metric(given).name == chosen.name)
    complete = sorted(
        (trial for trial in trials if trial.state is TrialState.COMPLETE), key=lambda trial: trial.number
    )
    sound = [trial for trial in complete if not diverged(trial)]
    scored = [(trial, _values(plan, trial, key)) for trial in sound]
    known = [(trial, values) for trial, values in scored if np.isfinite(values).all()]
    shape = (0, plan.folds, plan.seeds)
    values = np.stack([values for _, values in known]) if known else np.zeros(shape)
    return ScoreTable(
        metric=chosen,
        trials=tuple(trial for trial, _ in known),
        values=values,
        losses=np.vectorize(lambda value: as_loss(chosen, value), otypes=[np.float64])(values),
        ratio=rows_ratio(plan),
        pruned=sum(trial.state is TrialState.PRUNED for trial in trials),
        diverged=len(complete) - len(sound),
        undefined=len(sound) - len(known),
    )


def diverged(trial: Trial) -> bool:
    """Did one of its networks diverge?"""
    return any(network.status is RunStatus.DIVERGED for network in trial.networks)


def rows_ratio(plan: Plan) -> float:
    """Validation rows per training row, on average over the folds of the plan.

    Of blocks in order, fold k learns from k blocks and is judged on one. 0 with a single fold, of which
    nothing is repeated.
    """
    if plan.folds == 1:
        return 0.0
    if plan.by in ("time", "file_order"):
        return float(np.mean([1.0 / fold for fold in range(1, plan.folds + 1)]))
    return 1.0 / (plan.folds - 1)


def _values(plan: Plan, trial: Trial, key: str) -> Numbers:
    """(folds, seeds); NaN where a network is missing."""
    values = np.full((plan.folds, plan.seeds), np.nan)
    of_fold = [0] * plan.folds
    for network in trial.networks:
        values[network.fold, of_fold[network.fold]] = network.best.get(key, np.nan)
        of_fold[network.fold] += 1
    return values
