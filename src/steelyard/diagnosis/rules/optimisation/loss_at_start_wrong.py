"""OPT310: the network starts far from undecided."""

from __future__ import annotations

import math

from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Confidence, Severity
from steelyard.recipe import Change


@rule(
    "OPT310",
    severity=Severity.WARNING,
    confidence=Confidence.LIKELY,
    catalogue="C10",
    unless=("OPT308", "DAT601", "ARC501", "ARC502"),
)
def loss_at_start_wrong(
    initial_loss: float | None,
    train_loss: Curve | None,
    train_floor: Estimate | None,
    initial_penalty: Estimate | None,
    scaling: str | None,
    class_weight: tuple[float, float] | None,
    loss: str | None,
    *,
    off: float = 0.3,
) -> Outcome:
    """The loss starts far from where an undecided network's does.

    How it is detected
    ------------------
    An untrained network with zero biases and inputs of unit size answers about one half: its loss is near
    ln 2 = 0.693; with the last bias at the log-odds it is near the entropy of the base rate. A plain loss
    before training that is more than ``off`` above ln 2 or below that entropy is wrong. Where that was not
    measured, the plain loss of the first epoch is read instead: if even that is more than ``off`` above ln 2,
    with its bounds, the start was no better, or the first steps made it worse.

    When it misleads
    ----------------
    A logged loss that is weighted or holds a penalty starts elsewhere for good reasons, and so does one that
    is no cross-entropy: the first epoch is read only where it is known to be neither. What model.evaluate
    says holds the penalty too: a loss that is too high by no more than that of the untrained network leaves
    it open.

    Why it matters
    --------------
    The first epochs are spent on undoing the start: inputs that are not scaled or weights that are too large
    saturate the first layer, and some units never come back.

    What to change
    --------------
    Scale the inputs; Keras' own initializers; the last bias at zero or at the log-odds.

    Source
    ------
    Catalogue C10; Karpathy's recipe, "verify loss at init"; TheDeepChecker.
    """
    undecided = math.log(2.0)
    scale = (Change("preprocessing.scaling", "standard"),) if scaling in (None, "none") else ()
    if initial_loss is not None:
        if loss not in (None, "binary_crossentropy"):
            return CannotTell(f"the loss is {loss}, of which an undecided network has another than ln 2")
        return _before_training(initial_loss, undecided, train_floor, initial_penalty, off, scale)
    if train_loss is None or not len(train_loss):
        return CannotTell(
            "the loss before training was not measured; model.evaluate before model.fit gives it"
        )
    if class_weight is not None and class_weight[0] != class_weight[1]:
        return CannotTell("with class weights the plain loss of the first epoch says little about the start")
    quantity = train_loss.quantity
    if loss != "binary_crossentropy" or quantity.weighted is not False or quantity.penalized is not False:
        return CannotTell(
            "the loss of the first epoch is not known to be a plain binary cross-entropy (supply --model "
            "FILE or the code)"
        )
    if not math.isfinite(train_loss.values[0]):
        return CannotTell("the loss of the first epoch is not a number")
    low, high = float(train_loss.low[0]), float(train_loss.high[0])
    if high <= undecided + off:
        return Passed(f"the plain training loss of the first epoch is {train_loss.values[0]:.3g}")
    if low <= undecided + off:
        return CannotTell(
            f"the plain training loss of the first epoch is only known to lie between {low:.3g} and "
            f"{high:.3g}"
        )
    return Fired(
        f"In epoch {int(train_loss.epochs[0])} the plain training loss is {train_loss.values[0]:.3g}; a "
        f"network that knows nothing has {undecided:.3f}. It starts badly, or the first steps are too large.",
        evidence={"first_loss": float(train_loss.values[0]), "undecided_loss": undecided},
        epochs=(int(train_loss.epochs[0]),),
        changes=(*scale, Change("optimizer.schedule", {"name": "cosine", "warmup": 0.05})),
        advice="Scale the inputs; if they are, lower the learning rate or warm it up.",
        settle="The loss before training (model.evaluate before model.fit) tells the two apart.",
        confidence=Confidence.POSSIBLE,
    )


def _before_training(
    measured: float,
    undecided: float,
    floor: Estimate | None,
    penalty: Estimate | None,
    off: float,
    scale: tuple[Change, ...],
) -> Outcome:
    if not math.isfinite(measured):
        return CannotTell("the loss before training is not a number")
    if measured > undecided + off:
        if penalty is not None and measured - penalty.high <= undecided + off:
            return CannotTell(
                f"the loss before training is {measured:.3g}, and the penalty of the untrained network "
                f"{penalty.value:.3g}: without it, if it is in there, the start is as it should be"
            )
        other = "" if floor is None else f", or {floor.value:.3f} if it starts at the base rate"
        return Fired(
            f"Before training the loss is {measured:.3g}; that of an undecided network is "
            f"{undecided:.3f}{other}. Inputs that are not scaled or weights that start too large do that.",
            evidence={"initial_loss": measured, "undecided_loss": undecided},
            changes=scale,
            advice="Scale the inputs, and use the default initializers.",
        )
    if measured >= undecided - off:
        return Passed(f"the untrained network has a loss of {measured:.3f}, as an undecided one has")
    if floor is None:
        return CannotTell(
            f"a loss of {measured:.3g} before training may be that of a network which starts at the base "
            "rate; that is not known (supply --positives-train N --rows-train N)"
        )
    if measured >= floor.low - off:
        return Passed(
            f"the untrained network has a loss of {measured:.3f}, between those of the base rate "
            f"({floor.value:.3f}) and of an undecided one"
        )
    return Fired(
        f"Before training the loss is {measured:.3g}, below the {floor.value:.3f} of a network that knows "
        "the base rate and nothing else. No network that has not been trained can be as good.",
        evidence={"initial_loss": measured, "loss_of_base_rate": floor.value},
        advice="Build the network anew before each training: this one has weights of an earlier one, or was "
        "not measured on these rows.",
    )
