"""LOG913: a loss that is lower than the wrong decisions alone would cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.arithmetic.digits import rounding
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.diagnosis.wording import number, percent
from steelyard.finding import Confidence, Severity

_Beside = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]
_LN2 = math.log(2.0)
_SQUARED = 0.25
_LEAST: Mapping[str, float] = MappingProxyType(
    {
        "binary_crossentropy": _LN2,
        "categorical_crossentropy": _LN2,
        "sparse_categorical_crossentropy": _LN2,
        "mse": _SQUARED,
    }
)
"""What a row on the wrong side of 0.5 costs at least, by loss; of several classes, one whose class is not the
likeliest."""


@rule("LOG913", severity=Severity.WARNING, confidence=Confidence.LIKELY, catalogue="forensics")
def loss_below_its_accuracy(
    validation_accuracy: Curve | None,
    validation_loss_logged: Curve | None,
    train_accuracy: Curve | None,
    train_loss_logged: Curve | None,
    loss: str | None,
    class_weight: tuple[float, float] | None,
    *,
    short: float = 0.9,
    most: float = 0.5,
) -> Outcome:
    """The loss is lower than the wrong decisions alone would cost.

    How it is detected
    ------------------
    A row on the wrong side of 0.5 costs a cross-entropy of ln 2 = 0.693 at least, so the loss is no less than
    (1 - accuracy) ln 2; of a squared error it is 0.25. In more than ``most`` of the epochs the loss is below
    ``short`` of that, after all rounding. Training losses are held against the smaller of the class weights;
    a penalty only adds to a loss.

    When it misleads
    ----------------
    An accuracy that was measured at another threshold than 0.5 (or at 0.5 of logits) and weights below 1 that
    the log does not tell allow less. A negative loss has no such excuse.

    Why it matters
    --------------
    One of the two is not what its name says: targets are numbers rather than classes, labels are 1 and 2 or
    -1 and 1 instead of 0 and 1, or the accuracy counts something else. What is concluded from either is void.

    What to change
    --------------
    Look at the labels, at the loss that was compiled and at the threshold of the accuracy. For a regression
    the accuracy means nothing.

    Source
    ------
    Measured on public logs of regressions with an accuracy; the bound follows from -ln(p) falling in p.
    """
    cost = _LN2 if loss is None else _LEAST.get(loss)
    if cost is None:
        return CannotTell(f"what a wrong decision costs at least is not known for the loss {loss}")
    pairs = (
        ("validation", _together(validation_accuracy, validation_loss_logged), 1.0),
        ("training", _together(train_accuracy, train_loss_logged), _least_weight(class_weight)),
    )
    compared = [(split, beside, weight) for split, beside, weight in pairs if beside is not None]
    if not compared:
        return CannotTell("no epoch has both a loss and an accuracy between 0 and 1")
    for split, beside, weight in compared:
        worst = _furthest_short(beside, weight * cost, short, most)
        if worst is not None:
            epoch, accuracy, value = worst
            least = weight * cost * (1.0 - accuracy)
            return Fired(
                f"In epoch {epoch} the {split} accuracy is {percent(accuracy)} and the {split} loss "
                f"{number(value)}. {_why(value, accuracy, least, weight * cost, short)}",
                evidence={"epoch": epoch, "accuracy": accuracy, "loss": value, "least": least},
                epochs=(epoch,),
                advice="Look whether the labels are 0 and 1, and the loss a cross-entropy. For a regression, "
                "leave the accuracy away.",
                settle="" if value < 0.0 else "Name the loss and the values that the labels have.",
            )
    return Passed("the losses are no less than what the wrong decisions cost")


def _why(value: float, accuracy: float, least: float, each: float, short: float) -> str:
    if value < 0.0:
        return "No loss of labels 0 and 1 is ever negative: the labels are others, or it is another loss."
    said = (
        f"A row on the wrong side of 0.5 costs {number(each)} or more, so the {percent(1.0 - accuracy)} that "
        f"are wrong cost {number(least)} alone: one of the two is not what its name says."
    )
    if each > _SQUARED and value < short * _SQUARED * (1.0 - accuracy):
        return (
            f"{said} A squared error of labels 0 and 1 would be {number(_SQUARED)} or more each, so it is "
            "not that either."
        )
    return said


def _least_weight(class_weight: tuple[float, float] | None) -> float:
    """What the loss of a row is multiplied with, at the least."""
    return min(1.0, *class_weight) if class_weight is not None and min(class_weight) > 0.0 else 1.0


def _together(accuracy: Curve | None, losses: Curve | None) -> _Beside | None:
    """Epochs, accuracies and losses where both were measured and are numbers; None if there are none, or the
    accuracy is no share."""
    if accuracy is None or losses is None:
        return None
    epochs, at, other = np.intersect1d(accuracy.epochs, losses.epochs, return_indices=True)
    a, b = accuracy.values[at], losses.values[other]
    kept = np.isfinite(a) & np.isfinite(b)
    if not kept.any() or (a[kept] < 0.0).any() or (a[kept] > 1.0).any():
        return None
    return epochs[kept], a[kept], b[kept]


def _furthest_short(
    beside: _Beside, each: float, short: float, most: float
) -> tuple[int, float, float] | None:
    """The epoch in which the loss is furthest below what wrong decisions cost, if it is so in most of them;
    with accuracy and loss."""
    epochs, accuracies, losses = beside
    least = each * (1.0 - np.minimum(accuracies + rounding(accuracies, losses), 1.0))
    gap = np.where(losses < 0.0, -losses, short * least - losses - rounding(losses, accuracies))
    if float((gap > 0.0).mean()) <= most:
        return None
    worst = int(np.argmax(gap))
    return int(epochs[worst]), float(accuracies[worst]), float(losses[worst])
