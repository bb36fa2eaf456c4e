"""DAT611: a key of the rows is among the inputs."""

from __future__ import annotations

import math
from collections.abc import Mapping

from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.finding import Confidence, Severity
from steelyard.log import FeatureFact


@rule("DAT611", severity=Severity.WARNING, catalogue="F11")
def identifier_as_input(
    data_warnings: Mapping[str, str] | None,
    features: tuple[FeatureFact, ...] | None,
    *,
    share: float = 0.95,
    rows: int = 100,
) -> Outcome:
    """A key of the rows is used as a number.

    How it is detected
    ------------------
    The table shows a column of whole numbers that is different in nearly every row (warning D104). Where only
    the columns' figures are known: more than ``share`` of at least ``rows`` values differ, the ends and the
    sum are whole numbers, and the spread is that of evenly numbered rows, (highest - lowest) / sqrt(12),
    within a tenth.

    When it misleads
    ----------------
    Evenly spread amounts in whole cents look the same by their figures; "possible" then.

    Why it matters
    --------------
    Larger keys are not more of anything. A key can stand for the order of the rows, which new rows do not
    share, and a network can learn rows by heart by it.

    What to change
    --------------
    Drop the column.

    Source
    ------
    Catalogue F11; deepchecks "identifier label correlation", cleanlab.
    """
    if said := (data_warnings or {}).get("D104"):
        return Fired(
            f"A key of the rows is used as a number: {said}",
            evidence={"warning": "D104"},
            advice="Drop the column.",
        )
    if data_warnings is not None:
        return Passed("no column of whole numbers names its row")
    if features is None:
        return CannotTell("neither the table nor figures of its columns are known (supply --data FILE)")
    seen = [one for one in features if one.distinct is not None and one.rows >= rows]
    keys = [one for one in seen if _numbers_rows(one, share)]
    if keys:
        first = keys[0]
        return Fired(
            f"{first.name} has {first.distinct:,} different whole numbers in {first.rows:,} rows, from "
            f"{first.minimum:,.0f} to {first.maximum:,.0f} and evenly spread, as numbers of rows are.",
            evidence={"column": first.name, "distinct": first.distinct or 0, "rows": first.rows},
            advice="Drop the column if it is a key.",
            settle="What does the column mean?",
            confidence=Confidence.POSSIBLE,
        )
    if not seen:
        return CannotTell(f"of no column are {rows} rows known")
    return Passed("no column looks like a key")


def _numbers_rows(feature: FeatureFact, share: float) -> bool:
    width = feature.maximum - feature.minimum
    total = feature.mean * (feature.rows - feature.missing)
    if not (math.isfinite(width) and math.isfinite(total)):
        return False
    # Of fractions the sum is hardly ever a whole number; of whole ones it is, but for its own rounding.
    whole = feature.minimum.is_integer() and abs(total - round(total)) <= 1e-9 + 1e-14 * abs(total)
    whole = whole and feature.maximum.is_integer()
    even = abs(feature.deviation - width / math.sqrt(12.0)) <= 0.1 * width / math.sqrt(12.0)
    return whole and even and width >= feature.rows - 1 and (feature.distinct or 0) > share * feature.rows
