"""Whether the metric of a search can rank its trials at all (T102, T103, T106)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from steelyard.checks.rates import area_error
from steelyard.data import Split
from steelyard.metrics import Metric, metric
from steelyard.study import Plan, Trial
from steelyard.tuning.analysis.findings import Finding
from steelyard.tuning.analysis.leaderboard import Leaderboard, basis_of
from steelyard.tuning.analysis.scores import ScoreTable, scores_of
from steelyard.tuning.analysis.spreads import spreads_of

FEWEST = 3
"""Trials from which a ranking can be spoken of."""
_DIGITS = 9
"""Scores that agree to so many decimals are the same score: of the same predictions, but for rounding."""
_MOST = 0.9
"""That many trials with one score are called all."""
_TENTH = 0.1
"""Of a standard error: that close to what one prediction for all rows reaches is no better than it."""
_ALPHA = 0.05
_INSTEAD = ("average_precision", "log_loss")
"""What to rank by where the metric at hand cannot: the first one that is not the metric itself."""


@dataclass(frozen=True)
class Counts:
    """The validation rows of one fold, by label."""

    negatives: int
    positives: int

    @classmethod
    def of(cls, target: NDArray[np.uint8], splits: Sequence[Split]) -> tuple[Counts, ...]:
        """Those of the folds of a search, from the labels of all rows of the table."""
        positives = [int(target[split.validation].sum()) for split in splits]
        return tuple(
            cls(len(split.validation) - count, count) for split, count in zip(splits, positives, strict=True)
        )

    @property
    def base_rate(self) -> float:
        """The share of positives."""
        return self.positives / (self.negatives + self.positives)


def cannot_rank(
    plan: Plan, trials: Sequence[Trial], table: ScoreTable, counts: Sequence[Counts]
) -> list[Finding]:
    """T102: (nearly) all trials have one score, or none beats one prediction for all rows."""
    if len(table.trials) < FEWEST:
        return []
    same, score = _one_score(table)
    floor = _floor(table.metric, counts)
    numbers = tuple(trial.number for trial in table.trials)
    name = table.metric.name
    if same:
        message = f"{same} of {len(numbers)} trials have the same {name}, {score:.4g}"
        if math.isfinite(floor) and abs(score - floor) <= _hair(table.metric, floor, counts):
            message += ", which is what one prediction for all rows reaches"
    elif math.isfinite(floor) and _best_at_floor(table, floor, counts):
        best = table.means[int(np.argmin(table.losses.mean(axis=(1, 2))))]
        message = (
            f"the best of {len(numbers)} trials has a {name} of {best:.4g}, and one prediction for all rows "
            f"reaches {floor:.4g}"
        )
    else:
        return []
    instead, measured = _instead(plan, trials, table.metric)
    message += f": {name} cannot rank them. Rank by {instead}"
    message += ", which was measured too and does." if measured else "."
    return [Finding("T102", message, numbers, metric=instead)]


def flat(plan: Plan, table: ScoreTable) -> list[Finding]:
    """T103: the means of the trials differ no more than noise would make them."""
    found = spreads_of(table, basis_of(plan))
    if found.trials < FEWEST or math.isnan(found.p) or found.p < _ALPHA or _one_score(table)[0]:
        return []
    noise = "folds and seeds" if found.basis == "folds" else "seeds"
    seeds = "" if math.isnan(found.over_seeds) else f" Seeds alone make it vary by {found.over_seeds:.2g}"
    spread = (
        f", configurations by an estimated {found.over_configurations:.2g} (standard deviations)."
        if seeds
        else ""
    )
    message = (
        f"the {found.metric} of {found.trials} configurations differs no more than {noise} would make it "
        f"differ if all were equally good (variance ratio {found.f:.2f}, p = {found.p:.2f}).{seeds}{spread}"
    )
    return [Finding("T103", message, tuple(trial.number for trial in table.trials))]


def few_positives(table: ScoreTable, board: Leaderboard, counts: Sequence[Counts]) -> list[Finding]:
    """T106: the best trial's score is known less precisely than it is away from the middle one.

    Only where the folds, on which trials are compared pair by pair, do not tell half of the trials apart
    either. The error of a score is that of Hanley and McNeil (1982) for ROC AUC, of Boyd, Eng and Page
    (2013, the binomial one, by positives) for average precision, binomial for recall and accuracy; other
    metrics are not judged.
    """
    if len(table.trials) < FEWEST or not counts or 2 * len(board.tied) < len(table.trials):
        return []
    means = table.means
    best = float(means[int(np.argmin(table.losses.mean(axis=(1, 2))))])
    ahead = abs(best - float(np.median(means)))
    one = counts[int(np.argmin([fold.positives for fold in counts]))]
    together = Counts(sum(fold.negatives for fold in counts), sum(fold.positives for fold in counts))
    reach, reach_of_all = (_reach(table.metric, best, rows) for rows in (one, together))
    if not reach_of_all > ahead:  # NaN: not judged
        return []
    known = f"± {reach:.2g} on them"
    if len(counts) > 1:
        known += f", to ± {reach_of_all:.2g} over all {len(counts)} folds"
    message = (
        f"a validation part holds {one.positives:,} positives, so its {table.metric.name} of {best:.3g} is "
        f"known to {known} (95 %), and the best trial is only {ahead:.2g} ahead of the middle one."
    )
    return [Finding("T106", message, board.tied)]


def _one_score(table: ScoreTable) -> tuple[int, float]:
    """How many trials share the most common score, if nearly all do, else 0; and that score."""
    # Fold by fold: equal means of different folds are a coincidence, not the same predictions.
    rows = np.round(table.values.mean(axis=2), _DIGITS)
    distinct, sizes = np.unique(rows, axis=0, return_counts=True)
    most = int(np.argmax(sizes))
    score = float(distinct[most].mean())
    return (int(sizes[most]), score) if sizes[most] >= _MOST * len(rows) else (0, math.nan)


def _floor(chosen: Metric, counts: Sequence[Counts]) -> float:
    """What one prediction for all rows reaches, on average over the folds; NaN if that is not known."""
    return float(np.mean([chosen.floor(rows.base_rate) for rows in counts])) if counts else math.nan


def _hair(chosen: Metric, floor: float, counts: Sequence[Counts]) -> float:
    """A difference from the floor that amounts to nothing."""
    rows = sum(fold.negatives + fold.positives for fold in counts)
    return _TENTH * math.sqrt(max(floor * (1.0 - floor), 0.0) / rows) + 10.0**-_DIGITS


def _best_at_floor(table: ScoreTable, floor: float, counts: Sequence[Counts]) -> bool:
    best = float(table.means[int(np.argmin(table.losses.mean(axis=(1, 2))))])
    ahead = best - floor if table.metric.direction == "higher" else floor - best
    return ahead <= _hair(table.metric, floor, counts)


def _instead(plan: Plan, trials: Sequence[Trial], chosen: Metric) -> tuple[str, bool]:
    """A metric to rank by, and whether the trials were measured by it and differ in it."""
    for name in plan.metrics:
        other = metric(name)
        if other.name != chosen.name and not _one_score(scores_of(plan, trials, name))[0]:
            return other.name, True
    return next(name for name in _INSTEAD if name != chosen.name), False


def _reach(chosen: Metric, value: float, rows: Counts) -> float:
    """Half the 95 % interval of one model's score on so many rows; NaN for metrics that are not judged."""
    match chosen.name:
        case "roc_auc":
            error = area_error(value, rows.positives, rows.negatives)
        case "average_precision" | "recall":
            error = math.sqrt(value * (1.0 - value) / max(rows.positives, 1))
        case "accuracy":
            error = math.sqrt(value * (1.0 - value) / (rows.positives + rows.negatives))
        case _:
            error = math.nan
    return float(norm.isf(0.025)) * error
