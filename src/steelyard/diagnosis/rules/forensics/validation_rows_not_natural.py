"""LOG903: validation rows that are all positive, or half positive, where positives are rare."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import counted, estimated, percent
from steelyard.finding import Confidence, Severity

_ALL = 0.999
"""A share of positives from which on hardly a negative is left."""


@rule(
    "LOG903",
    severity=Severity.ERROR,
    confidence=Confidence.CERTAIN,
    catalogue="forensics",
    unless=("OPT308", "IMB703"),
)
def validation_rows_not_natural(
    base_rate_validation: Estimate | None,
    base_rate_raw: Estimate | None,
    validation_accuracy: Curve | None,
    validation_recall: Curve | None,
    validation_precision: Curve | None,
    validation_auc: Curve | None,
    resampling: str | None,
    validation_way: str | None,
    *,
    rare: float = 0.25,
    balanced: float = 0.05,
    epochs: int = 3,
) -> Outcome:
    """Validation rows do not have the base rate of the data.

    How it is detected
    ------------------
    Accuracy and recall are the same number in all of at least ``epochs`` epochs in which they change, and
    precision, if it was logged, is 1: then there is no negative among the validation rows. Or the ROC AUC is
    exactly 0 in all of at least ``epochs`` epochs: that is what Keras logs where there is one class only. Or
    their base rate is known and lies within ``balanced`` of one half, or is one, while positives are less
    than ``rare`` of the data before any resampling.

    When it misleads
    ----------------
    Data that are balanced by nature pass. A recall that counts both classes, as that of a network with two
    outputs may, is the accuracy too: without a precision or resampling to tell them apart the confidence is
    lower, and where rows were counted and negatives are among them nothing is said of it. A base rate that
    somebody states in words may be that of other data. A ROC AUC of 0 is also that of a single positive that
    ranks last. Where the program shows resampling before the split, IMB703 tells it and masks this.

    Why it matters
    --------------
    SMOTE and its kin append the rows they invent: the tail of the table is made of synthetic positives, and a
    ``validation_split`` takes exactly those. Elsewhere copies or neighbours of training rows lie among the
    validation rows. Either way the validation metrics are those of another problem, and far too good.

    What to change
    --------------
    Split first, then resample the training rows only.

    Source
    ------
    Catalogue G3 (measured: reported ROC AUC 0.980, on untouched rows 0.722); imbalanced-learn, "Common
    pitfalls".
    """
    advice = "Split first, then resample the training rows only; validate on rows as they are."
    tail = (
        " Resamplers append the rows they invent, and the last rows of the table validate."
        if validation_way == "tail" and resampling not in (None, "none")
        else ""
    )
    same = None
    if validation_accuracy is not None and validation_recall is not None:
        same = _same(validation_accuracy, validation_recall)
    if same is not None and len(set(same.tolist())) >= epochs and not _has_negatives(base_rate_validation):
        known = None if validation_precision is None else validation_precision.values
        if known is None or bool(np.isin(known, (0.0, 1.0)).all()):
            sure = known is not None or bool(tail)
            other = "" if sure else ", or where recall counts both classes, as of a network with two outputs"
            return Fired(
                "Accuracy and recall on validation rows are the same number in all "
                f"{counted(len(same), 'epoch')}, from {percent(float(same.min()))} to "
                f"{percent(float(same.max()))}. That is so where every validation row is positive{other}."
                f"{tail}",
                evidence={"epochs": len(same), "lowest": float(same.min()), "highest": float(same.max())},
                advice=advice,
                confidence=None if sure else Confidence.LIKELY,
                settle="" if sure else "Count the positives and the negatives among the validation rows.",
            )
    if validation_auc is not None and len(validation_auc) >= epochs and not validation_auc.values.any():
        return Fired(
            f"The ROC AUC on validation rows is exactly 0 in all {counted(len(validation_auc), 'epoch')}. A "
            "bad ranking has about 0.5; 0 is what is logged where the validation rows are of one class only, "
            f"so that there is nothing to rank.{tail}",
            evidence={"epochs": len(validation_auc), "auc": 0.0},
            advice="Split so that both classes validate (stratified), and shuffle before the split.",
            confidence=Confidence.LIKELY,
            settle="Count the positives and the negatives among the validation rows.",
        )
    if base_rate_validation is None:
        return CannotTell("the base rate of the validation rows is not known")
    said = f"{estimated(base_rate_validation, share=True)} of the validation rows are positive"
    if base_rate_validation.low >= _ALL:
        return Fired(
            f"{said[0].upper()}{said[1:]}: no negative is there to be told apart.{tail}",
            evidence={"base_rate_validation": base_rate_validation.value},
            advice=advice,
        )
    half = base_rate_validation.low >= 0.5 - balanced and base_rate_validation.high <= 0.5 + balanced
    if not half:
        return Passed(said)
    if base_rate_raw is None:
        return CannotTell(f"{said}; the base rate before any resampling is not known")
    if base_rate_raw.high >= rare:
        return Passed(f"{said}, and {estimated(base_rate_raw, share=True)} of all rows")
    return Fired(
        f"About half of the validation rows are positive ({estimated(base_rate_validation, share=True)}), "
        f"but only {estimated(base_rate_raw, share=True)} of the data: the validation rows were resampled "
        f"too.{tail}",
        evidence={
            "base_rate_validation": base_rate_validation.value,
            "base_rate_raw": base_rate_raw.value,
        },
        advice=advice,
        confidence=Confidence.LIKELY,
        settle="Count the positives among the validation rows before any resampling.",
    )


def _has_negatives(rate: Estimate | None) -> bool:
    """Whether that is known for certain."""
    return rate is not None and rate.low == rate.high and rate.high < _ALL


def _same(accuracy: Curve, recall: Curve) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    """The values that both have in all epochs, if they do."""
    epochs, at, other = np.intersect1d(accuracy.epochs, recall.epochs, return_indices=True)
    if not len(epochs) or not np.allclose(accuracy.values[at], recall.values[other], rtol=0.0, atol=1e-6):
        return None
    return accuracy.values[at]
