"""CMP104: class weights are in the training loss and not in the validation loss."""

from __future__ import annotations

from steelyard.diagnosis.measured import was_logged_plain
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import estimated, number
from steelyard.finding import Confidence, Severity


@rule(
    "CMP104",
    severity=Severity.WARNING,
    confidence=Confidence.CERTAIN,
    catalogue="A4",
    unless=("LOG902",),
)
def losses_weighted_differently(
    train_loss_logged: Curve,
    class_weight: tuple[float, float],
    class_weight_type: str | None,
    validation_loss_logged: Curve | None,
    weighted_train_floor: Estimate | None,
    constant_validation_loss: Estimate | None,
    validation_floor: Estimate | None,
    weights_in_force: bool | None,
    train_loss: Curve | None,
    *,
    apart: float = 0.05,
) -> Outcome:
    """The training loss is weighted by class and the validation loss is not.

    How it is detected
    ------------------
    Class weights were asked for, and a network that knows only the base rate would have a training loss and a
    validation loss that differ by more than ``apart`` of the smaller: the weighted floor ``(w1 pi + w0 (1 -
    pi)) H(p*)`` against the plain loss of predicting ``p* = w1 pi / (w1 pi + w0 (1 - pi))``.

    When it misleads
    ----------------
    Weights by the "balanced" formula, n / (2 n_class), give both curves the same floor, ln 2; then the rule
    passes. It also passes where the logged loss cannot come from the weights (LOG902), and where the log is
    known to hold the plain training loss.

    Why it matters
    --------------
    The distance between the curves then says how large the weights are, not how well the network generalises.
    At one positive in 21 rows and weights of 1 and 20, the training loss of a useless network is 1.320, its
    validation loss 0.693, and that of the base rate 0.191: three different meanings of "knows nothing".

    What to change
    --------------
    Compare each curve with its own floor, or log a plain ``BinaryCrossentropy`` metric for both; or give
    validation rows the same weights: ``validation_data=(X, y, sample_weight)``.

    Source
    ------
    Catalogue A4; measured on Keras 3.15.1 (training 1.251, its plain loss 0.776, validation 0.710); Keras
    issue 15373.
    """
    if class_weight[0] == class_weight[1] == 1.0:
        return Passed("both classes weigh 1")
    if train_loss_logged.quantity.weighted is False:
        return Passed("the training loss was logged without the weights")
    if was_logged_plain(train_loss):
        return Passed("the log has the training loss without weights too")
    if weights_in_force is False:
        return Passed("the logged training loss cannot come from these weights")
    if validation_loss_logged is not None and validation_loss_logged.quantity.weighted:
        return Passed("the validation loss is weighted too")
    if weighted_train_floor is None or constant_validation_loss is None:
        return CannotTell("the base rates are not known (supply --positives-train N --rows-train N)")
    train, validation = weighted_train_floor, constant_validation_loss
    highest, lowest = (train, validation) if train.value >= validation.value else (validation, train)
    if highest.high <= (1.0 + apart) * lowest.low:
        return Passed(
            f"with weights {number(class_weight[0])} and {number(class_weight[1])} a network that knows only "
            f"the base rate has about {estimated(train)} on both curves"
        )
    if highest.low <= (1.0 + apart) * lowest.high:
        return CannotTell("the base rates are not known well enough to tell the two floors apart")
    evidence: dict[str, float | int | str] = {
        "weight_negative": class_weight[0],
        "weight_positive": class_weight[1],
        "train_loss_knowing_only_base_rate": train.value,
        "validation_loss_of_the_same_network": validation.value,
    }
    plain = ""
    if validation_floor is not None:
        evidence["validation_entropy"] = validation_floor.value
        plain = f" Without weights it would be {estimated(validation_floor)}."
    return Fired(
        f"The training loss counts a positive row {number(class_weight[1] / class_weight[0])} times a "
        "negative one, the validation loss counts all rows alike. A network that knows only the base rate "
        f"would show {estimated(train)} in training and {estimated(validation)} in validation.{plain}",
        evidence=evidence,
        advice="Judge each curve by its own floor, or log a plain BinaryCrossentropy metric for both.",
        confidence=None if weights_in_force and class_weight_type is not None else Confidence.LIKELY,
        settle=""
        if weights_in_force and class_weight_type is not None
        else "Log the plain training loss: BinaryCrossentropy(name='bce').",
    )
