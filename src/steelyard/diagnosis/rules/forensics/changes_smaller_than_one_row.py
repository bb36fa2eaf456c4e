"""LOG906: an accuracy that no whole number of rows gives."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.arithmetic.digits import rounding
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.diagnosis.wording import counted, number
from steelyard.finding import Confidence, Severity


@rule("LOG906", severity=Severity.WARNING, confidence=Confidence.LIKELY, catalogue="forensics")
def changes_smaller_than_one_row(
    validation_accuracy: Curve | None,
    rows_validation: int | None,
    train_accuracy: Curve | None,
    rows_train: int | None,
    *,
    most: float = 0.25,
) -> Outcome:
    """The accuracy changes by less than one row.

    How it is detected
    ------------------
    Accuracy times the number of rows must be a whole number, within the digits that were logged. The rule
    fires if it is not in half of the epochs or more. Where rounding leaves more than ``most`` of a row open,
    the digits are too few to tell.

    When it misleads
    ----------------
    Row weights in the metric, a last batch that was left out, or a mean over batches of unequal size give
    fractions too: in each of these cases the number is not the accuracy on so many rows, which is what the
    finding says.

    Why it matters
    --------------
    Either the split has another number of rows than thought, or the value is an average over batches.
    Improvements of less than a row are no improvements.

    What to change
    --------------
    Check the number of rows, and compute the accuracy from predictions.

    Source
    ------
    Arithmetic.
    """
    checked = []
    for split, curve, rows in (
        ("validation", validation_accuracy, rows_validation),
        ("training", train_accuracy, rows_train),
    ):
        if curve is None or rows is None or not len(curve):
            continue
        open_part = float(rounding(curve.values).max()) * rows
        if open_part > most:
            continue
        checked.append(split)
        right = curve.values * rows
        off = np.abs(right - np.round(right))
        broken = off > open_part + 1e-6
        if broken.mean() < 0.5:
            continue
        worst = int(off.argmax())
        steps = np.abs(np.diff(right))
        small = steps[(steps > 2.0 * open_part + 1e-6)]
        step = ""
        evidence: dict[str, float | int | str] = {
            "split": split,
            "rows": rows,
            "epochs": int(broken.sum()),
            "rows_right": float(right[worst]),
        }
        if len(small) and small.min() < 1.0 - 2.0 * open_part:
            evidence["smallest_change_in_rows"] = float(small.min())
            step = f" Its smallest change between two epochs is {number(float(small.min()))} of a row."
        return Fired(
            f"The {split} accuracy is no whole number of rows: in epoch {int(curve.epochs[worst])} it comes "
            f"to {right[worst]:,.2f} of {rows:,} rows, and so in "
            f"{counted(int(broken.sum()), 'epoch')}.{step} Either there are not so many rows, or the value "
            "is an average over batches.",
            evidence=evidence,
            epochs=tuple(int(epoch) for epoch in curve.epochs[broken]),
            advice="Check the number of rows of the split, and compute the accuracy from predictions.",
        )
    if not checked:
        return CannotTell(
            "no accuracy is known to a fraction of a row (supply --rows N, and a log with all its digits)"
        )
    return Passed(f"the accuracy is a whole number of {' and '.join(checked)} rows")
