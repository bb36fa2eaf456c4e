"""How much of the differences between scores comes from configurations, from folds, and from seeds.

The score of a network is taken as the sum of the effects of its configuration, its fold, both together, and
its seed: a random-effects analysis of variance, balanced because only complete trials enter (Searle, Casella
and McCulloch 1992, chapter 4). Estimates below zero are zero. Folds share training rows, so what folds and
configurations make together is repeated in part from fold to fold; as in :mod:`steelyard.comparison` the
variance of a mean over ``n`` folds is taken to be ``1 + n * ratio`` times what independent folds would give.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import f as fisher

from steelyard.study import Plan, Trial
from steelyard.tuning.analysis.leaderboard import Basis, basis_of
from steelyard.tuning.analysis.scores import Numbers, ScoreTable, scores_of


@dataclass(frozen=True)
class Spreads:
    """Standard deviations of a metric by where they come from; NaN where nothing tells."""

    metric: str
    trials: int
    """Complete ones, none of whose networks diverged."""
    over_configurations: float
    """Between the true scores of the points that were tried, noise taken off. Of a search that prunes, or
    looks where others did well, they are the better ones, and differ less than the space does."""
    over_folds: float
    """Between folds, common to all configurations: some rows are easier. It does not disturb a ranking."""
    over_both: float
    """Between folds beyond that, different for each configuration. With a single seed it holds that of the
    seeds too."""
    over_seeds: float
    """Between networks that differ in their seed alone."""
    f: float
    """How many times as far the means of the trials differ as noise alone would have them (a variance
    ratio); NaN where no noise is known."""
    p: float
    """The chance of such an ``f`` if all configurations were equally good."""
    basis: Basis
    """What the noise in ``f`` was taken from."""

    @property
    def summary(self) -> str:
        """One sentence."""
        parts = [
            ("over seeds", self.over_seeds),
            ("over folds", self.over_folds),
            (f"over the configurations of {self.trials} trials", self.over_configurations),
        ]
        known = [f"{value:.2g} {name}" for name, value in parts if not math.isnan(value)]
        if not known:
            return f"How far {self.metric} varies by chance is not known: one fold, one seed."
        return f"{self.metric} varies by {', '.join(known)} (standard deviations)."


def spreads(plan: Plan, trials: Sequence[Trial], name: str | None = None) -> Spreads:
    """The spreads of the metric ``name`` of the plan, or of the first one, over the comparable trials."""
    return spreads_of(scores_of(plan, trials, name), basis_of(plan))


def spreads_of(table: ScoreTable, basis: Basis) -> Spreads:
    """Likewise, of scores that are at hand.

    Measured on losses, which for metrics of which the value nearest to an ideal is best are distances.
    """
    trials, folds, seeds = table.losses.shape
    configuration, fold, both, seed = _mean_squares(table.losses)
    # What a trial's mean is compared with: what makes it differ although configurations are the same.
    noise = (1.0 + folds * table.ratio) * both if folds > 1 else seed
    freedom = (trials - 1) * (folds - 1) if folds > 1 else trials * (seeds - 1)
    known = trials > 1 and freedom > 0
    f = _variance_ratio(configuration, noise) if known else math.nan
    return Spreads(
        metric=table.metric.name,
        trials=trials,
        over_configurations=_root((configuration - noise) / (folds * seeds)) if known else math.nan,
        over_folds=_root((fold - both) / (trials * seeds)) if trials else math.nan,
        over_both=_root((both - (seed if seeds > 1 else 0.0)) / seeds),
        over_seeds=_root(seed),
        f=f,
        p=float(fisher.sf(f, trials - 1, freedom)) if known else math.nan,
        basis=basis,
    )


def _variance_ratio(above: float, below: float) -> float:
    if below > 0.0:
        return above / below
    return math.inf if above > 0.0 else 1.0


def _mean_squares(losses: Numbers) -> tuple[float, float, float, float]:
    """Of configurations, folds, both together, and seeds inside both; NaN without degrees of freedom."""
    trials, folds, seeds = losses.shape
    if not trials:
        return math.nan, math.nan, math.nan, math.nan
    cells = losses.mean(axis=2)
    of_trial, of_fold, all_of_them = cells.mean(axis=1), cells.mean(axis=0), cells.mean()
    together = cells - of_trial[:, None] - of_fold + all_of_them
    squares = (
        (folds * seeds * ((of_trial - all_of_them) ** 2).sum(), trials - 1),
        (trials * seeds * ((of_fold - all_of_them) ** 2).sum(), folds - 1),
        (seeds * (together**2).sum(), (trials - 1) * (folds - 1)),
        (((losses - cells[:, :, None]) ** 2).sum(), trials * folds * (seeds - 1)),
    )
    configuration, fold, both, seed = (
        float(total) / freedom if freedom > 0 else math.nan for total, freedom in squares
    )
    return configuration, fold, both, seed


def _root(variance: float) -> float:
    """NaN stays NaN; an estimate below zero is zero."""
    return variance if math.isnan(variance) else math.sqrt(max(variance, 0.0))
