"""DAT607: what was fitted for preprocessing saw the rows that judge."""

from __future__ import annotations

import math

from steelyard.diagnosis.rule import Fired, Outcome, Passed, rule
from steelyard.finding import Confidence, Severity


@rule("DAT607", severity=Severity.SMELL, confidence=Confidence.CERTAIN, catalogue="F7")
def scaling_saw_all_rows(
    scaled_before_split: bool, rows_train: int | None, rows_validation: int | None, *, few: int = 1000
) -> Outcome:
    """Inputs were scaled before the rows were split.

    How it is detected
    ------------------
    In the code, the scaler is fitted before validation or test rows are set apart. With fewer than ``few``
    training rows it is a warning.

    When it misleads
    ----------------
    For mean and spread the effect is tiny with many rows: the mean of 10,000 rows is known to a hundredth of
    a standard deviation with or without the others. It is large for encodings by the target and for choosing
    columns, which this rule does not see.

    Why it matters
    --------------
    What judges must know nothing of what is judged. Whoever scales before the split tends to choose columns
    and resample there as well.

    What to change
    --------------
    Split first; fit the scaler on training rows and apply it to the others (a Pipeline does).

    Source
    ------
    Catalogue F7; scikit-learn, "Common pitfalls".
    """
    if not scaled_before_split:
        return Passed("the rows were split before anything was fitted")
    size = ""
    if rows_train and rows_validation:
        share = rows_validation / (rows_train + rows_validation)
        moved = math.sqrt(share / rows_train)
        size = (
            f" With {rows_train:,} training rows their means move by about {moved:.2g} standard deviations "
            "through it, so the effect is "
            + ("not nothing." if rows_train < few else "small; it is the habit that does harm.")
        )
    return Fired(
        f"The inputs were scaled before the rows were split, so the rows that judge had a say in it.{size}",
        evidence={"rows_train": rows_train or 0, "rows_validation": rows_validation or 0},
        advice="Split first, then fit the scaler on the training rows only.",
        severity=Severity.WARNING if rows_train and rows_train < few else None,
    )
