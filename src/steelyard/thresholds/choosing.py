"""The threshold that serves an objective best, among all that decide the given rows differently.

A row is predicted positive if its probability *exceeds* the threshold, as everywhere in Steelyard. Only the
gaps between neighbouring distinct probabilities matter, so rows with equal probabilities are never told
apart, and the threshold returned lies midway in its gap, where rounding cannot move a row across it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.errors import DataError
from steelyard.metrics import confusion as counted
from steelyard.metrics.confusion import Confusion, confusion
from steelyard.metrics.costs import CostMatrix
from steelyard.metrics.rows import Rows, checked
from steelyard.thresholds.objectives import (
    BalancedAccuracy,
    FBeta,
    Fixed,
    LeastCost,
    MatthewsCorrelation,
    Objective,
    PrecisionAtLeast,
    Rate,
    RecallAtLeast,
    Top,
    parse_objective,
)

_SLACK = 1e-12
"""Relative; what counts as equal, so that the last bit of a quotient of sums decides nothing."""


@dataclass(frozen=True, eq=False)
class ThresholdChoice:
    """A threshold, what it was chosen for, and on what."""

    threshold: float
    """Predict positive if the probability is above it. Below 0 if every row is positive, even one of
    probability 0."""
    objective: str
    """As :func:`parse_objective` reads it."""
    measure: str
    """What ``value`` is: f1, f2, fbeta=..., balanced_accuracy, mcc, cost (mean of a row), recall (of
    precision>=), precision (of recall>=, top and rate) or accuracy (of a fixed threshold)."""
    value: float
    """On these rows. Optimistic, since the threshold was chosen on them: see ``threshold_stability``."""
    reached: bool
    """Whether the condition of the objective holds on these rows."""
    note: str
    """A clause a reader should know, above all if ``reached`` is false; or an empty string."""
    rows: int
    positives: int
    confusion: Confusion
    """At the threshold, on these rows; sums of weights if rows have weights."""
    theoretical: float | None = None
    """For costs: the best threshold if the probabilities are right, (fp - tn) / (fp - tn + fn - tp)."""
    theoretical_value: float | None = None
    """The mean cost at that one, on these rows."""


def choose_threshold(
    target: ArrayLike, probability: ArrayLike, objective: Objective | str, weights: ArrayLike | None = None
) -> ThresholdChoice:
    """The best of all thresholds, exactly, in O(n log n).

    ``target`` holds 0 and 1, ``probability`` values in [0, 1], ``weights`` non-negative row weights; all
    (rows,). These should be validation or out-of-fold rows. A weight counts as so many rows. Among equally
    good thresholds the highest is taken; for recall>= the lowest, as it finds more at the same precision.

    If no threshold reaches ``precision>=p``, the one with the highest precision is returned, with
    ``reached`` false. ``top`` and ``rate`` are never exceeded: rows with equal probabilities are taken
    together or left.

    Raises :class:`~steelyard.errors.RecipeError` for an objective that is none, and
    :class:`~steelyard.errors.DataError` for unusable arrays, or if only one class is present and the
    objective needs both.

    >>> choice = choose_threshold([0, 0, 1, 0, 1], [0.1, 0.2, 0.3, 0.35, 0.9], "f1")
    >>> choice.threshold, choice.value
    (0.25, 0.8)
    >>> choose_threshold([0, 0, 1, 1, 0], [0.1, 0.2, 0.3, 0.35, 0.9], "precision>=0.9").note
    'no threshold has a precision of 0.9; the highest is 0.667, on 3 rows'
    """
    spec = parse_objective(objective) if isinstance(objective, str) else objective
    rows = checked(target, probability, weights, "choose_threshold")
    need_both_classes(rows, spec)
    if isinstance(spec, Fixed):
        threshold, reached, note = spec.threshold, True, ""
    else:
        ranking = ranking_of(rows)
        cuts = cuts_of(ranking.positive, ranking.negative)
        cut, reached = best_cut(spec, cuts)
        threshold = threshold_at(ranking.scores, cut)
        note = _note(spec, cuts, cut, reached, len(rows.target))
    found = confusion(rows.target, rows.probability, threshold, rows.weights)
    measure, value = measured(spec, found)
    theory: tuple[float, float] | tuple[None, None] = (None, None)
    if isinstance(spec, LeastCost):
        right = theoretical_threshold(spec.costs)
        at_right = confusion(rows.target, rows.probability, right, rows.weights)
        theory = (right, float(counted.expected_cost(at_right, spec.costs)))
    return ThresholdChoice(
        threshold=threshold,
        objective=str(spec),
        measure=measure,
        value=float(value),
        reached=reached,
        note=note,
        rows=len(rows.target),
        positives=int(rows.target.sum()),
        confusion=found,
        theoretical=theory[0],
        theoretical_value=theory[1],
    )


def theoretical_threshold(costs: CostMatrix) -> float:
    """Above this probability a positive answer costs less on average (Elkan 2001).

    >>> theoretical_threshold(CostMatrix(fp=1.0, fn=9.0))
    0.1
    """
    false_alarm, miss = costs.fp - costs.tn, costs.fn - costs.tp
    return false_alarm / (false_alarm + miss)


@dataclass(frozen=True, eq=False)
class Ranking:
    """Rows by distinct probability, highest first."""

    place: NDArray[np.int64]
    """(rows,) Which of the distinct probabilities each row has."""
    scores: NDArray[np.float64]
    """(distinct,) These, falling."""
    positive: NDArray[np.float64]
    """(distinct,) Weight of the positives with each."""
    negative: NDArray[np.float64]
    """(distinct,) Likewise of the negatives."""


def ranking_of(rows: Rows) -> Ranking:
    """The ranking, sorted once; all else is linear."""
    ascending, upward = np.unique(rows.probability, return_inverse=True)
    scores = ascending[::-1]
    place = len(scores) - 1 - upward
    weights = np.ones(len(place)) if rows.weights is None else rows.weights
    y = rows.target == 1
    positive, negative = (
        np.bincount(place, weights * part, minlength=len(scores)).astype(np.float64) for part in (y, ~y)
    )
    return Ranking(place, scores, positive, negative)


def threshold_at(scores: NDArray[np.float64], cut: int) -> float:
    """What takes the first ``cut`` of distinct, falling ``scores``: midway to the next one.

    With none or all taken, midway to 1 or 0; below 0 if 0 itself is to be taken.
    """
    above = float(scores[cut - 1]) if cut > 0 else 1.0
    below = float(scores[cut]) if cut < len(scores) else 0.0 if above > 0.0 else -1.0
    midway = below + (above - below) / 2.0
    # Between adjacent floats "midway" is one of the two; only the lower one lets the upper one pass.
    return midway if midway < above else below


def cuts_of(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> Confusion:
    """The confusion matrices of all cuts, (distinct + 1), from no row taken to all."""
    tp, fp = (np.concatenate([[0.0], np.cumsum(counts)]) for counts in (positive, negative))
    return Confusion(tp=tp, fp=fp, fn=tp[-1] - tp, tn=fp[-1] - fp)


def best_cut(spec: Objective, cuts: Confusion) -> tuple[int, bool]:
    """The number of the best of all cuts, and whether it meets the objective's condition."""
    admitted = admits(spec, cuts)
    reached = bool(admitted.any())
    # Only a precision can be out of reach; then the highest there is.
    goal = np.where(admitted, _goal(spec, cuts), -np.inf) if reached else counted.precision(cuts)
    best = goal.max()
    equal = np.flatnonzero(goal >= best - _SLACK * np.abs(best))
    return int(equal[-1] if isinstance(spec, RecallAtLeast) else equal[0]), reached


def admits(spec: Objective, c: Confusion) -> NDArray[np.bool_]:
    """Which cuts meet the objective's condition; all, if it has none."""
    taken = c.tp + c.fp
    match spec:
        case RecallAtLeast(recall=least):
            return np.asarray(counted.recall(c) >= least * (1.0 - _SLACK))
        case PrecisionAtLeast(precision=least):
            return np.asarray((counted.precision(c) >= least * (1.0 - _SLACK)) & (taken > 0.0))
        case Top() | Rate():
            return np.asarray(taken <= _room(spec, c) * (1.0 + _SLACK))
    return np.ones(np.shape(taken), np.bool_)


def measured(spec: Objective, c: Confusion) -> tuple[str, NDArray[np.float64]]:
    """The measure that tells how well an objective is served, by name and value."""
    match spec:
        case FBeta(beta=beta):
            return str(spec), counted.f_beta(c, beta)
        case BalancedAccuracy():
            return "balanced_accuracy", counted.balanced_accuracy(c)
        case MatthewsCorrelation():
            return "mcc", counted.mcc(c)
        case LeastCost(costs=costs):
            return "cost", counted.expected_cost(c, costs)
        case PrecisionAtLeast():
            return "recall", counted.recall(c)
        case RecallAtLeast() | Top() | Rate():
            return "precision", counted.precision(c)
        case Fixed():
            return "accuracy", counted.accuracy(c)


def need_both_classes(rows: Rows, spec: Objective) -> None:
    """Refuses one class, or no weight on the other, where the measure would be undefined or constant."""
    if 0.0 < rows.base_rate < 1.0 or isinstance(spec, LeastCost | Top | Rate | Fixed):
        return
    label = "positive" if rows.base_rate == 0.0 else "negative"
    raise DataError(
        f"choose_threshold: {spec} needs rows of both classes; there is no {label} row (with weight) among "
        f"{len(rows.target):,}",
        help="choose the threshold on more rows, or on the out-of-fold predictions of all folds",
    )


def _goal(spec: Objective, cuts: Confusion) -> NDArray[np.float64]:
    """What is as large as possible at the best cut, among those admitted."""
    if isinstance(spec, Top | Rate):
        return np.asarray(cuts.tp + cuts.fp)
    _, value = measured(spec, cuts)
    return np.asarray(-value if isinstance(spec, LeastCost) else value)


def _room(spec: Top | Rate, c: Confusion) -> NDArray[np.float64]:
    """How many rows (how much weight) may be taken."""
    total = c.tp + c.fp + c.fn + c.tn
    return np.full_like(total, spec.rows) if isinstance(spec, Top) else spec.rate * total


def _note(spec: Objective, cuts: Confusion, cut: int, reached: bool, rows: int) -> str:
    taken = float(cuts.tp[cut] + cuts.fp[cut])
    total = float(cuts.tp[-1] + cuts.fp[-1])
    if not reached and isinstance(spec, PrecisionAtLeast):
        highest = float(cuts.tp[cut]) / taken
        return (
            f"no threshold has a precision of {spec.precision:g}; "
            f"the highest is {highest:.3g}, on {taken:,.6g} rows"
        )
    if isinstance(spec, Top | Rate):
        room = float(_room(spec, cuts)[cut])
        if room > total:
            return f"there are only {total:,.6g} rows"
        if room - taken >= total / rows:
            tied = float(cuts.tp[cut + 1] + cuts.fp[cut + 1]) - taken
            return (
                f"{taken:,.6g} rows instead of {room:,.6g}: the next {tied:,.6g} have equal probabilities "
                "and are taken together or not at all"
            )
    return ""
