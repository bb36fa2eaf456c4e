"""How far a chosen threshold depends on the very rows it was chosen on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.metrics.confusion import Confusion
from steelyard.metrics.rows import Rows, checked
from steelyard.thresholds.choosing import (
    admits,
    best_cut,
    cuts_of,
    measured,
    need_both_classes,
    ranking_of,
    threshold_at,
)
from steelyard.thresholds.objectives import Fixed, Objective, PrecisionAtLeast, RecallAtLeast, parse_objective


@dataclass(frozen=True)
class ThresholdStability:
    """What becomes of the choice when the rows are drawn anew, each class by itself, with replacement."""

    resamples: int
    low: float
    """In 5 % of the resamples the threshold is lower."""
    high: float
    """In 5 % of the resamples the threshold is higher."""
    optimism: float
    """What ``ThresholdChoice.value`` overstates (a cost: understates, then this is negative) because rows
    chose the threshold that also measured it: ``value - optimism`` is to be expected on new rows
    (Efron 1983)."""
    kept: float | None
    """For recall>= and precision>=: the share of resamples that meet the condition at the threshold chosen
    on all rows. About half is usual, since the threshold just meets it."""


def threshold_stability(
    target: ArrayLike,
    probability: ArrayLike,
    objective: Objective | str,
    weights: ArrayLike | None = None,
    *,
    resamples: int = 200,
    seed: int = 0,
) -> ThresholdStability:
    """Repeats :func:`choose_threshold` on ``resamples`` stratified bootstrap samples of the rows.

    Arguments and errors as there; about 0.15 s per resample of a million rows. The same seed gives the same
    numbers.
    """
    spec = parse_objective(objective) if isinstance(objective, str) else objective
    rows = checked(target, probability, weights, "threshold_stability")
    need_both_classes(rows, spec)
    if isinstance(spec, Fixed):
        return ThresholdStability(0, spec.threshold, spec.threshold, 0.0, None)
    if rows.weights is not None:  # rows without weight would be drawn for nothing, and could be all there is
        held = rows.weights > 0.0
        rows = Rows(rows.target[held], rows.probability[held], rows.weights[held])
    ranking = ranking_of(rows)
    all_rows = cuts_of(ranking.positive, ranking.negative)
    chosen, _ = best_cut(spec, all_rows)
    value_here = measured(spec, all_rows)[1]
    random = np.random.default_rng(seed)
    thresholds, optimism = np.empty(resamples), np.empty(resamples)
    kept = np.empty(resamples, np.bool_)
    for number in range(resamples):
        positive, negative = _drawn(rows, ranking.place, len(ranking.scores), random)
        kept[number] = admits(spec, _at(cuts_of(positive, negative), chosen))
        drawn = positive + negative > 0.0
        cuts = cuts_of(positive[drawn], negative[drawn])
        pick, _ = best_cut(spec, cuts)
        thresholds[number] = threshold_at(ranking.scores[drawn], pick)
        here = int(np.count_nonzero(ranking.scores > thresholds[number]))
        optimism[number] = measured(spec, _at(cuts, pick))[1] - value_here[here]
    low, high = np.quantile(thresholds, (0.05, 0.95))
    conditional = isinstance(spec, RecallAtLeast | PrecisionAtLeast)
    return ThresholdStability(
        resamples=resamples,
        low=float(low),
        high=float(high),
        optimism=float(optimism.mean()),
        kept=float(kept.mean()) if conditional else None,
    )


def _drawn(
    rows: Rows, place: NDArray[np.int64], distinct: int, random: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weight of positives and of negatives with each distinct probability, in one resample."""
    counts = []
    for label in (1, 0):
        of_label = np.flatnonzero(rows.target == label)
        drawn = of_label[random.integers(0, len(of_label), len(of_label))] if len(of_label) else of_label
        weights = None if rows.weights is None else rows.weights[drawn]
        counts.append(np.bincount(place[drawn], weights, minlength=distinct).astype(np.float64))
    return counts[0], counts[1]


def _at(cuts: Confusion, cut: int) -> Confusion:
    return Confusion(tp=cuts.tp[cut], fp=cuts.fp[cut], fn=cuts.fn[cut], tn=cuts.tn[cut])
