"""How much each parameter decides about the score."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.importance import FanovaImportanceEvaluator

from steelyard.study import Choice, Parameter, Plan, Trial
from steelyard.tuning.analysis.edges import is_ordered
from steelyard.tuning.analysis.scores import Numbers, scores_of

FEWEST = 10
"""Trials from which a forest has something to learn."""
MOST = 80
"""Of more trials so many are drawn: the forest's time grows with their square, and 80 show the shares."""
_SHUFFLES = 9
"""The greatest of nine is exceeded by a tenth one with chance 1 in 10."""
_TREES, _TREES_OF_SHUFFLE = 24, 4


@dataclass(frozen=True)
class Share:
    """One parameter's part in how far the scores of trials differ.

    ``share`` is the part of the variance that the parameter makes alone, averaged over all others, in
    [0, 1]; what is missing to 1 in sum is what parameters make together, and noise. ``chance`` is the
    greatest share it has when the scores are shuffled among the trials, in nine shuffles: below it, the
    share says nothing. ``trials`` are those in which the parameter is active.
    """

    path: str
    share: float
    chance: float
    trials: int


@dataclass(frozen=True)
class Importance:
    """Parameters by their share, greatest first; or none, and ``reason`` says why."""

    metric: str
    shares: tuple[Share, ...]
    reason: str


def importance(plan: Plan, trials: Sequence[Trial], name: str | None = None, *, seed: int = 0) -> Importance:
    """Functional analysis of variance (Hutter, Hoos and Leyton-Brown 2014), by Optuna's forest.

    Over the comparable trials, by the metric ``name`` of the plan or by its first one: without pruned ones,
    whose scores are of other epochs, and without diverged ones, of which T104 tells and which would drown
    everything else. A parameter that is active under a condition only is judged among the trials where it is,
    beside all others that are active in all of these. Logarithmic ranges count by their logarithm. ``seed``
    is that of forest and shuffles. A few seconds.

    A sampler that learns leaves most of its trials where scores are good, so there a parameter that spoils
    everything elsewhere can look unimportant; a random or Sobol design shows the whole space.
    """
    table = scores_of(plan, trials, name)
    metric, scored = table.metric.name, table.trials
    losses = table.losses.mean(axis=(1, 2))
    if len(scored) < FEWEST:
        return Importance(metric, (), f"{len(scored)} comparable trials; at least {FEWEST} are needed")
    if float(np.ptp(losses)) <= 1e-12 * max(1.0, float(np.abs(losses).max())):
        return Importance(metric, (), "all trials have the same score")
    shares: list[Share] = []
    for rows, asked in _groups(plan.space.parameters, scored):
        own = [scored[row] for row in rows]
        beside = [p for p in plan.space.parameters if _active(p, own) and _varies(p, own)]
        wanted = [parameter for parameter in asked if parameter in beside]
        if len(own) >= FEWEST and wanted and float(np.ptp(losses[rows])) > 0.0:
            found = _shares(beside, own, losses[rows], seed)
            shares += [found[parameter.path] for parameter in wanted]
    if not shares:
        return Importance(metric, (), f"no parameter has two values among {FEWEST} comparable trials")
    return Importance(metric, tuple(sorted(shares, key=lambda share: (-share.share, share.path))), "")


def _groups(
    parameters: Sequence[Parameter], trials: Sequence[Trial]
) -> list[tuple[NDArray[np.int64], list[Parameter]]]:
    """Parameters that are active in the same trials, with the positions of these."""
    groups: dict[bytes, list[Parameter]] = {}
    for parameter in parameters:
        active = np.array([parameter.path in trial.point for trial in trials])
        groups.setdefault(active.tobytes(), []).append(parameter)
    return [(np.flatnonzero(np.frombuffer(key, np.bool_)), asked) for key, asked in groups.items()]


def _active(parameter: Parameter, trials: Sequence[Trial]) -> bool:
    return all(parameter.path in trial.point for trial in trials)


def _varies(parameter: Parameter, trials: Sequence[Trial]) -> bool:
    return len({_key(trial.point[parameter.path]) for trial in trials}) > 1


def _shares(
    parameters: Sequence[Parameter], trials: Sequence[Trial], losses: Numbers, seed: int
) -> dict[str, Share]:
    """Of parameters that are active in all these trials."""
    random = np.random.default_rng(seed)
    rows = np.sort(random.choice(len(trials), MOST, replace=False)) if len(trials) > MOST else None
    drawn = range(len(trials)) if rows is None else rows.tolist()
    scores = losses if rows is None else losses[rows]
    axes = {parameter.path: _axis(parameter) for parameter in parameters}
    study = _in_memory()
    study.add_trials(
        [
            optuna.create_trial(
                params={p.path: _place(p, trials[row].point[p.path]) for p in parameters},
                distributions=axes,
                value=float(losses[row]),
            )
            for row in drawn
        ]
    )
    found = _evaluate(study, axes, scores, _TREES, seed)
    shuffled = [
        _evaluate(study, axes, random.permutation(scores), _TREES_OF_SHUFFLE, seed + number)
        for number in range(_SHUFFLES)
    ]
    return {path: Share(path, found[path], max(one[path] for one in shuffled), len(trials)) for path in axes}


def _evaluate(
    study: optuna.Study, axes: dict[str, BaseDistribution], scores: Numbers, trees: int, seed: int
) -> dict[str, float]:
    evaluator = FanovaImportanceEvaluator(n_trees=trees, seed=seed)
    found = evaluator.evaluate(study, params=list(axes), target=lambda trial: float(scores[trial.number]))
    return {path: float(share) for path, share in found.items()}


def _in_memory() -> optuna.Study:
    """A study of Optuna's own, without the line that Optuna prints for each."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.create_study()
    finally:
        optuna.logging.set_verbosity(before)


def _axis(parameter: Parameter) -> BaseDistribution:
    """A choice by its position, in order if its values have one; a range by its value or its logarithm,
    since Optuna's forest averages over ranges as they are."""
    if isinstance(parameter, Choice):
        last = len(parameter.values) - 1
        return IntDistribution(0, last) if is_ordered(parameter) else CategoricalDistribution(range(last + 1))
    if parameter.log:
        return FloatDistribution(math.log(parameter.low), math.log(parameter.high))
    return FloatDistribution(parameter.low, parameter.high)


def _place(parameter: Parameter, value: Any) -> float | int:
    if isinstance(parameter, Choice):
        values = sorted(parameter.values) if is_ordered(parameter) else parameter.values
        return [_key(one) for one in values].index(_key(value))
    within = min(max(float(value), parameter.low), parameter.high)
    return math.log(within) if parameter.log else within


def _key(value: Any) -> str:
    """Tells values apart as a file does: lists are tuples, True is not 1."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)
