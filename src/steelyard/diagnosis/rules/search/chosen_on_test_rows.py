"""SRC805: the rows that chose are the rows the result is reported on."""

from __future__ import annotations

from steelyard.diagnosis.rule import Fired, Outcome, Passed, rule
from steelyard.diagnosis.wording import number
from steelyard.finding import Confidence, Severity
from steelyard.log import Stopping, TrialTable

_OF_VALIDATION = ("val", "eval", "dev", "test")
"""Beginnings of the names of what is measured on rows that are not trained on."""


@rule("SRC805", severity=Severity.WARNING, catalogue="H5")
def chosen_on_test_rows(
    validation_is_test: bool,
    stopping: Stopping | None,
    trials: TrialTable | None,
    reported_auc: float | None,
    reported_on: str | None,
    rows_validation: int | None,
) -> Outcome:
    """Something was chosen on the rows that the result is reported on.

    How it is detected
    ------------------
    The rows given to training for validation are those the result is computed on (the same names in the code,
    or the same rows).

    When it misleads
    ----------------
    If nothing was chosen by them, neither epoch nor setting nor model, watching does no harm; without early
    stopping by them, a search or a score reported on them in sight it is only a smell.

    Why it matters
    --------------
    A score by which something was chosen is too good, and nothing is left to say by how much.

    What to change
    --------------
    Three parts: train, validation (which chooses), test (which is looked at once); or nested
    cross-validation.

    Source
    ------
    Catalogue H5; Cawley and Talbot (2010).
    """
    if not validation_is_test:
        return Passed("the rows that validate are not those of the result")
    rows = f"{rows_validation:,} " if rows_validation else ""
    chose = []
    if stopping is not None and stopping.monitor.lower().startswith(_OF_VALIDATION):
        what = "chose the epoch" if stopping.patience is None else "stopped training"
        chose.append(f"{what} (by {stopping.monitor})")
    if trials is not None:
        chose.append("ranked the trials of a search, with none set aside to judge the winner")
    report = ""
    reported = reported_auc is not None and reported_on != "train"
    if reported_auc is not None and reported:
        on = f" on {reported_on} rows" if reported_on else ""
        report = (
            f" The ROC AUC of {number(reported_auc)} reported{on} is such a score, and so is any comparison "
            "by it."
        )
    how = f" They {' and '.join(chose)}." if chose else ""
    return Fired(
        f"The {rows}rows that validate during training are also the rows that judge the result.{how}{report} "
        "Whatever was decided by looking at them makes it too good, and no rows are left to say by how much.",
        evidence=({} if rows_validation is None else {"rows": rows_validation})
        | ({} if reported_auc is None or not reported else {"reported_auc": reported_auc}),
        advice="Set a third part aside that chooses nothing, and report on it once.",
        severity=None if chose or reported else Severity.SMELL,
        confidence=Confidence.CERTAIN if chose else Confidence.LIKELY,
        settle="" if chose else "Was anything (epoch, setting, resampling or not) decided by these scores?",
    )
