"""COL209: the loss ends no lower than that of saying one half for every row."""

from __future__ import annotations

import math

import numpy as np

from steelyard.diagnosis.measured import finite_part
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import number
from steelyard.finding import Confidence, Severity

_EVEN = math.log(2.0)


@rule(
    "COL209",
    severity=Severity.WARNING,
    confidence=Confidence.LIKELY,
    catalogue="B1",
    unless=(
        *("OPT301", "OPT302", "OPT308", "OPT312", "REG401", "REG403", "DAT601", "DAT609", "IMB704"),
        *("COL201", "COL208"),
    ),
)
def no_better_than_even_odds(
    validation_loss: Curve | None,
    train_loss: Curve | None,
    loss: str | None,
    base_rate_validation: Estimate | None,
    base_rate_train: Estimate | None,
    class_weight: tuple[float, float] | None,
    weights_in_force: bool | None,
    validation_auc: Curve | None,
    *,
    epochs: int = 3,
    share: float = 0.2,
    near: float = 0.01,
    hardly: float = 0.05,
) -> Outcome:
    """The loss ends no lower than that of saying one half for every row.

    How it is detected
    ------------------
    The plain loss of the validation rows (of the training rows, where nothing validates), in the median of
    the last ``share`` of at least ``epochs`` epochs, is ln 2 = 0.693 or more, or less by ``near`` of it at
    most. That is the cost of saying one half for every row, whatever the base rate is; the base rate itself
    costs less. Where neither the loss function nor a base rate is known, the loss must have begun there too,
    within ``near``: so a network for two classes begins.

    When it misleads
    ----------------
    Rows may be ranked well by probabilities that are far off: by too much confidence or resampling. A ROC AUC
    tells. Class weights that were in force raise the loss of all rows as they are; such a run cannot be told.
    Of more than two classes saying nothing costs more than ln 2.

    Why it matters
    --------------
    As they stand, the probabilities are worth no more than none.

    What to change
    --------------
    If the loss was lower in an earlier epoch, keep the weights of that epoch. Otherwise look at what
    validation rows do not share with training rows: another base rate, a tail of the file. Where training
    rows cost as much, or less by ``hardly`` of it at most, look at the output, the scale of the inputs and
    the learning rate.

    Source
    ------
    Catalogue B1; the entropy of a base rate is at most ln 2 (Cover and Thomas, Elements of Information
    Theory, section 2.1).
    """
    split, losses, rate = (
        ("validation", validation_loss, base_rate_validation)
        if validation_loss is not None
        else ("training", train_loss, base_rate_train)
    )
    if losses is None:
        return CannotTell("not known: a plain loss (supply --loss binary_crossentropy)")
    if loss is not None and "binary" not in loss:
        return CannotTell(f"the loss is {loss}; 0.693 is what one half costs in binary cross-entropy")
    known = finite_part(losses)
    if len(known) < epochs:
        return CannotTell(f"there are fewer than {epochs} epochs with a plain {split} loss")
    if loss is None and rate is None and not _begins_there(known, near):
        return CannotTell("not known: whether the loss is of two classes (supply --loss binary_crossentropy)")
    if class_weight is not None and class_weight[0] != class_weight[1] and weights_in_force is not False:
        return CannotTell("class weights raise the loss of rows as they are")
    last = slice(-max(1, round(share * len(known))), None)
    late = float(np.median(known.values[last]))
    if float(np.median(known.low[last])) < (1.0 - near) * _EVEN:
        return Passed(f"the {split} loss ends at {number(late)}")
    best = int(np.argmin(known.values))
    least = float(known.values[best])
    was_lower = least < (1.0 - 2.0 * near) * min(late, _EVEN)
    earlier = (
        f"In epoch {known.epochs[best]} it was {number(least)}."
        if was_lower
        else "It was no lower before."
        if late > (1.0 + near) * _EVEN
        else f"It began at {number(float(known.values[0]))}."
    )
    ranked = (
        f" The ROC AUC ends at {validation_auc.values[-1]:.3f}, so how rows are ranked is another matter."
        if split == "validation" and validation_auc is not None and float(validation_auc.values[-1]) > 0.55
        else ""
    )
    worth = "less than" if late > (1.0 + near) * _EVEN else "no more than"
    both = split == "validation" and train_loss is not None and _ends_there(train_loss, share, hardly)
    return Fired(
        f"The {split} loss ends at {number(late)}. Saying one half for every row costs {number(_EVEN)}, "
        f"whatever the share of positives: as they stand, the probabilities are worth {worth} none. "
        f"{earlier}{ranked}",
        evidence={f"{split}_loss": late, "even_odds": _EVEN, "lowest": least},
        epochs=tuple(int(epoch) for epoch in known.epochs[last]),
        advice=_advice("training" if both else split, was_lower),
        settle="" if ranked else f"The ROC AUC on {split} rows says whether they are ranked at all.",
    )


def _begins_there(losses: Curve, near: float) -> bool:
    return abs(float(losses.values[0]) - _EVEN) <= near * _EVEN


def _ends_there(losses: Curve, share: float, near: float) -> bool:
    known = finite_part(losses)
    last = slice(-max(1, round(share * len(known))), None)
    return len(known) > 0 and float(np.median(known.low[last])) >= (1.0 - near) * _EVEN


def _advice(split: str, was_lower: bool) -> str:
    if was_lower:
        return "Keep the epoch with the least loss, and see what happens after it."
    if split == "validation":
        return "Compare training and validation rows: their base rates, and where in the file they are."
    return "Look at the output (one sigmoid unit), the scale of the inputs and the learning rate."
