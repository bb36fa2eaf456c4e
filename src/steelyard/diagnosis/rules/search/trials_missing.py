"""SRC810: trials that should be in the table are not, or have no score."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.arithmetic.trial_tables import (
    configurations,
    key,
    score_name,
    scores_of,
    trials_of,
    words_of,
)
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.wording import counted
from steelyard.finding import Confidence, Severity
from steelyard.log import TrialTable


@rule("SRC810", severity=Severity.WARNING, confidence=Confidence.CERTAIN, catalogue="H10")
def trials_missing(trials: TrialTable) -> Outcome:
    """Trials failed and were dropped, or were run twice.

    How it is detected
    ------------------
    Fewer trials are in the table than were asked for; some have no score; or some agree with another in
    every setting and every figure, which is the same trial twice.

    When it misleads
    ----------------
    A search that was stopped by hand or by time, or that prunes, has fewer trials by design, and a text may
    show a part of its table: where trials are only absent, it is possible, not certain.

    Why it matters
    --------------
    A part of the space where networks diverge is a finding, not a gap; next to it lie settings where some
    seeds do. And "best of 100" means less when 40 failed.

    What to change
    --------------
    Keep failures in the table with their reason.

    Source
    ------
    Catalogue H10; Tuning playbook on infeasible trials.
    """
    count = trials_of(trials)
    name = score_name(trials)
    if name is None:
        return CannotTell("the table has no score on validation rows")
    failed = np.flatnonzero(~np.isfinite(scores_of(trials, name)))
    absent = max((trials.asked or count) - count, 0)
    groups = configurations(trials, with_seed=True) if trials.parameters else []
    twice = sum(len(group) - _distinct(trials, group) for group in groups)
    if not (len(failed) or absent or twice):
        known = "" if trials.asked else "; how many were asked for is not known"
        return Passed(f"all {count} trials have a score{known}")
    clauses = []
    if absent:
        clauses.append(f"{trials.asked} trials were asked for and {count} are in the table")
    if len(failed):
        clauses.append(f"{len(failed)} of {count} have no {words_of(name)}{_shared(trials, failed)}")
    if twice:
        clauses.append(f"{counted(twice, 'trial')} agree with another in every setting and every figure")
    lost = absent or len(failed)
    why = (
        "Whatever failed is missing from every mean and every best."
        if lost
        else "A search of so many trials tried fewer settings than it seems."
    )
    return Fired(
        f"{'; '.join(clauses)}. {why}",
        evidence={"absent": absent, "failed": len(failed), "twice": twice, "trials": count},
        advice="Keep failed trials in the table with their reason, and look at what they share."
        if lost
        else "Count a setting that was drawn again once.",
        severity=None if lost else Severity.SMELL,
        confidence=Confidence.POSSIBLE if absent and not len(failed) else None,
        settle="Was the search stopped or pruned on purpose, or is only a part of its table here?"
        if absent
        else "",
    )


def _distinct(trials: TrialTable, group: NDArray[np.int64]) -> int:
    figures = [tuple(float(values[row]) for values in trials.metrics.values()) for row in group]
    return len(set(figures))


def _shared(trials: TrialTable, failed: NDArray[np.int64]) -> str:
    for name, values in trials.parameters.items():
        kinds = {key(values[row]) for row in failed}
        if len(failed) > 1 and len(kinds) == 1 and len({key(value) for value in values}) > 1:
            return f" (all with {name} = {values[int(failed[0])]})"
    return ""
