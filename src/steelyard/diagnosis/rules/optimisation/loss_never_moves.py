"""OPT312: the loss is the same in every epoch."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.arithmetic.digits import decimals
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Confidence, Severity
from steelyard.history import Telemetry


@rule(
    "OPT312",
    severity=Severity.ERROR,
    confidence=Confidence.LIKELY,
    catalogue="C12",
    unless=("OPT308", "ARC501", "ARC508"),
)
def loss_never_moves(
    train_loss_logged: Curve,
    train_floor: Estimate | None,
    telemetry: Telemetry | None,
    *,
    epochs: int = 3,
    moves: float = 1e-4,
    digits: int = 4,
    near_floor: float = 0.02,
) -> Outcome:
    """The training loss does not move at all.

    How it is detected
    ------------------
    Over at least ``epochs`` epochs no training loss differs from the first by more than ``moves`` of it. A
    loss that was printed with at most ``digits`` decimals can hide such a change; then there must be ten
    epochs without one.

    When it misleads
    ----------------
    A network that starts at the best constant (the last bias at the log-odds) and has nothing to learn from
    its inputs does not move either: where the loss is within ``near_floor`` of the entropy of the base rate,
    the finding is only possible.

    Why it matters
    --------------
    No weight changed, or none that matters: all that was logged is the network as it was drawn.

    What to change
    --------------
    Make sure that layers are trained and the learning rate is not zero, and look for an output that is
    always the same (softmax on one unit, ReLU on the output). One batch that is learned by heart shows that
    the rest works.

    Source
    ------
    Catalogue C12; DeepLocalize; SageMaker's UnchangedTensor; public programs (0.6667 for 20 epochs).
    """
    values = train_loss_logged.values
    if not np.isfinite(values).all():
        return CannotTell("not all training losses are numbers")
    if len(values) < epochs:
        return CannotTell(f"{len(values)} epochs are too few")
    spread = float(np.max(np.abs(values - values[0])))
    if spread > moves * abs(values[0]):
        return Passed(
            f"the training loss moves by {spread:.2g}, {spread / max(abs(values[0]), 1e-300):.2%} of its "
            "start"
        )
    places = decimals(values)
    if len(values) < 10 and places is not None and places <= digits:
        return CannotTell(
            f"the loss was logged with {digits} decimals or fewer, too coarse to say that it does not move "
            f"in {len(values)} epochs"
        )
    updates = _largest_update(telemetry)
    if updates is not None and updates > 1e-6:
        inside = f" though its weights change (by up to {updates:.1g} of their norm per step)"
    else:
        inside = "" if updates is None else ", and neither do its weights"
    best = train_floor is not None and abs(values[0] - train_floor.value) <= near_floor * train_floor.value
    at_floor = (
        " It is that of always predicting the base rate, so it may have started at the best constant."
        if best
        else ""
    )
    return Fired(
        f"The training loss is {values[0]:.4g} in all {len(values)} epochs (it moves by "
        f"{spread:.1g}){inside}: the network is not learning.{at_floor}",
        evidence={"loss": float(values[0]), "largest_change": spread, "epochs": len(values)},
        epochs=tuple(int(epoch) for epoch in train_loss_logged.epochs),
        advice="Check that layers are trained, that the learning rate is not zero, and that the output can "
        "change.",
        settle="Train on one batch alone: if even that loss does not fall, it is a bug.",
        confidence=Confidence.POSSIBLE if best else None,
    )


def _largest_update(telemetry: Telemetry | None) -> float | None:
    if telemetry is None:
        return None
    ratios = [one.update_ratio[np.isfinite(one.update_ratio)] for one in telemetry.layers]
    return max((float(one.max()) for one in ratios if len(one)), default=None)
