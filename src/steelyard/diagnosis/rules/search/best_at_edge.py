"""SRC801: the best trial has the smallest or largest value that was tried."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.arithmetic.trial_tables import (
    Ranking,
    ordered_axes,
    own_error,
    ranking,
    score_error,
)
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Estimate
from steelyard.diagnosis.wording import number
from steelyard.finding import Confidence, Severity
from steelyard.log import TrialTable

_FROM_ZERO_TO_ONE = ("dropout", "momentum", "beta", "rho", "rate_of", "fraction", "share")


@rule("SRC801", severity=Severity.WARNING, catalogue="H1")
def best_at_edge(
    trials: TrialTable,
    rows_validation: int | None,
    positives_validation: Estimate | None,
    *,
    fewest: int = 5,
    top: int = 3,
    correlation: float = 0.8,
    errors: float = 2.0,
) -> Outcome:
    """The best trial lies at the edge of what was tried.

    How it is detected
    ------------------
    Of a parameter with three or more different numbers, the best of at least ``fewest`` trials has the least
    or the greatest. It is a warning if the ``top`` best all lie there, or the best leads every trial
    elsewhere by more than ``errors`` standard errors of a difference (scores on the same rows correlate by
    ``correlation``); otherwise a smell, since some trial has to be best and of five values two are edges.

    When it misleads
    ----------------
    Where the metric is flat the place of the best says nothing. Where nothing lies beyond (a dropout or a
    penalty of 0, a share of 1) an edge is none.

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
    found = ranking(trials)
    if found is None or len(found.measured) < fewest:
        return CannotTell(f"fewer than {fewest} trials have a score on validation rows")
    axes = ordered_axes(trials)
    if not axes:
        return CannotTell("no parameter was tried at three or more different numbers")
    positives = None if positives_validation is None else positives_validation.value
    error = score_error(found.metric, float(found.values[found.best]), rows_validation, positives)
    noise = errors * math.sqrt(2.0) * own_error(error, correlation)
    order = np.argsort(found.values if found.lower_is_better else -found.values, kind="stable")
    order = order[np.isfinite(found.values[order])]
    edges = []
    for name, values in axes.items():
        column = np.array([float(value) for value in trials.parameters[name]])
        here = float(column[found.best])
        if here not in (values[0], values[-1]) or _ends_there(name, here, here == values[-1]):
            continue
        surely = bool((column[order[:top]] == here).all()) or _leads(found, column != here, noise)
        edges.append((name, here, values, surely))
    if not edges:
        return Passed(f"the best trial by {found.words} lies inside what was tried")
    name, here, values, surely = max(edges, key=lambda edge: edge[3])
    word, beyond = ("largest", here * here / values[-2]) if here == values[-1] else ("smallest", 0.0)
    if word == "smallest":
        beyond = here * here / values[1] if here > 0.0 else 2.0 * here - values[1]
    elif values[-2] <= 0.0:
        beyond = 2.0 * here - values[-2]
    close = "" if surely else " Its lead over trials elsewhere is small, so that may be chance."
    return Fired(
        f"The best of {len(order)} trials, by {found.words} ({number(float(found.values[found.best]))}), "
        f"has {name} = {here:g}, the {word} of the {len(values)} values tried. Better ones may lie "
        f"beyond.{close}",
        evidence={"parameter": name, "value": here, "edge": word, "trials": len(order)},
        advice=f"Try values beyond {here:g}, for a start {beyond:.3g}.",
        severity=None if surely else Severity.SMELL,
        confidence=None if surely else Confidence.POSSIBLE,
        settle=""
        if surely
        else f"Two or three trials beyond {name} = {here:g}, with more than one seed each.",
    )


def _ends_there(name: str, value: float, upper: bool) -> bool:
    bounded = any(part in name.lower() for part in _FROM_ZERO_TO_ONE)
    return value >= 0.99 if upper and bounded else not upper and value == 0.0


def _leads(found: Ranking, elsewhere: NDArray[np.bool_], noise: float) -> bool:
    rivals = found.values[elsewhere & np.isfinite(found.values)]
    if math.isnan(noise) or not len(rivals):
        return False
    return found.lead(float(rivals.min() if found.lower_is_better else rivals.max())) > noise
