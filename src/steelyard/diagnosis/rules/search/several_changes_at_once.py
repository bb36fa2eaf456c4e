"""SRC807: runs are compared that differ in more than one thing."""

from __future__ import annotations

from steelyard.diagnosis.arithmetic.trial_tables import differing, ranking, trials_of
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.wording import listed
from steelyard.finding import Confidence, Severity
from steelyard.log import TrialTable


@rule("SRC807", severity=Severity.SMELL, confidence=Confidence.CERTAIN, catalogue="H7")
def several_changes_at_once(trials: TrialTable, *, most_trials: int = 5) -> Outcome:
    """Two runs differ in more than one thing.

    How it is detected
    ------------------
    Of up to ``most_trials`` runs, the best differs from every other in two or more things besides the seed.
    What one decision changes together (resampling and the number of training rows, class weights and their
    type) counts once.

    When it misleads
    ----------------
    More runs than that are taken for a search, where all things vary on purpose and the analysis is over
    all of them. In a factorial design some other run differs in one thing only, and nothing is said.

    Why it matters
    --------------
    Which of the changes did it cannot be told; one may have helped and the other harmed.

    What to change
    --------------
    Go from one run to the other one change at a time.

    Source
    ------
    Catalogue H7; Karpathy's "one thing at a time"; the Playbook's scientific and nuisance parameters.
    """
    count = trials_of(trials)
    if count < 2 or not trials.parameters:
        return CannotTell("there is nothing to compare: one run, or nothing known of how they differ")
    if count > most_trials:
        return Passed(f"{count} runs are a search, in which things vary on purpose")
    found = ranking(trials)
    best = 0 if found is None else found.best
    changes = {row: differing(trials, best, row) for row in range(count) if row != best}
    unlike = {row: groups for row, groups in changes.items() if groups}
    if not unlike:
        return Passed("the runs differ in nothing but their seeds")
    row, nearest = min(unlike.items(), key=lambda item: len(item[1]))
    if len(nearest) < 2:
        return Passed(f"runs {best + 1} and {row + 1} differ in {nearest[0][0]} alone")
    names = [" with ".join(group[:2]) for group in nearest]
    return Fired(
        f"Run {best + 1} and the run most like it, run {row + 1}, differ in {len(nearest)} things: "
        f"{listed(names)}. Which of them makes the difference in their results cannot be told.",
        evidence={"changes": len(nearest), "runs": count},
        advice="Repeat one of them with a single change.",
    )
