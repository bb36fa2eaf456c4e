"""Whether the best trials lie where the space ends (T101)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from scipy.stats import hypergeom

from steelyard.errors import SteelyardError
from steelyard.study import Choice, Parameter, Plan, Range, Trial
from steelyard.tuning.analysis.findings import Finding
from steelyard.tuning.analysis.leaderboard import Leaderboard
from steelyard.tuning.analysis.scores import ScoreTable
from steelyard.tuning.space import on_edge, recipe_of

Side = Literal["low", "high"]

_UNLIKELY = 0.01
"""That so many of the top trials lie on one edge by chance; divided by the number of edges looked at."""
_TOP = 10
"""One in so many trials is a top one, but at least :data:`_FEWEST_TOP` are."""
_FEWEST_TOP = 4


def edges(plan: Plan, table: ScoreTable, board: Leaderboard) -> list[Finding]:
    """T101: the best trial lies on an edge, and so do the others that count.

    Others lie on an edge by chance, above all of choices between a few values. So either every trial that
    cannot be told apart from the best must lie there, while trials elsewhere are told apart; or more of the
    best tenth than chance would put there (hypergeometric, given how many of all trials do). An edge beyond
    which recipes make no sense (a dropout of 0, a momentum of 1) is none.
    """
    by_number = {trial.number: trial for trial in table.trials}
    ranked = [by_number[entry.trial] for entry in board.entries if entry.trial in by_number]
    if len(ranked) < 2:
        return []
    ordered = [parameter for parameter in plan.space.parameters if is_ordered(parameter)]
    found = []
    for parameter in ordered:
        side = _side(plan, parameter, ranked[0])
        if side is None or not _counts(plan, parameter, side, ranked, board, 2 * len(ordered)):
            continue
        wider = widened(plan, parameter, side, ranked[0])
        if wider is not None:
            found.append(_finding(plan, parameter, side, ranked, board, wider))
    return found


def is_ordered(parameter: Parameter) -> bool:
    """Does it have a lowest and a highest value, and some between?"""
    if isinstance(parameter, Range):
        return parameter.low < parameter.high
    numbers = [value for value in parameter.values if isinstance(value, int | float)]
    return len(set(numbers)) == len(parameter.values) >= 3 and not any(
        isinstance(value, bool) for value in parameter.values
    )


def widened(plan: Plan, parameter: Parameter, side: Side, best: Trial) -> Parameter | None:
    """The parameter with more room on that side, or None if a recipe admits no value beyond.

    A range grows by half its width (of its logarithms, if it is logarithmic); a choice by the value that
    goes on as its last two do, by a ratio if all are positive and their ratios more alike than their
    differences. If that is too far, half way from the edge to zero is tried.
    """
    edge = _edge_value(parameter, side)
    for value in (_beyond(parameter, side), edge / 2.0 if side == "low" else None):
        if value is None or value == edge:
            continue
        whole = parameter.whole if isinstance(parameter, Range) else _whole(parameter)
        rounded = round(value) if whole else float(f"{value:.3g}")
        if rounded != edge and _admitted(plan, parameter.path, rounded, best):
            return _with(parameter, side, rounded)
    return None


def _side(plan: Plan, parameter: Parameter, trial: Trial) -> Side | None:
    if parameter.path not in trial.point:
        return None
    return on_edge(plan.space, parameter.path, trial.point[parameter.path])


def _counts(
    plan: Plan, parameter: Parameter, side: Side, ranked: Sequence[Trial], board: Leaderboard, looks: int
) -> bool:
    there = np.array([_side(plan, parameter, trial) == side for trial in ranked])
    tied = set(board.tied)
    may_be_best = np.array([trial.number in tied for trial in ranked])
    if board.basis != "none" and there[may_be_best].all() and not there.all():
        return True
    top = max(_FEWEST_TOP, len(ranked) // _TOP)
    if len(ranked) < 2 * top:
        return False
    chance = hypergeom.sf(int(there[:top].sum()) - 1, len(ranked), int(there.sum()), top)
    return bool(chance < _UNLIKELY / looks)


def _finding(
    plan: Plan,
    parameter: Parameter,
    side: Side,
    ranked: Sequence[Trial],
    board: Leaderboard,
    wider: Parameter,
) -> Finding:
    there = tuple(trial.number for trial in ranked if _side(plan, parameter, trial) == side)
    word = "lowest" if side == "low" else "highest"
    value = ranked[0].point[parameter.path]
    message = f"the best trial has {parameter.path} = {_text(value)}, at the {word} end of the space"
    tied = [number for number in board.tied if number in there]
    if board.basis != "none" and len(tied) == len(board.tied):
        if len(tied) > 1:
            message += f", and so have all {len(tied)} trials that may be the best"
    else:
        top = max(_FEWEST_TOP, len(ranked) // _TOP)
        count = sum(trial.number in there for trial in ranked[:top])
        message += f", and so have {count} of the best {top}, but {len(there)} of all {len(ranked)}"
    beyond = _edge_value(wider, side)
    message += f": better ones may lie beyond it. Go on to {_text(beyond)}."
    return Finding("T101", message, there, parameters=(wider,))


def _edge_value(parameter: Parameter, side: Side) -> float:
    if isinstance(parameter, Range):
        return parameter.low if side == "low" else parameter.high
    return float(min(parameter.values) if side == "low" else max(parameter.values))


def _beyond(parameter: Parameter, side: Side) -> float:
    if isinstance(parameter, Range):
        low, high = parameter.low, parameter.high
        if parameter.log:
            factor = math.sqrt(high / low)
            return low / factor if side == "low" else high * factor
        width = (high - low) / 2.0
        if parameter.step is not None:
            width = max(1, round(width / parameter.step)) * parameter.step
        return low - width if side == "low" else high + width
    values = [float(value) for value in sorted(parameter.values, reverse=side == "low")]
    before, last = values[-2], values[-1]
    if values[0] * last > 0 and before != 0 and _geometric(values):
        return last * last / before
    return 2.0 * last - before


def _geometric(values: Sequence[float]) -> bool:
    """Are the ratios of neighbours more alike than their differences?"""
    array = np.array(values, np.float64)
    ratios, differences = np.abs(np.diff(np.log(np.abs(array)))), np.abs(np.diff(array))
    return bool(ratios.std() / ratios.mean() <= differences.std() / differences.mean())


def _whole(parameter: Choice) -> bool:
    return all(isinstance(value, int) for value in parameter.values)


def _admitted(plan: Plan, path: str, value: float, best: Trial) -> bool:
    """Is there such a recipe? A model function is taken to accept any value."""
    if plan.recipe is None:
        return True
    point: dict[str, Any] = {**best.point, path: value}
    try:
        recipe_of(plan, point)
    except SteelyardError:
        return False
    return True


def _with(parameter: Parameter, side: Side, value: float) -> Parameter:
    if isinstance(parameter, Range):
        return parameter.model_copy(update={side: float(value)})
    rising = list(parameter.values) == sorted(parameter.values)
    first = (side == "low") == rising
    values = (value, *parameter.values) if first else (*parameter.values, value)
    return parameter.model_copy(update={"values": values})


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else f"{value}"
