"""LOG901: accuracy, precision, recall and counts that cannot all be true."""

from __future__ import annotations

from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import ConfusionCurve
from steelyard.diagnosis.wording import counted
from steelyard.finding import Confidence, Severity


@rule(
    "LOG901",
    severity=Severity.ERROR,
    confidence=Confidence.CERTAIN,
    catalogue="forensics",
)
def metrics_contradict_each_other(
    validation_confusion: ConfusionCurve | None,
    train_confusion: ConfusionCurve | None,
) -> Outcome:
    """The metrics of one epoch cannot all be true.

    How it is detected
    ------------------
    Accuracy, precision, recall, F1 and the numbers of rows and positives are each a statement about four
    whole numbers: true and false positives, true and false negatives. The rule fires for epochs in which no
    four numbers fit all of them, within the digits that were printed.

    When it misleads
    ----------------
    Precision, recall and F1 that were averaged over batches are not of one set of counts: where the program
    or the numbers show it, they are left out. A wrong number of rows or positives, given by hand, contradicts
    everything; where the number of positives is an estimate, the confidence is lower. A precision or recall
    at another threshold than 0.5 is one of other decisions than the accuracy.

    Why it matters
    --------------
    At least one number is not what its name says. Which conclusions stand depends on which one.

    What to change
    --------------
    Recompute the metrics from predictions, and check how many rows and positives the split really has.

    Source
    ------
    Arithmetic of the two-by-two table.
    """
    splits = {"validation": validation_confusion, "training": train_confusion}
    known = {split: curve for split, curve in splits.items() if curve is not None}
    if not known:
        return CannotTell("too little is known of any split to bound the counts of its decisions")
    for split, curve in known.items():
        if not curve.contradictions:
            continue
        epochs = tuple(sorted(curve.contradictions))
        sure = curve.positives.low == curve.positives.high
        others = f" The same holds in {counted(len(epochs) - 1, 'other epoch')}." if len(epochs) > 1 else ""
        return Fired(
            f"The {split} metrics of epoch {epochs[0]} cannot all be true of the same decisions: "
            f"{curve.contradictions[epochs[0]]}.{others}",
            evidence={
                "split": split,
                "first_epoch": epochs[0],
                "epochs": len(epochs),
                "rows": curve.rows,
                "positives": curve.positives.value,
            },
            epochs=epochs,
            advice="Recompute the metrics from predictions; check the numbers of rows and positives, and "
            "that all metrics are taken at one threshold.",
            confidence=None if sure else Confidence.LIKELY,
            settle=""
            if sure
            else "Count the rows and positives of the split, and recompute from predictions.",
        )
    checked = " and ".join(
        f"{counted(len(curve.epochs), 'epoch')} on {split} rows" for split, curve in known.items()
    )
    return Passed(f"counts exist that fit all metrics: {checked}")
