"""SRC802: the trials differ by no more than chance would make equal ones differ."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, fdtrc

from steelyard.diagnosis.arithmetic.averaged_trials import over_seeds
from steelyard.diagnosis.arithmetic.trial_tables import (
    Ranking,
    configurations,
    own_error,
    ranking,
    score_error,
    spread_of,
)
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Estimate
from steelyard.diagnosis.wording import counted, number
from steelyard.finding import Confidence, Severity
from steelyard.log import TrialTable


@rule("SRC802", severity=Severity.WARNING, catalogue="H2")
def differences_within_noise(
    trials: TrialTable,
    rows_validation: int | None,
    positives_validation: Estimate | None,
    seeds: int | None,
    *,
    fewest: int = 3,
    correlation: float = 0.8,
    level: float = 0.05,
) -> Outcome:
    """The configurations differ by no more than noise.

    How it is detected
    ------------------
    Of at least ``fewest`` trials: with the spread over seeds known (rows that differ in their seed alone are
    one trial), by a one-way analysis of variance: the means of the trials are no further apart than seeds put
    them (p above ``level``). Without, by the rows:
    trials that were all equally good would still differ by the standard error of the score, as far as they do
    not share it (their scores on the same rows are taken to be correlated by ``correlation``); a chi-squared
    test asks for more than that.

    When it misleads
    ----------------
    Two seeds estimate a spread badly, and a real difference can then hide. Trials that agree on nearly every
    row differ by less noise than is assumed; if a difference of a few rows is real, more seeds will show it.

    Why it matters
    --------------
    The winner is a lucky number, and so is any story about why it won.

    What to change
    --------------
    Take the plainest or fastest trial. To learn more, search where it matters, and with more seeds and folds.

    Source
    ------
    Catalogue H2; Tuning playbook on trial variance.
    """
    trials, seeds = over_seeds(trials, seeds)
    found = ranking(trials)
    if found is None or len(found.measured) < fewest:
        return CannotTell(f"fewer than {fewest} trials have a score that ranks them")
    if trials.parameters and len(configurations(trials)) < fewest:
        return CannotTell(f"fewer than {fewest} trials differ in more than their seeds")
    scores = found.measured
    best = float(found.values[found.best])
    gap = float(np.ptp(scores))
    spread = spread_of(trials, found.metric)
    if spread is not None and seeds is not None and seeds > 1:
        return _over_seeds(found, spread, seeds, level)
    positives = None if positives_validation is None else positives_validation.value
    error = score_error(found.metric, float(np.median(scores)), rows_validation, positives)
    if math.isnan(error):
        return CannotTell(
            f"how finely {found.words} is known is not known: neither its spread over seeds, nor the "
            "numbers of rows and positives that a score like this needs"
        )
    noise = own_error(error, correlation)
    p = _p_equal(scores, noise)
    if p < level:
        return Passed(
            f"{found.words} spreads by {number(float(scores.std(ddof=1)))} over the trials, equal ones by "
            f"{number(noise)}"
        )
    in_rows = ""
    if found.metric.endswith("_accuracy") and rows_validation:
        apart = round(gap * rows_validation)
        ahead = round(found.lead(float(np.median(scores))) * rows_validation)
        in_rows = (
            f", which is {counted(apart, 'row')} of {rows_validation:,}; the best is ahead of the middle "
            f"one by {counted(ahead, 'row')}"
        )
    return Fired(
        f"The {len(scores)} trials have {_range(found, scores)}"
        f"{in_rows}. Equally good ones can differ as much by the choice of validation rows alone, so "
        f"the winner ({best:.6g}) may be any of them.",
        evidence={
            "trials": len(scores),
            "range": gap,
            "deviation": float(scores.std(ddof=1)),
            "noise": noise,
            "p": round(p, 3),
        },
        advice="Take the plainest or fastest, or measure more finely: by log loss or average precision, "
        "with more seeds and folds.",
        confidence=Confidence.LIKELY,
    )


def _over_seeds(found: Ranking, spread: NDArray[np.float64], seeds: int, level: float) -> Outcome:
    known = np.isfinite(found.values) & np.isfinite(spread)
    means, within = found.values[known], spread[known]
    if len(means) < 2 or not (within > 0.0).any():
        return CannotTell("the spread over seeds is known of fewer than two trials")
    noise = math.sqrt(float((within**2).mean()))
    ratio = seeds * float(means.var(ddof=1)) / noise**2
    p = float(fdtrc(len(means) - 1, len(means) * (seeds - 1), ratio))
    if p < level:
        return Passed(f"trials differ by more than their seeds (variance ratio {ratio:.2f}, p = {p:.2g})")
    return Fired(
        f"The {len(means)} trials have {_range(found, means)}, "
        f"and the same trial with another seed varies by {number(noise)} (standard deviation): that alone "
        f"can explain it (variance ratio {ratio:.2f}, p = {p:.2f}).",
        evidence={"trials": len(means), "noise": noise, "ratio": ratio, "p": round(p, 3), "seeds": seeds},
        advice="Take the plainest or fastest, or measure more finely, with more seeds and folds.",
    )


def _range(found: Ranking, scores: NDArray[np.float64]) -> str:
    least, most = f"{scores.min():.6g}", f"{scores.max():.6g}"
    if least == most:
        return f"the same {found.words}, {least}"
    return f"a {found.words} between {least} and {most}"


def _p_equal(scores: NDArray[np.float64], noise: float) -> float:
    """The chance that equally good trials spread at least like this."""
    if noise == 0.0:
        return 1.0 if np.ptp(scores) == 0.0 else 0.0
    return float(chdtrc(len(scores) - 1, float(((scores - scores.mean()) ** 2).sum()) / noise**2))
