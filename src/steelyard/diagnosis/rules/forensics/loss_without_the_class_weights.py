"""LOG902: the logged training loss cannot come from the class weights that were asked for."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.measured import furthest_below
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import estimated, number
from steelyard.finding import Confidence, Severity


@rule(
    "LOG902",
    severity=Severity.ERROR,
    confidence=Confidence.LIKELY,
    catalogue="forensics",
    unless=("IMB701",),
)
def loss_without_the_class_weights(
    train_loss_logged: Curve,
    class_weight: tuple[float, float],
    loss: str | None,
    weights_in_force: bool | None,
    weighted_train_floor: Estimate | None,
    weighted_train_least: Curve | None,
    train_floor: Estimate | None,
    class_weight_type: str | None,
    *,
    clear: float = 0.8,
    below: float = 0.5,
    near: float = 0.1,
) -> Outcome:
    """The training loss cannot come from the class weights asked for.

    How it is detected
    ------------------
    Every positive that is missed at 0.5 costs at least its weight times ln 2, every false alarm likewise:
    with the logged recall and precision that is the least that the weighted loss can be. A logged loss below
    it did not come from these weights; below ``clear`` of it that is certain. Where the decisions do not show
    it, the floors may: a logged loss (its median over epochs) of at most ``below`` times the weighted loss of
    a network that knows only the base rate, and within ``near`` of the unweighted one, would be a
    coincidence.

    When it misleads
    ----------------
    A network that is very good can have a weighted loss far below the floor: with the arithmetic of the
    decisions that is excluded, without it the confidence is no more than possible. Precision and recall that
    were averaged over batches move the least loss by a few per cent.

    Why it matters
    --------------
    The weights were the answer to the imbalance, and they were not in force: the run is one without them, and
    nothing about them can be concluded from it.

    What to change
    --------------
    Give ``fit`` a dictionary of whole numbers: ``class_weight={0: w0, 1: w1}``. An array, a list or a
    dictionary with text for keys is ignored or refused, depending on the version of Keras.

    Source
    ------
    Catalogue A4 and G1; Keras 2 gives all rows a weight of 1 for an array (Keras issue 9737), Keras 3.15.1
    for text keys (issue 23220).
    """
    if class_weight[0] == class_weight[1]:
        return Passed("both classes weigh the same")
    if train_loss_logged.quantity.weighted is False:
        return Passed("the training loss was logged without the weights")
    if weights_in_force and weighted_train_least is None:
        return Passed("this framework puts class weights in force")
    if loss is not None and ("crossentropy" not in loss or "focal" in loss):
        return CannotTell(f"the arithmetic is that of cross-entropy, and the loss is {loss}")
    evidence: dict[str, float | int | str] = {
        "weight_negative": class_weight[0],
        "weight_positive": class_weight[1],
    }
    if class_weight_type is not None:
        evidence["class_weight_type"] = class_weight_type
    weights = f"{number(class_weight[0])} for negatives and {number(class_weight[1])} for positives"
    given = (
        f" They were given as {_article(class_weight_type)}."
        if class_weight_type in ("array", "list", "string keys", "string")
        else ""
    )
    advice = "Pass class_weight={0: w0, 1: w1}, a dictionary with whole numbers for keys."
    settle = "Compare the loss of the first batch with and without class_weight: if equal, it is ignored."
    proof = None if weighted_train_least is None else furthest_below(train_loss_logged, weighted_train_least)
    if proof is not None:
        epoch, logged, least = proof
        floor = ""
        if weighted_train_floor is not None:
            evidence["weighted_floor"] = weighted_train_floor.value
            floor = f" Knowing only the base rate would cost {estimated(weighted_train_floor)}."
        evidence |= {"epoch": epoch, "train_loss": logged, "least_weighted_loss": least}
        return Fired(
            f"The class weights were not in force: with {weights} the training loss of epoch {epoch} would "
            f"be at least {number(least)}, because every positive missed at 0.5 costs its weight times "
            f"0.693 or more. Logged is {number(logged)}.{floor}{given}",
            evidence=evidence,
            epochs=(epoch,),
            advice=advice,
            confidence=Confidence.CERTAIN if logged <= clear * least else None,
            settle=settle,
        )
    if weighted_train_floor is None or train_floor is None:
        return CannotTell("the base rate of the training rows is not known")
    values = train_loss_logged.values[np.isfinite(train_loss_logged.values)]
    if not len(values):
        return CannotTell("the training loss is not a number")
    logged = float(np.median(values))
    floors = f"{estimated(weighted_train_floor)} with weights, {estimated(train_floor)} without"
    if logged > below * weighted_train_floor.low or not (
        (1.0 - near) * train_floor.low <= logged <= (1.0 + near) * train_floor.high
    ):
        return Passed(
            f"a loss of about {number(logged)} can come from the weights (knowing only the base rate: "
            f"{floors})"
        )
    evidence |= {
        "train_loss": logged,
        "weighted_floor": weighted_train_floor.value,
        "train_floor": train_floor.value,
    }
    return Fired(
        f"The class weights seem not to have been in force: with {weights} a network that knows only the "
        f"base rate has a training loss of {floors}. The logged loss is about {number(logged)}: it stays "
        f"where a loss without weights would.{given}",
        evidence=evidence,
        advice=advice,
        confidence=Confidence.POSSIBLE,
        severity=Severity.WARNING,
        settle=settle,
    )


def _article(kind: str) -> str:
    return {
        "array": "an array, which Keras ignores or refuses",
        "list": "a list, which Keras ignores or refuses",
        "string keys": "a dictionary with text for keys, which Keras ignores",
        "string": "a word, which Keras does not know",
    }[kind]
