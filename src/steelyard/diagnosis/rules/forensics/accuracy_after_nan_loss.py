"""LOG908: an accuracy that was logged, and even rises, after the loss stopped being a number."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.diagnosis.wording import percent
from steelyard.finding import Confidence, Severity


@rule("LOG908", severity=Severity.ERROR, confidence=Confidence.CERTAIN, catalogue="forensics")
def accuracy_after_nan_loss(
    train_loss_logged: Curve, validation_accuracy: Curve | None, train_accuracy: Curve | None
) -> Outcome:
    """The accuracy holds or rises while the loss is not a number.

    How it is detected
    ------------------
    From some epoch to the last the loss is NaN; in these epochs an accuracy was logged, and the last of these
    is at least that of the last epoch before.

    When it misleads
    ----------------
    Never as to the fact. That the accuracy falls when the loss is lost is no contradiction in terms, and
    passes; the loss itself is OPT308's. A loss that is infinite, or becomes a number again, may be that of a
    network whose weights are sound: of that nothing is said.

    Why it matters
    --------------
    A network whose weights are not numbers gives NaN for every row; NaN is not above 0.5, so every row counts
    as negative and the accuracy is the share of negatives. Where positives are rare that looks like the best
    epoch of the run, and a checkpoint that watches the accuracy keeps it.

    What to change
    --------------
    Take the weights of an epoch with a finite loss, and let the checkpoint watch the loss. See OPT308 for the
    cause.

    Source
    ------
    Arithmetic of IEEE 754: every comparison with NaN is false.
    """
    sound = ~np.isnan(train_loss_logged.values)
    if sound.all():
        return Passed("no training loss is NaN")
    first = int(np.flatnonzero(sound)[-1]) + 1 if sound.any() else 0
    if first == len(sound):
        return CannotTell("the loss becomes a number again, so that the weights may be numbers all along")
    start = int(train_loss_logged.epochs[first])
    known = False
    for split, curve in (("validation", validation_accuracy), ("training", train_accuracy)):
        if curve is None:
            continue
        after = (curve.epochs >= start) & np.isfinite(curve.values)
        before = (curve.epochs < start) & np.isfinite(curve.values)
        if not after.any():
            continue
        known = True
        then = float(curve.values[after][-1])
        earlier = float(curve.values[before][-1]) if before.any() else None
        if earlier is not None and then < earlier:
            continue
        if earlier is None:
            rise = "is"
        else:
            rise = "stays at" if then == earlier else f"goes from {percent(earlier)} to"
        return Fired(
            f"The loss is not a number from epoch {start} on, and yet the {split} accuracy {rise} "
            f"{percent(then)}. NaN is not above 0.5, so every row counts as negative: this is the share of "
            "negatives, not what a network achieves.",
            evidence={"first_epoch": start, "accuracy_after": then}
            | ({} if earlier is None else {"accuracy_before": earlier}),
            epochs=tuple(int(epoch) for epoch in curve.epochs[after]),
            advice="Keep the weights of an epoch with a finite loss; let checkpoints watch the loss.",
        )
    if not known:
        return CannotTell("no accuracy was logged in the epochs in which the loss is not a number")
    return Passed("the accuracy falls when the loss stops being a number")
