"""LOG907: an F1 that is not the harmonic mean of the precision and recall beside it."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.arithmetic.digits import Values, rounding
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.diagnosis.wording import counted, number
from steelyard.finding import Severity


@rule("LOG907", severity=Severity.WARNING, catalogue="forensics", unless=("CMP108",))
def f1_not_of_its_precision_and_recall(
    train_precision: Curve | None,
    train_recall: Curve | None,
    train_f1: Curve | None,
    validation_precision: Curve | None,
    validation_recall: Curve | None,
    validation_f1: Curve | None,
    *,
    share: float = 0.5,
) -> Outcome:
    """Precision, recall and F1 do not belong to one set of decisions.

    How it is detected
    ------------------
    F1 is 2 P R / (P + R) of the precision and the recall of the same decisions. The rule fires if that does
    not hold, within the digits logged, in at least ``share`` of the epochs in which both are above 0.

    When it misleads
    ----------------
    An F1 averaged over both classes, or taken at its own best threshold, is another number by intention.
    Where the program shows plain functions of a batch, CMP108 says so and masks this.

    Why it matters
    --------------
    In most cases all three were averaged over batches. Then none of them is the value for all rows: batches
    without a positive count as 0, and the values depend on the batch size.

    What to change
    --------------
    Use metrics that count over the whole epoch, or compute them from predictions.

    Source
    ------
    Arithmetic; catalogue A8; Keras issues 4592, 5794 and 6002.
    """
    splits = {
        "training": (train_precision, train_recall, train_f1),
        "validation": (validation_precision, validation_recall, validation_f1),
    }
    tested = 0
    for split, (precision, recall, f1) in splits.items():
        if precision is None or recall is None or f1 is None:
            continue
        epochs, p, r, f = _shared(precision, recall, f1)
        if not len(epochs):
            continue
        tested += len(epochs)
        low = _harmonic(np.maximum(p - rounding(p), 0.0), np.maximum(r - rounding(r), 0.0)) - rounding(f)
        high = _harmonic(p + rounding(p), r + rounding(r)) + rounding(f)
        wrong = (f < low) | (f > high)
        if wrong.mean() < share:
            continue
        gap = np.where(wrong, np.abs(f - _harmonic(p, r)), 0.0)
        worst = int(gap.argmax())
        expected = float(_harmonic(p, r)[worst])
        return Fired(
            f"In epoch {int(epochs[worst])} the {split} precision is {number(float(p[worst]))} and the "
            f"recall {number(float(r[worst]))}, which makes an F1 of {number(expected)}; logged is "
            f"{number(float(f[worst]))}. The three do not fit in {int(wrong.sum())} of "
            f"{counted(len(epochs), 'epoch')}: most likely they are averages over batches, and not "
            "the values for all rows.",
            evidence={
                "split": split,
                "epoch": int(epochs[worst]),
                "precision": float(p[worst]),
                "recall": float(r[worst]),
                "f1_logged": float(f[worst]),
                "f1_of_precision_and_recall": expected,
                "epochs": int(wrong.sum()),
            },
            epochs=tuple(int(epoch) for epoch in epochs[wrong]),
            advice="Use keras.metrics.Precision(), Recall() and F1Score(), which count over the whole epoch.",
            settle="See whether F1 is meant as an average over both classes, or at a threshold of its own.",
        )
    if not tested:
        return CannotTell("no split has precision, recall and F1 above 0 in one epoch")
    return Passed(f"F1 is that of precision and recall in the {tested} values that can be checked")


def _shared(
    precision: Curve, recall: Curve, f1: Curve
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Values, Values, Values]:
    """Epochs at which all three were logged and precision and recall are above 0, with the three."""
    epochs = np.intersect1d(np.intersect1d(precision.epochs, recall.epochs), f1.epochs)
    p, r, f = (curve.values[np.isin(curve.epochs, epochs)] for curve in (precision, recall, f1))
    kept = (p > 0.0) & (r > 0.0) & np.isfinite(f)
    return epochs[kept], p[kept], r[kept], f[kept]


def _harmonic(p: Values, r: Values) -> Values:
    return np.asarray(2.0 * p * r / np.maximum(p + r, 1e-300), np.float64)
