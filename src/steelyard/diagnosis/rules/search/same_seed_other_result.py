"""SRC809: the same run, repeated, gave another result."""

from __future__ import annotations

import math

import numpy as np

from steelyard.diagnosis.arithmetic.trial_tables import (
    configurations,
    has_seeds,
    ranking,
    score_error,
    with_known_seed,
)
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Estimate
from steelyard.diagnosis.wording import number
from steelyard.finding import Confidence, Severity
from steelyard.log import TrialTable


@rule("SRC809", severity=Severity.WARNING, confidence=Confidence.CERTAIN, catalogue="H9")
def same_seed_other_result(
    trials: TrialTable,
    rows_validation: int | None,
    positives_validation: Estimate | None,
    *,
    rounding: float = 1e-6,
) -> Outcome:
    """The same settings with the same seed gave different results.

    How it is detected
    ------------------
    Two trials agree in every parameter, the seed among them, and their score differs by more than
    ``rounding``. If by less than a tenth of the score's standard error, it is a smell.

    When it misleads
    ----------------
    Graphics cards add in changing order; differences below the error of the score are tolerable. Something
    that differs may not be in the table (version, machine).

    Why it matters
    --------------
    A result that cannot be repeated cannot be explained, and a small difference between settings cannot be
    told from this one.

    What to change
    --------------
    Set all seeds (``keras.utils.set_random_seed``), ask for deterministic operations, note the versions.

    Source
    ------
    Catalogue H9; Karpathy's recipe: fix the random seed.
    """
    found = ranking(trials)
    if found is None:
        return CannotTell("no trial has a score that ranks it")
    if not has_seeds(trials):
        return CannotTell("the seeds of the trials are not known")
    seeded = with_known_seed(trials)
    repeated = [
        group for group in configurations(trials, with_seed=True) if len(group) > 1 and seeded[group].all()
    ]
    gaps = []
    for group in repeated:
        scores = found.values[group]
        if np.isfinite(scores).sum() > 1:
            gaps.append((float(np.nanmax(scores) - np.nanmin(scores)), len(group)))
    if not gaps:
        return CannotTell("no two trials have the same settings and the same seed")
    gap, count = max(gaps)
    level = abs(float(np.nanmedian(found.values)))
    if gap <= rounding * max(level, 1.0):
        return Passed(f"{len(gaps)} repeated settings gave the same results")
    positives = None if positives_validation is None else positives_validation.value
    error = score_error(found.metric, level, rows_validation, positives)
    small = math.isfinite(error) and gap < 0.1 * error
    size = f", less than a tenth of its standard error ({number(error)})" if small else ""
    return Fired(
        f"{count} trials with the same settings and the same seed differ in {found.words} by "
        f"{number(gap)}{size}. Something that is not written down decides as well.",
        evidence={"difference": gap, "trials": count},
        advice="Set every seed, ask for deterministic operations, and note versions and machine.",
        severity=Severity.SMELL if small else None,
    )
