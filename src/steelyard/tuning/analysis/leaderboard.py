"""The trials of a study from best to worst, and which of them may as well be the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from steelyard.comparison import LEVEL, fold_mean
from steelyard.metrics import Metric, as_loss, metric
from steelyard.study import Plan, Point, Trial, TrialState
from steelyard.tuning.analysis.could_be_best import excess_p
from steelyard.tuning.analysis.scores import Numbers, ScoreTable, diverged, scores_of

Basis = Literal["folds", "seeds", "none"]
"""What tells trials apart: folds; with a single fold seeds, which say nothing of other rows; or nothing."""


@dataclass(frozen=True)
class Entry:
    """One trial of a leaderboard; in the units of the metric, NaN where something is not known."""

    rank: int
    """From 1."""
    trial: int
    point: Point
    mean: float
    """Over all its networks, at the epochs that the recipe's monitor chose."""
    last: float
    """Likewise at their last epochs."""
    error: float
    """The standard error of the mean, for endlessly many tables like this one (corrected for folds that
    share training rows); with a single fold for endlessly many seeds on this one."""
    low: float
    high: float
    """The 95 % interval of the mean that goes with it. Of the best trial it is too high: it was picked for
    its score."""
    over_folds: float
    """Standard deviation over the folds, seeds averaged."""
    over_seeds: float
    """Standard deviation over the seeds inside a fold."""
    p: float
    """The chance to lie so far behind the best if it were not worse, corrected for the number of trials."""
    tied: bool
    """May it be the best?"""
    diverged: bool
    """Did one of its networks diverge? Such a trial is never tied: nobody wants it."""
    seconds: float
    """Of training, all its networks together."""


@dataclass(frozen=True)
class Leaderboard:
    """Complete trials from best to worst; pruned ones have no rank, since their scores are of other epochs.

    ``tied`` are the numbers of the trials that may be the best one, in order, the observed best first: they
    hold the truly best of the compared trials with a chance of at least ``level``. ``summary`` says it for
    people.
    """

    metric: str
    entries: tuple[Entry, ...]
    tied: tuple[int, ...]
    basis: Basis
    level: float
    summary: str


def leaderboard(
    plan: Plan, trials: Sequence[Trial], name: str | None = None, *, level: float = LEVEL
) -> Leaderboard:
    """Ranks the complete trials by the metric ``name`` of the plan, or by the first one.

    Seeds of a fold are averaged before trials are compared (:mod:`~steelyard.tuning.analysis.could_be_best`).
    """
    table = scores_of(plan, trials, name)
    basis = basis_of(plan)
    p = dict(zip((trial.number for trial in table.trials), _p(table, basis).tolist(), strict=True))
    rows = {trial.number: row for row, trial in enumerate(table.trials)}
    ranked = _in_order(table, [trial for trial in trials if trial.state is TrialState.COMPLETE])
    entries = []
    for rank, (trial, mean) in enumerate(ranked, start=1):
        row = rows.get(trial.number)
        values = None if row is None else table.values[row]
        spread = None if values is None else _spread(values, table, basis, level)
        entries.append(
            Entry(
                rank=rank,
                trial=trial.number,
                point=trial.point,
                mean=mean,
                last=_last(trial, table.metric),
                error=math.nan if spread is None else spread[0],
                low=math.nan if spread is None else spread[1],
                high=math.nan if spread is None else spread[2],
                over_folds=_deviation(None if values is None else values.mean(axis=1)),
                over_seeds=_pooled_deviation(values),
                p=p.get(trial.number, math.nan),
                # Not "p >= alpha": what nothing is known of has not been told apart either.
                tied=row is not None and not p[trial.number] < 1.0 - level,
                diverged=diverged(trial),
                seconds=trial.seconds,
            )
        )
    tied = tuple(entry.trial for entry in entries if entry.tied)
    summary = _summary(table, entries, tied, basis, level)
    return Leaderboard(table.metric.name, tuple(entries), tied, basis, level, summary)


def basis_of(plan: Plan) -> Basis:
    """What tells trials of the plan apart."""
    if plan.folds > 1:
        return "folds"
    return "seeds" if plan.seeds > 1 else "none"


def blocks_of(table: ScoreTable, basis: Basis) -> Numbers:
    """(trials, blocks) Losses in the folds, or with the seeds, that tell trials apart."""
    return table.by_fold if basis == "folds" else table.losses[:, 0, :]


def _p(table: ScoreTable, basis: Basis) -> Numbers:
    return excess_p(blocks_of(table, basis), table.ratio)


def _in_order(table: ScoreTable, complete: Sequence[Trial]) -> list[tuple[Trial, float]]:
    """Each trial with its mean, the best first; of equals the earlier."""
    means = {trial.number: float(mean) for trial, mean in zip(table.trials, table.means, strict=True)}
    losses = dict(
        zip((trial.number for trial in table.trials), table.losses.mean(axis=(1, 2)).tolist(), strict=True)
    )
    ranked = []
    for trial in complete:
        mean = means.get(trial.number)
        if mean is None:
            mean = _mean(
                [network.best.get(_key(trial, table.metric), math.nan) for network in trial.networks]
            )
        loss = losses.get(trial.number, as_loss(table.metric, mean))
        # Trials that cannot be compared stand behind all that can.
        place = (trial.number not in means, math.inf if math.isnan(loss) else loss, trial.number)
        ranked.append((place, trial, mean))
    return [(trial, mean) for _, trial, mean in sorted(ranked, key=lambda entry: entry[0])]


def _key(trial: Trial, chosen: Metric) -> str:
    """The name under which a trial's networks hold the metric."""
    names = trial.networks[0].best if trial.networks else ()
    return next((name for name in names if metric(name).name == chosen.name), chosen.name)


def _last(trial: Trial, chosen: Metric) -> float:
    return _mean([network.last.get(_key(trial, chosen), math.nan) for network in trial.networks])


def _spread(values: Numbers, table: ScoreTable, basis: Basis, level: float) -> tuple[float, float, float]:
    blocks = values.mean(axis=1) if basis == "folds" else values[0]
    found = fold_mean(blocks, table.ratio, level=level)
    return found.error, found.low, found.high


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else math.nan


def _deviation(values: Numbers | None) -> float:
    return float(values.std(ddof=1)) if values is not None and len(values) > 1 else math.nan


def _pooled_deviation(values: Numbers | None) -> float:
    """Over seeds, inside folds."""
    if values is None or values.shape[1] < 2:
        return math.nan
    return math.sqrt(float(values.var(axis=1, ddof=1).mean()))


def _summary(
    table: ScoreTable, entries: Sequence[Entry], tied: tuple[int, ...], basis: Basis, level: float
) -> str:
    compared = len(table.trials)
    if not entries:
        return "No trial is complete, so there is nothing to rank."
    if not compared:
        return f"In each of the {len(entries)} complete trials a network diverged or has no score."
    best = entries[0]
    told = f"Trial {best.trial} has the best {table.metric.name}, {best.mean:.4f}"
    if compared == 1:
        return f"{told}; there is no other trial to compare it with."
    if basis == "none":
        return (
            f"{told}. With one fold and one seed nothing says how far the {compared} trials may be apart by "
            "chance: give several folds, or at least several seeds."
        )
    by = "" if basis == "folds" else ", over seeds alone: on other rows it may be otherwise"
    others = [entry for entry in entries if entry.tied and entry.trial != best.trial]
    if not others:
        return f"{told}, and is told apart from the {compared - 1} others ({level:.0%}{by})."
    fastest = min([best, *others], key=lambda entry: entry.seconds)
    cheaper = f" The fastest of these to train is trial {fastest.trial}." if fastest is not best else ""
    which = "all others" if len(others) == compared - 1 else f"{len(others)} of the {compared - 1} others"
    cannot = "cannot be told apart from it"
    return f"{told}; {which} {cannot} ({level:.0%}{by}).{cheaper}"
