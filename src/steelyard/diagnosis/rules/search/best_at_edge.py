"""SRC801: the best trial has the smallest or largest value that was tried."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.arithmetic.averaged_trials import over_seeds
from steelyard.diagnosis.arithmetic.axis_edges import Edge, chance_of_order, chance_of_place, edges_of
from steelyard.diagnosis.arithmetic.trial_tables import Ranking, own_noise, ranking
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Estimate
from steelyard.diagnosis.wording import number
from steelyard.finding import Severity
from steelyard.log import TrialTable


@rule("SRC801", severity=Severity.WARNING, catalogue="H1")
def best_at_edge(
    trials: TrialTable,
    rows_validation: int | None,
    positives_validation: Estimate | None,
    seeds: int | None,
    *,
    fewest: int = 5,
    top: int = 3,
    outermost: float = 1 / 6,
    correlation: float = 0.8,
    errors: float = 2.0,
    level: float = 0.05,
) -> Outcome:
    """The best trials lie at the edge of what was tried.

    How it is detected
    ------------------
    Of a parameter with three or more different numbers, the best of at least ``fewest`` trials (the mean of
    those that differ in their seed alone) has the least or the greatest, and one of three things says that
    this is no accident: the score rises towards that edge (rank correlation), the ``top`` best lie in the
    ``outermost`` part of the values, neither of which equally good trials would show on any of so many edges
    with a chance of ``level``; or the best leads every trial elsewhere by more than ``errors`` standard
    errors of a difference (by the spread over seeds if it is known, else by the rows, with scores on the same
    rows correlated by ``correlation``). The ``top`` best in the outermost part are enough by themselves.

    When it misleads
    ----------------
    Some trial has to be best, and of five values two are edges: the best alone says nothing. Where nothing
    lies beyond (a dropout or a penalty of 0, a share of 1, one layer) an edge is none.

    Why it matters
    --------------
    What is best among the values tried need not be good: the score may still rise beyond them.

    What to change
    --------------
    Go on three- to tenfold on that side.

    Source
    ------
    Catalogue H1; Tuning playbook, "best point near the boundary".
    """
    trials, seeds = over_seeds(trials, seeds)
    found = ranking(trials)
    if found is None or len(found.measured) < fewest:
        return CannotTell(f"fewer than {fewest} trials have a score that ranks them")
    edges = tuple(edges_of(trials))
    if not edges:
        return CannotTell("no parameter was tried at three or more different numbers")
    error, _ = own_noise(trials, found, seeds, rows_validation, positives_validation, correlation)
    noise = errors * math.sqrt(2.0) * error
    merits = found.values[found.order] * (-1.0 if found.lower_is_better else 1.0)
    first = found.order[merits == merits[0]]
    # Those level with the last of the best are among them: their order is that of the table.
    among = int((merits >= merits[min(top, len(merits)) - 1]).sum())
    perhaps = ""
    for edge in edges:
        beyond = edge.beyond()
        if beyond is None:
            continue
        best_there = bool((edge.given[first] == edge.last).all())
        by_place = chance_of_place(edge.outermost(outermost)[found.order], among)
        by_order = (
            chance_of_order(edge.given[found.order], merits, falling=not edge.upper) if best_there else 1.0
        )
        leads = best_there and _leads(found, edge.given != edge.last, noise)
        if min(by_place, by_order) * len(edges) < level or leads:
            return _fired(found, edge, beyond, None if best_there else among)
        if best_there:
            perhaps = f"the best trial has the {edge.word} {edge.name} that was tried, {edge.last:g}"
    if perhaps:
        return CannotTell(f"{perhaps}, but one trial has to be best, and that may be chance")
    return Passed(f"the best trial by {found.words} lies inside what was tried, or where nothing lies beyond")


def _fired(found: Ranking, edge: Edge, beyond: float, near: int | None) -> Fired:
    """``near`` is how many of the best lie near the edge, where the very best is not at it."""
    score = number(float(found.values[found.best]))
    if near is None:
        what = (
            f"The best of {len(found.order)} trials, by {found.words} ({score}), has {edge.name} = "
            f"{edge.last:g}, the {edge.word} of the {len(edge.tried)} values tried."
        )
    else:
        values = edge.given[found.order[:near]]
        what = (
            f"The {near} best of {len(found.order)} trials, by {found.words} (the first {score}), have "
            f"{edge.name} between {values.min():g} and {values.max():g}, among the {edge.word} of the "
            f"{len(edge.tried)} values tried."
        )
    return Fired(
        f"{what} Better ones may lie beyond.",
        evidence={
            "parameter": edge.name,
            "value": edge.last,
            "edge": edge.word,
            "trials": len(found.order),
        },
        advice=f"Try values beyond {edge.last:g}, for a start {beyond:.3g}.",
    )


def _leads(found: Ranking, elsewhere: NDArray[np.bool_], noise: float) -> bool:
    rivals = found.values[elsewhere & np.isfinite(found.values)]
    if math.isnan(noise) or not len(rivals):
        return False
    return found.lead(float(rivals.min() if found.lower_is_better else rivals.max())) > noise
