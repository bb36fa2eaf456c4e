"""DAT603: the last rows validate, and they are not like the others."""

from __future__ import annotations

import math
from collections.abc import Mapping

from steelyard.diagnosis.arithmetic.rates import rates_apart
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Estimate
from steelyard.diagnosis.wording import estimated
from steelyard.finding import Confidence, Severity


@rule("DAT603", severity=Severity.WARNING, catalogue="F3")
def tail_unlike_the_rest(
    validation_way: str,
    base_rate_train: Estimate | None,
    base_rate_validation: Estimate | None,
    rows_train: int | None,
    rows_validation: int | None,
    resampling: str | None,
    data_warnings: Mapping[str, str] | None,
    *,
    errors: float = 3.3,
    matters: float = 0.1,
) -> Outcome:
    """The last rows of the table validate, and their base rate is another.

    How it is detected
    ------------------
    Validation rows are cut off the end (``validation_split=0.2``, or a slice), and the shares of positives
    before and after the cut lie more than ``errors`` standard errors apart, also where they come nearest
    within what is known of them (p below 0.001). Of very many rows small differences are certain too: where
    the shares differ by less than ``matters`` of the smaller one, it is a smell. A warning that the base rate
    drifts along the file counts as well.

    When it misleads
    ----------------
    If the order is time and the task is to predict later rows, the tail is the right choice and the
    difference is what deployment will meet: shuffling would then leak. The log cannot know; hence "suspect".
    Training rows that were resampled differ on purpose and are not judged.

    Why it matters
    --------------
    A table is often ordered by time, customer or even by label. Then train and validation curves differ
    because the rows do, whatever the network learns, and the gap is taken for overfitting.

    What to change
    --------------
    Shuffle and stratify before the split, unless the order is time and the future is what counts; then keep
    it, and expect the difference.

    Source
    ------
    Catalogue F3; Keras FAQ on ``validation_split``; Stack Overflow 46308374.
    """
    if validation_way != "tail":
        return Passed(f"validation rows are not cut off the end (they are chosen: {validation_way})")
    drift = (data_warnings or {}).get("D106")
    if resampling not in (None, "none"):
        return CannotTell("training rows were resampled, so their base rate says nothing of the order")
    time = "Is the table in order of time, and are later rows to be predicted? Then the tail is right."
    advice = "Shuffle and stratify before the split; if rows are in order of time, keep it and say so."
    if base_rate_train and base_rate_validation and rows_train and rows_validation:
        z = rates_apart(base_rate_train, rows_train, base_rate_validation, rows_validation)
        if z > errors:
            return Fired(
                f"Validation rows are the last {rows_validation:,} of the table, and "
                f"{estimated(base_rate_validation, share=True)} of them are positive against "
                f"{estimated(base_rate_train, share=True)} of the {rows_train:,} before. Chance makes no "
                f"such difference ({z:,.0f} standard errors): the rows have an order, and the end is "
                "unlike the rest.",
                evidence={
                    "base_rate_train": base_rate_train.value,
                    "base_rate_validation": base_rate_validation.value,
                    "standard_errors": round(z, 1),
                    "rows_validation": rows_validation,
                },
                advice=advice,
                settle=time,
                severity=Severity.SMELL if _apart(base_rate_train, base_rate_validation) < matters else None,
            )
    elif drift is None:
        return CannotTell(
            "the last rows validate, but the base rates of both parts and their rows are not all known"
        )
    if drift:
        return Fired(
            f"Validation rows are the last of the table, and its base rate drifts: {drift}",
            evidence={"warning": "D106"},
            advice=advice,
            settle=time,
            confidence=Confidence.POSSIBLE,
        )
    return Passed("the last rows validate, and their base rate may be that of the rows before")


def _apart(first: Estimate, second: Estimate) -> float:
    """The distance of their nearest ends, as a share of the smaller rate."""
    low, high = sorted((first, second), key=lambda rate: rate.value)
    return (high.low - low.high) / low.high if low.high > 0.0 else math.inf
