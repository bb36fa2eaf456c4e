"""DAT606: one input alone predicts about as well as a model could."""

from __future__ import annotations

from collections.abc import Mapping

from steelyard.diagnosis.rule import Fired, Outcome, Passed, rule
from steelyard.finding import Confidence, Severity


@rule("DAT606", severity=Severity.WARNING, confidence=Confidence.POSSIBLE, catalogue="F6")
def one_input_tells_the_target(data_warnings: Mapping[str, str]) -> Outcome:
    """One input alone gives the target away.

    How it is detected
    ------------------
    Among the training rows a single column ranks them as well as good models do, and better than all other
    columns together (or nearly without error: ROC AUC 0.95); or the gaps in a column rank them well (warnings
    D101 and D102).

    When it misleads
    ----------------
    Some inputs are really that strong; only somebody who knows how the table came about can tell. A strong
    column that the others together outdo passes, for honest ones are like that (warning D110): so does a weak
    leak among good columns, and one of two leaks that are not the same.

    Why it matters
    --------------
    More often such a column is a consequence of the target: the length of a call that ended in a sale. It
    will not be there when a prediction is needed.

    What to change
    --------------
    Ask whether the value is known at that time; if not, drop the column and train again.

    Source
    ------
    Catalogue F6; deepchecks "feature label correlation".
    """
    said = [data_warnings[code] for code in ("D101", "D102") if code in data_warnings]
    if not said and "D110" in data_warnings:
        return Passed(f"a strong input is not all there is: {data_warnings['D110']}")
    if not said:
        return Passed("no single input predicts the target alone")
    return Fired(
        f"One input may give the target away: {' Also: '.join(said)}",
        evidence={"warnings": ", ".join(code for code in ("D101", "D102") if code in data_warnings)},
        advice="Ask whether its value is known when the prediction is needed; if not, drop it.",
        settle="When, and by whom, is that column filled in?",
    )
