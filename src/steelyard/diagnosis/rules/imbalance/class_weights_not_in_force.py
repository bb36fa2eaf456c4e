"""IMB701: class weights were asked for, and the loss was computed without them."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.measured import furthest_below
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import estimated, number
from steelyard.finding import Confidence, Severity

_IGNORED = {
    "array": "an array",
    "list": "a list",
    "string": "a text",
    "string keys": "a dict whose keys are texts",
}
"""What Keras takes without using it, in words."""


@rule("IMB701", severity=Severity.ERROR, catalogue="G1")
def class_weights_not_in_force(
    class_weight_type: str | None,
    class_weight: tuple[float, float] | None,
    weights_in_force: bool | None,
    train_loss_logged: Curve | None,
    weighted_train_floor: Estimate | None,
    weighted_train_least: Curve | None,
    train_floor: Estimate | None,
) -> Outcome:
    """Class weights were asked for, and training went on without them.

    How it is detected
    ------------------
    Two ways. By arithmetic: weights multiply the loss of every row, so the logged training loss cannot fall
    below what the weights make of the mistakes that were logged; if it does, they were not in it. By type:
    Keras 2 takes an array or a list where it wants a dict and uses a weight of 1 for every row; Keras 3 does
    so with a dict whose keys are texts.

    When it misleads
    ----------------
    Weights of 1 and 1 change nothing and are not reported. The type alone is "likely": if the numbers are
    there and allow the weights to be in force, nothing is said. The arithmetic takes weights as they were
    asked for, and "balanced" as scikit-learn's formula makes it: weights scaled by hand afterwards mislead
    it.

    Why it matters
    --------------
    No message is shown, and everything looks as if weights did not help.

    What to change
    --------------
    Give a dict with whole numbers as keys: ``class_weight={0: w0, 1: w1}``. Then expect other loss values,
    and probabilities whose odds are too high by the ratio of the weights.

    Source
    ------
    Catalogue G1; keras ``standardize_weights`` (Keras 2), issues 9737 and 23220.
    """
    if class_weight_type == "none" or (class_weight_type is None and class_weight is None):
        if class_weight_type is None:
            return CannotTell("it is not known whether class weights were asked for")
        return Passed("no class weights were asked for")
    if class_weight is not None and class_weight[0] == class_weight[1]:
        return Passed("both classes were to weigh the same")
    if weights_in_force:
        return Passed("the logged training loss can come from the weights asked for")
    known = None if train_loss_logged is None else train_loss_logged.values
    finite = np.empty(0) if known is None else known[np.isfinite(known)]
    if not len(finite):
        weights_in_force = None  # of no numbers nothing can be said
    form = _IGNORED.get(class_weight_type or "")
    if weights_in_force is None and form is None:
        if class_weight_type in ("dict", "balanced"):
            return Passed("they were given in a form that is used; the loss neither shows nor excludes it")
        return CannotTell("neither the form of the weights nor the base rate is known")
    clauses = ["Class weights were asked for"]
    if class_weight is not None:
        ratio = max(class_weight) / max(min(class_weight), 1e-12)
        heavier = "positive" if class_weight[1] > class_weight[0] else "negative"
        clauses[0] += f" (a {heavier} row was to weigh {number(ratio)} times as much)"
    evidence: dict[str, float | int | str] = {"type": class_weight_type or "unknown"}
    if weights_in_force is False and train_loss_logged is not None:
        low, high = float(finite.min()), float(finite.max())
        text = f"but the training loss of {number(low)} to {number(high)} cannot come from them"
        evidence |= {"least_loss": low, "most_loss": high}
        proof = (
            None if weighted_train_least is None else furthest_below(train_loss_logged, weighted_train_least)
        )
        if proof is not None:
            epoch, logged, least = proof
            text += (
                ": a positive missed at 0.5 costs its weight times 0.693 or more, which makes "
                f"{number(least)} at least in epoch {epoch}, and logged is {number(logged)}"
            )
            evidence |= {"epoch": epoch, "train_loss": logged, "least_weighted_loss": least}
        if weighted_train_floor is not None:
            text += (
                f"{';' if proof is not None else ':'} with them, a network that knows nothing but the base "
                f"rate has a loss of {estimated(weighted_train_floor)}"
            )
            evidence["floor_with_weights"] = weighted_train_floor.value
            if train_floor is not None:
                text += f", without them {estimated(train_floor)}"
                evidence["floor_without_weights"] = train_floor.value
        clauses.append(text)
    else:
        clauses.append("but in a form that is taken without being used")
    message = ", ".join(clauses) + "."
    if form is not None:
        message += f" They were given as {form}, which {_which(class_weight_type)} takes without using it."
    return Fired(
        message,
        evidence=evidence,
        advice="Give class_weight={0: w0, 1: w1}, with whole numbers as keys; then expect other losses.",
        confidence=Confidence.CERTAIN if weights_in_force is False and form else None,
        settle=""
        if weights_in_force is False
        else "Train one epoch with and without: the losses are the same.",
    )


def _which(kind: str | None) -> str:
    return "Keras 3" if kind == "string keys" else "Keras 2"
