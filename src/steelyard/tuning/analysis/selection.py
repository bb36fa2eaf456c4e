"""What picking the best trial on the very folds that score it has added to its score.

The highest of many noisy scores is too high. A look at the folds alone can tell by how much: for each fold
the best trial is picked on the *other* folds, and scored on this one, on which it was not picked. The mean of
these is a score of the whole procedure, "take the best of these trials", rather than of the one trial; what
the winner's own score exceeds it by is the optimism of picking. (Varma and Simon 2006 nest the whole search;
here only the choice among the trials is nested, which costs nothing. The two agree for designs fixed in
advance; a sampler that learns has looked at all folds when it proposed the later trials, so for it this is
too little. Rows that the search never saw tell the rest: :mod:`steelyard.tuning.winner`.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.study import Plan, Trial
from steelyard.tuning.analysis.scores import ScoreTable, scores_of


@dataclass(frozen=True)
class Selection:
    """The score of the best trial, and that of picking the best; NaN with one fold or no trial."""

    metric: str
    own: float
    """Of the best trial, on the folds that picked it."""
    nested: float
    """Of the trials that were best without the fold, on the fold."""
    picked: tuple[int, ...]
    """The trial picked for each fold. Many different ones mean that the ranking is mostly noise."""


def selection(plan: Plan, trials: Sequence[Trial], name: str | None = None) -> Selection:
    """Of the comparable trials, by the metric ``name`` of the plan or by its first one."""
    return selection_of(scores_of(plan, trials, name))


def selection_of(table: ScoreTable) -> Selection:
    """Likewise, of scores that are at hand."""
    losses, values = table.by_fold, table.values.mean(axis=2)
    trials, folds = losses.shape
    if not trials:
        return Selection(table.metric.name, math.nan, math.nan, ())
    own = float(values[int(np.argmin(losses.mean(axis=1)))].mean())
    if folds < 2:
        return Selection(table.metric.name, own, math.nan, ())
    elsewhere = losses.sum(axis=1, keepdims=True) - losses
    chosen = np.argmin(elsewhere, axis=0)
    nested = float(values[chosen, np.arange(folds)].mean())
    return Selection(table.metric.name, own, nested, tuple(table.trials[row].number for row in chosen))
