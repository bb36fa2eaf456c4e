"""What the trainings of a search say about it: networks that diverged, or were cut short (T104, T105)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom

from steelyard.recipe import Change
from steelyard.recipe.schedule import ConstantRate
from steelyard.run import RunStatus
from steelyard.study import Choice, NetworkOutcome, Parameter, Plan, Trial
from steelyard.tuning.analysis.edges import is_ordered, widened
from steelyard.tuning.analysis.findings import Finding
from steelyard.tuning.analysis.leaderboard import Leaderboard
from steelyard.tuning.analysis.scores import diverged
from steelyard.tuning.space import recipe_of

_ALPHA = 0.05
_TOP = 5
"""The best trials that are asked whether they had enough epochs."""
_MOST_CUTS = 50
"""Through one parameter, to find where networks diverge."""
_EPOCHS = "training.epochs"


@dataclass(frozen=True, eq=False)
class _Part:
    """A part of the space: the trials in which a parameter has certain values."""

    parameter: Parameter
    words: str
    trials: tuple[Trial, ...]
    """In which the parameter is active."""
    inside: NDArray[np.bool_]
    """(trials,) Which of them are in the part."""


def divergence(plan: Plan, trials: Sequence[Trial]) -> list[Finding]:
    """T104: networks diverged, how many, and in which part of the space if there is one.

    The part is the one that Fisher's exact test finds least likely to be chance, among all values of the
    choices and all cuts through the ordered parameters; it is told if chance would show one like it in less
    than a twentieth of searches (Bonferroni).
    """
    networks = [network for trial in trials for network in trial.networks]
    lost = sum(network.status is RunStatus.DIVERGED for network in networks)
    if not lost:
        return []
    bad = [trial for trial in trials if diverged(trial)]
    message = f"{lost:,} of {len(networks):,} networks diverged{_unfit(networks)}"
    message += f", in {len(bad)} of {len(trials)} trials"
    part = _worst_part(plan, trials)
    parameters: tuple[Parameter, ...] = ()
    if part is not None:
        size = int(part.inside.sum())
        inside = sum(diverged(trial) for trial in _of(part, True))
        message += f"; {inside} of these are among the {size} with {part.words}"
        if 2 * inside >= size:
            parameters = _without(part)
    changes: tuple[Change, ...] = ()
    clip = "optimizer.global_clip_norm"
    searched = {parameter.path for parameter in plan.space.parameters}
    unclipped = plan.recipe is not None and plan.recipe.optimizer.global_clip_norm is None
    if unclipped and clip not in searched:
        changes = (Change(clip, 1.0),)
    numbers = tuple(trial.number for trial in bad)
    return [Finding("T104", f"{message}.", numbers, changes, parameters)]


def _unfit(networks: Sequence[NetworkOutcome]) -> str:
    """How many of them were not trained at all, and why the first was not."""
    unfit = [network for network in networks if network.status is RunStatus.DIVERGED and not network.steps]
    reasons = [network.reason for network in unfit if network.reason.startswith("it could not be trained")]
    return f" or could not be trained ({len(reasons):,}; the first: {reasons[0]})" if reasons else ""


def cut_short(plan: Plan, trials: Sequence[Trial], board: Leaderboard) -> list[Finding]:
    """T105: the best epoch of most networks of the best trials is the last one they were allowed.

    Asked are the trials that may be the best, five at most. Only networks that were trained to their end
    count as cut short, not those that stopped early.
    """
    by_number = {trial.number: trial for trial in trials}
    best = [by_number[number] for number in board.tied[:_TOP]]
    networks = [network for trial in best for network in trial.networks]
    last = [
        network
        for network in networks
        if network.status is RunStatus.COMPLETED and network.best_epoch == network.epochs > 1
    ]
    if not networks or 2 * len(last) <= len(networks):
        return []
    epochs = max(network.epochs for network in last)
    of = f"the best trial, {best[0].number}," if len(best) == 1 else f"the best {len(best)} trials"
    message = (
        f"{len(last)} of {len(networks)} networks of {of} were best in the last of their epochs "
        f"({epochs}): none of these had begun to overfit."
    )
    if plan.recipe is None:
        return [Finding("T105", message, tuple(trial.number for trial in best))]
    schedule = recipe_of(plan, best[0].point).optimizer.schedule
    if not isinstance(schedule, ConstantRate):
        message += (
            " A learning rate that falls to the end favours the last epochs; only a longer run can tell."
        )
    numbers = tuple(trial.number for trial in best)
    searched = next((p for p in plan.space.parameters if p.path == _EPOCHS), None)
    if searched is None:
        return [Finding("T105", message, numbers, changes=(Change(_EPOCHS, 2 * epochs),))]
    wider = widened(plan, searched, "high", best[0]) if is_ordered(searched) else None
    return [Finding("T105", message, numbers, parameters=() if wider is None else (wider,))]


def _worst_part(plan: Plan, trials: Sequence[Trial]) -> _Part | None:
    lost = {trial.number for trial in trials if diverged(trial)}
    parts = [part for parameter in plan.space.parameters for part in _parts(parameter, trials)]
    if not parts:
        return None
    chances = [_chance(part, np.array([trial.number in lost for trial in part.trials])) for part in parts]
    least = int(np.argmin(chances))
    return parts[least] if chances[least] * len(parts) < _ALPHA else None


def _chance(part: _Part, lost: NDArray[np.bool_]) -> float:
    """Of so many diverged trials inside the part, or more, if they were scattered at random (Fisher)."""
    both = int((lost & part.inside).sum())
    return float(hypergeom.sf(both - 1, len(lost), int(lost.sum()), int(part.inside.sum())))


def _parts(parameter: Parameter, trials: Sequence[Trial]) -> Iterator[_Part]:
    """Both sides of cuts through an ordered parameter, or each value of another; none is everything."""
    path = parameter.path
    active = tuple(trial for trial in trials if path in trial.point)
    if is_ordered(parameter):
        values = np.array([trial.point[path] for trial in active], np.float64)
        for cut in _cuts(values):
            yield _Part(parameter, f"{path} of at least {cut:.3g}", active, values >= cut)
            yield _Part(parameter, f"{path} below {cut:.3g}", active, values < cut)
    elif isinstance(parameter, Choice):
        for value in parameter.values:
            inside = np.array([trial.point[path] == value for trial in active], np.bool_)
            if inside.any() and not inside.all():
                yield _Part(parameter, f"{path} = {value}", active, inside)


def _cuts(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values with others below them; of many, some that are spread evenly."""
    seen = np.unique(values)[1:]
    if len(seen) <= _MOST_CUTS:
        return seen
    return seen[np.linspace(0, len(seen) - 1, _MOST_CUTS).astype(np.int64)]


def _of(part: _Part, inside: bool) -> list[Trial]:
    return [trial for trial, within in zip(part.trials, part.inside, strict=True) if bool(within) is inside]


def _without(part: _Part) -> tuple[Parameter, ...]:
    """The parameter without that part, if enough is left to search."""
    path = part.parameter.path
    cut, kept = ([trial.point[path] for trial in _of(part, inside)] for inside in (True, False))
    if isinstance(part.parameter, Choice):
        values = tuple(value for value in part.parameter.values if value not in cut)
        return (part.parameter.model_copy(update={"values": values}),) if values else ()
    above = min(cut) > max(kept)
    update = {"high": float(max(kept))} if above else {"low": float(min(kept))}
    smaller = part.parameter.model_copy(update=update)
    return (smaller,) if smaller.low < smaller.high else ()
