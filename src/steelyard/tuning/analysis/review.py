"""All that should be known about a search before its winner is believed."""

from __future__ import annotations

from collections.abc import Sequence

from steelyard.study import Plan, Trial
from steelyard.tuning.analysis.edges import edges
from steelyard.tuning.analysis.findings import Finding
from steelyard.tuning.analysis.leaderboard import leaderboard
from steelyard.tuning.analysis.ranking import Counts, cannot_rank, few_positives, flat
from steelyard.tuning.analysis.scores import scores_of
from steelyard.tuning.analysis.trainings import cut_short, divergence


def findings(
    plan: Plan, trials: Sequence[Trial], name: str | None = None, *, counts: Sequence[Counts] = ()
) -> tuple[Finding, ...]:
    """The warnings about a search, by code; it may still be under way.

    Ranked by the metric ``name`` of the plan or by its first one. ``counts`` are the validation rows of each
    fold by label; without them nothing is said of what depends on them (T106, and in T102 what one prediction
    for all rows reaches).
    """
    table = scores_of(plan, trials, name)
    board = leaderboard(plan, trials, name)
    found = [
        *cannot_rank(plan, trials, table, counts),
        *flat(plan, table),
        *divergence(plan, [trial for trial in trials if trial.networks]),
        *cut_short(plan, trials, board),
        *few_positives(table, board, counts),
    ]
    # Where the score says nothing, neither does the place of the best one.
    if not any(finding.code == "T102" for finding in found):
        found += edges(plan, table, board)
    return tuple(sorted(found, key=lambda finding: finding.code))
