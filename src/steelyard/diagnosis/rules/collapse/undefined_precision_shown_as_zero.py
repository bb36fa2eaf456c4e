"""COL204: a precision or recall of 0 divided by 0, written as 0."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import ConfusionCurve, Curve, Estimate
from steelyard.diagnosis.wording import counted
from steelyard.finding import Confidence, Severity


@rule("COL204", severity=Severity.SMELL, confidence=Confidence.CERTAIN, catalogue="B4")
def undefined_precision_shown_as_zero(
    validation_precision: Curve | None,
    validation_recall: Curve | None,
    positives_validation: Estimate | None,
    validation_confusion: ConfusionCurve | None,
    *,
    most: float = 0.5,
) -> Outcome:
    """A precision or recall that has no value is shown as 0.

    How it is detected
    ------------------
    Precision is 0 in epochs in which no row can have been predicted positive, so it is 0 divided by 0; the
    last epoch is one of them, or at least a share ``most`` of all are. Or recall is 0 and there is not one
    positive among the validation rows.

    When it misleads
    ----------------
    If a single row was predicted positive and was wrong, precision truly is 0: such epochs do not count, and
    where the log leaves it open the rule cannot tell. Nearly every network that starts at the base rate
    predicts no positive in its first epochs, which misleads nobody who sees the others: that passes.

    Why it matters
    --------------
    "Precision 0" reads as "every alarm is false", when there was no alarm. An average over epochs or folds
    with such zeros in it is meaningless.

    What to change
    --------------
    Read these as "undefined: no row predicted positive". Look at the ranking instead (COL201, COL202).

    Source
    ------
    Catalogue B4; Keras 3.15.1, measured: ``Precision`` and ``F1Score`` return 0.0 without predicted
    positives, ``Recall`` without positives.
    """
    if (
        validation_recall is not None
        and positives_validation is not None
        and positives_validation.high == 0.0
    ):
        zero = validation_recall.values == 0.0
        if zero.any():
            return Fired(
                f"The recall is shown as 0 in {counted(int(zero.sum()), 'epoch')}, but not one validation "
                "row is positive: it has no value.",
                evidence={"epochs": int(zero.sum()), "positives": 0},
                epochs=tuple(int(epoch) for epoch in validation_recall.epochs[zero]),
                advice="Choose validation rows that hold positives.",
                severity=Severity.WARNING,
            )
    if validation_precision is None:
        return CannotTell("the validation precision is not known (metrics=[Precision()])")
    zeros = validation_precision.epochs[validation_precision.values == 0.0]
    if not len(zeros):
        return Passed("precision is never 0")
    if validation_confusion is None:
        return CannotTell(
            f"precision is 0 in {counted(len(zeros), 'epoch')}, but whether any row was predicted positive "
            "is not known (supply --positives N --rows N and log the accuracy)"
        )
    at = np.isin(validation_confusion.epochs, zeros)
    none = at & (validation_confusion.predicted_positive_high == 0)
    some = at & (validation_confusion.predicted_positive_low > 0)
    if not none.any():
        if some.sum() == at.sum():
            return Passed("rows were predicted positive in every epoch with precision 0: it truly is 0")
        return CannotTell("the numbers leave open whether any row was predicted positive")
    epochs = tuple(int(epoch) for epoch in validation_confusion.epochs[none])
    if not none[-1] and none.mean() < most:
        return Passed(
            f"no row was predicted positive in {len(epochs)} of {counted(len(none), 'epoch')}, not the last"
        )
    return Fired(
        f"Precision is shown as 0 in {counted(len(zeros), 'epoch')}; in {_of(len(epochs), len(zeros))} no "
        "row was predicted positive at all, so it is 0 divided by 0 and has no value. No alarm is not the "
        "same as false alarms only.",
        evidence={"epochs_with_precision_0": len(zeros), "epochs_undefined": len(epochs)},
        epochs=epochs,
        advice="Read it as undefined and look at the ranking (ROC AUC, average precision) instead.",
    )


def _of(some: int, every: int) -> str:
    if some < every:
        return f"{some:,} of them"
    return "it" if every == 1 else "all of them"
