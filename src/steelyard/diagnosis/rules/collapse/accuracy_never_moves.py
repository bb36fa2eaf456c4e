"""COL208: the accuracy is the same number in epoch after epoch."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.arithmetic import entropy
from steelyard.diagnosis.arithmetic.digits import rounding
from steelyard.diagnosis.measured import last_known
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import counted, number, percent
from steelyard.finding import Confidence, Severity


@rule(
    "COL208",
    severity=Severity.WARNING,
    confidence=Confidence.LIKELY,
    catalogue="B1",
    unless=("OPT308", "OPT312", "COL201", "COL202", "COL203", "COL205", "LOG905", "LOG913"),
)
def accuracy_never_moves(
    validation_accuracy: Curve | None,
    train_accuracy: Curve | None,
    base_rate_validation: Estimate | None,
    base_rate_train: Estimate | None,
    validation_recall: Curve | None,
    validation_auc: Curve | None,
    validation_loss: Curve | None,
    train_loss: Curve | None,
    loss: str | None,
    *,
    epochs: int = 3,
    share: float = 0.75,
    near: float = 0.02,
    ranks: float = 0.6,
) -> Outcome:
    """The accuracy is the same number in nearly every epoch.

    How it is detected
    ------------------
    From some epoch on to the end the accuracy of the validation rows (of the training rows, where nothing
    validates) is the same number, in at least ``epochs`` epochs, which are at least ``share`` of all. Then
    the loss is held against it: if every row gets the same answer, the accuracy is the share of one class,
    and its entropy is what saying that share for every row costs. A loss within ``near`` of it is that of a
    constant; one further below knows more than the share, and so does a ROC AUC above ``ranks``. An accuracy
    of 0 is that of rows of one class that all get the other.

    When it misleads
    ----------------
    A network whose decisions do not change any more has the same accuracy too, on few rows most of all. It
    passes where the base rate is known and is another share, where the recall says that some positives are
    above 0.5 and others not, and where the accuracy moved in the first epochs, which it mostly does.

    Why it matters
    --------------
    All rows on one side of 0.5 give an accuracy that does not move, however the loss moves: it is that of
    always giving the same answer. Accuracy, precision, recall and F1 then say nothing of what was learned.

    What to change
    --------------
    Count the positives among the rows. If their share is that of the accuracy, or of what is missing to 1,
    look at ROC AUC or average precision, and at the loss against the entropy of the share: they tell a
    network that knows nothing from one whose threshold is wrong.

    Source
    ------
    Catalogue B1, for logs that do not tell the base rate; the commonest question about training on rare
    positives in public forums.
    """
    split = "validation" if validation_accuracy is not None else "training"
    accuracy, rate, losses = (
        (validation_accuracy, base_rate_validation, validation_loss)
        if validation_accuracy is not None
        else (train_accuracy, base_rate_train, train_loss)
    )
    if accuracy is None:
        return CannotTell("not known: an accuracy (supply metrics=['accuracy'])")
    values = accuracy.values
    if len(values) < epochs:
        return CannotTell(f"there are fewer than {epochs} epochs with an accuracy")
    still = _still(accuracy)
    last = float(values[-1])
    if still < epochs or still < share * len(values) or not 0.0 <= last < 1.0:
        return Passed(f"the {split} accuracy moves: only the last {counted(still, 'epoch')} have the same")
    if rate is not None and _off(last, rate) > float(rounding(values).max()):
        return Passed(f"the {split} accuracy does not move, and is not the share of one class")
    recall = None if split == "training" else last_known(validation_recall)
    if recall is not None and 0.0 < recall[0] < 1.0:
        return Passed(f"the {split} accuracy does not move, but positives are on both sides of 0.5")
    if last == 0.0:
        return _none_is_right(accuracy, split, still)
    rarer = min(last, 1.0 - last)
    two = loss is None or "binary" in loss
    known = last_known(losses) if two else None
    auc = None if split == "training" else last_known(validation_auc)
    return Fired(
        f"The {split} accuracy is {percent(last)} in {_where(accuracy, still)}. That is what always giving "
        f"the same answer comes to if the class it answers has {percent(last)} of the rows. "
        + (_by_the_loss(known, rarer, near, None if auc is None else auc[0], ranks) if two else ""),
        evidence={"accuracy": last, "epochs": still, "entropy": entropy(rarer)}
        | ({} if known is None else {"loss": known[0]}),
        epochs=tuple(int(epoch) for epoch in accuracy.epochs[-still:]),
        advice="Look at ROC AUC or average precision, and at the loss against the entropy of the base rate.",
        settle=f"Count the positives among the {split} rows"
        + (" and supply them." if auc is not None else ", and work out the ROC AUC of the predictions."),
    )


def _none_is_right(accuracy: Curve, split: str, still: int) -> Outcome:
    return Fired(
        f"The {split} accuracy is 0 in {_where(accuracy, still)}: not one row is on the right side of 0.5. "
        f"Either all {split} rows are of one class and get the other, or their labels are coded otherwise "
        "than those that were learned.",
        evidence={"accuracy": 0.0, "epochs": still},
        epochs=tuple(int(epoch) for epoch in accuracy.epochs[-still:]),
        advice="Shuffle before the split: the tail of a sorted file is of one class. Look at the labels.",
        settle=f"Count the positives among the {split} rows.",
    )


def _still(accuracy: Curve) -> int:
    """How many epochs at the end have the very accuracy of the last."""
    same = accuracy.values[::-1] == accuracy.values[-1]
    return len(same) if same.all() else int(np.argmin(same))


def _off(accuracy: float, rate: Estimate) -> float:
    """How far the accuracy is from what the share of either class can be."""
    spans = ((rate.low, rate.high), (1.0 - rate.high, 1.0 - rate.low))
    return min(max(low - accuracy, accuracy - high, 0.0) for low, high in spans)


def _where(accuracy: Curve, still: int) -> str:
    if still == len(accuracy):
        return f"all {counted(still, 'epoch')}"
    return f"the last {still:,} of {counted(len(accuracy), 'epoch')}"


def _by_the_loss(
    loss: tuple[float, float, float] | None, rarer: float, near: float, auc: float | None, ranks: float
) -> str:
    """What the loss says of the two ways in which all rows come to lie on one side of 0.5."""
    if auc is not None and auc > ranks:
        return (
            f"The ROC AUC of {auc:.3f} says that rows are ranked all the same, so it is the threshold of 0.5 "
            "that is wrong."
        )
    cost = entropy(rarer)
    said = f"Saying {percent(rarer)} for every row costs {number(cost)} nats"
    if loss is None:
        return f"{said}; the plain loss, to be held against it, is not known."
    value, low, high = loss
    if low > (1.0 + near) * cost:
        return f"{said}; the loss is {number(value)}, so it has not even learned that."
    if high < (1.0 - near) * cost:
        return (
            f"{said}; the loss is {number(value)}, {percent(1.0 - high / cost)} below: then rows are ranked, "
            "and only none of them gets across 0.5."
        )
    if high - low <= near * cost:
        return f"{said}, and the loss is {number(value)}: it has learned that share and nothing else."
    return (
        f"{said}; the loss, {number(low)} to {number(high)}, leaves open whether more than that was learned."
    )
