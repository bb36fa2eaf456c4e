"""DAT605: validation rows that were trained on."""

from __future__ import annotations

from collections.abc import Mapping

from steelyard.diagnosis.rule import Fired, Outcome, Passed, rule
from steelyard.finding import Severity


@rule("DAT605", severity=Severity.WARNING, catalogue="F5", unless=("IMB703",))
def same_rows_in_both_parts(data_warnings: Mapping[str, str]) -> Outcome:
    """Validation or test rows are training rows too.

    How it is detected
    ------------------
    The table itself is looked at: rows that agree in every input and stand in two parts, more than tables
    with few distinct rows have anyway (warning D103).

    When it misleads
    ----------------
    Tables of a few whole numbers repeat rows by nature; D103 allows for that.

    Why it matters
    --------------
    A row that was trained on is no test: the network may remember it.

    What to change
    --------------
    Remove repetitions before the split, or split by a group that keeps them together.

    Source
    ------
    Catalogue F5; deepchecks "train test samples mix", cleanlab near duplicates.
    """
    said = data_warnings.get("D103")
    if said is None:
        return Passed("no more rows stand in two parts than repeat by nature")
    return Fired(
        f"The same rows are trained on and judged by: {said}",
        evidence={"warning": "D103"},
        advice="Remove repetitions before the split, or split by a group that keeps them together.",
    )
