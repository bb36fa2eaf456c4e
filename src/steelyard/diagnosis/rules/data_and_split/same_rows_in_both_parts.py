"""DAT605: validation rows that were trained on."""

from __future__ import annotations

from collections.abc import Mapping

from steelyard.diagnosis.rule import Fired, Outcome, Passed, rule
from steelyard.finding import Severity


@rule("DAT605", severity=Severity.WARNING, catalogue="F5", unless=("IMB703",))
def same_rows_in_both_parts(data_warnings: Mapping[str, str]) -> Outcome:
    """Some validation or test rows are training rows too.

    How it is detected
    ------------------
    The table itself is looked at: rows that agree in every input and stand in two parts, more than tables
    with few distinct rows have anyway (warning D103).

    When it misleads
    ----------------
    Tables of a few whole numbers repeat rows by nature; D103 allows for that. A hundredth of the rows, from
    which on it tells, hardly moves a score.

    Why it matters
    --------------
    A row that was trained on is no test: the network may remember it.

    What to change
    --------------
    Score the rows that judge without those that were trained on: if the result holds, they did no harm. If it
    does not, remove repetitions before the split, or split by a group that keeps them together.

    Source
    ------
    Catalogue F5; deepchecks "train test samples mix", cleanlab near duplicates.
    """
    said = data_warnings.get("D103")
    if said is None:
        return Passed("no more rows stand in two parts than repeat by nature")
    return Fired(
        f"Some rows are trained on and judged by as well: {said}",
        evidence={"warning": "D103"},
        advice="Score the rows that judge without these. If the result is another, remove repetitions before "
        "the split, or split by a group that keeps them together.",
        settle="Is the score the same without the rows that were trained on?",
    )
