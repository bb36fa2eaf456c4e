"""CMP101: both losses as logged hold the penalty on weights."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.measured import was_logged_plain
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import estimated, number, percent
from steelyard.finding import Confidence, Severity


@rule(
    "CMP101",
    severity=Severity.WARNING,
    confidence=Confidence.CERTAIN,
    catalogue="A1",
    unless=("LOG904",),
)
def penalty_inside_losses(
    penalized: bool,
    train_loss_logged: Curve,
    penalty: Curve | None,
    initial_penalty: Estimate | None,
    train_loss: Curve | None,
    validation_loss: Curve | None,
    *,
    share: float = 0.1,
) -> Outcome:
    """The logged losses hold the penalty on the weights.

    How it is detected
    ------------------
    The network has a regulariser, and the penalty is at least ``share`` of the training loss as logged: in
    the last epoch, where the penalty was logged or can be bounded, otherwise in the first, against the
    penalty of the untrained network.

    When it misleads
    ----------------
    A training loop of one's own may leave the penalty out. A logged curve that is known to be without it
    passes, and so does a log that has the plain losses of both splits beside it. Where only the untrained
    network's penalty is known, the confidence is no more than likely.

    Why it matters
    --------------
    The penalty shrinks while training goes on, so both curves fall without the network learning anything
    about the data, and neither can be held against the entropy of the base rate. Keras adds it to the
    validation loss as well: the sentence of its FAQ that penalties are off at test time is not true of Keras
    3.15.

    What to change
    --------------
    Nothing about the training. Log the plain loss beside it (a metric ``BinaryCrossentropy(name="bce")``) and
    read that.

    Source
    ------
    Catalogue A1; measured on Keras 3.15.1, where a validation loss of 0.783 was 0.407 of data and 0.376 of
    penalty.
    """
    if not penalized:
        return Passed("the network has no penalty on its weights")
    if train_loss_logged.quantity.penalized is False:
        return Passed("the losses were logged without the penalty")
    if was_logged_plain(train_loss) and was_logged_plain(validation_loss):
        return Passed("the log has the plain losses of both splits too")
    if not np.isfinite(train_loss_logged.values[[0, -1]]).all():
        return CannotTell("the training loss is not a number")
    advice = (
        "Log the plain loss as a metric of its own, BinaryCrossentropy(name='bce'), and compare those curves."
    )
    if penalty is not None and len(penalty) and penalty.low[-1] > 0.0:
        logged = float(train_loss_logged.values[-1])
        low, high = float(penalty.low[-1]), float(penalty.high[-1])
        if high < share * logged:
            return Passed(f"the penalty is at most {percent(high / logged)} of the training loss")
        if low >= share * logged:
            size = estimated(Estimate(float(penalty.values[-1]), low, high))
            return Fired(
                f"Of the training loss of {number(logged)} in the last epoch, {size} is the penalty on the "
                "weights, not error on the data. The same penalty is in the validation loss, so neither "
                "curve says by itself how well the network predicts.",
                evidence={"train_loss": logged, "penalty_low": low, "penalty_high": high},
                advice=advice,
            )
    if initial_penalty is None:
        return CannotTell("there is a penalty, but neither its course nor the untrained network's is known")
    first = float(train_loss_logged.values[0])
    if initial_penalty.high < share * first:
        return Passed(
            f"even the untrained network's penalty is at most {percent(initial_penalty.high / first)} of the "
            "loss"
        )
    return Fired(
        f"The network carries a penalty on its weights: {estimated(initial_penalty)} before training, where "
        f"the first logged training loss is {number(first)}. It is part of both logged losses, and part of "
        "their fall is its shrinking.",
        evidence={
            "initial_penalty": initial_penalty.value,
            "first_train_loss": first,
            "last_train_loss": float(train_loss_logged.values[-1]),
        },
        advice=advice,
        confidence=Confidence.LIKELY,
        settle="Log sum(model.losses) at the end of every epoch.",
    )
