"""CMP103: the training loss is the mean over the epoch, the validation loss is that of its end."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.measured import was_logged_plain
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.diagnosis.wording import listed, number
from steelyard.finding import Confidence, Severity


@rule(
    "CMP103",
    severity=Severity.SMELL,
    confidence=Confidence.LIKELY,
    catalogue="A3",
    unless=("CMP104", "CMP105", "CMP106", "OPT308"),
)
def epoch_mean_against_epoch_end(
    train_loss_logged: Curve,
    validation_loss_logged: Curve,
    train_loss: Curve | None,
    *,
    shift: float = 0.05,
) -> Outcome:
    """The training loss lags half an epoch behind the validation loss.

    How it is detected
    ------------------
    The training loss is a mean over the batches of the epoch, while the validation loss belongs to its end.
    The training loss of the end is about the mean of this epoch's and the next one's. Reported are epochs in
    which that changes which curve is the lower one, and in which the step is at least ``shift`` of the loss.

    When it misleads
    ----------------
    After the first epochs, and with flat curves, the half epoch does not matter: such epochs do not count.
    Dropout, weights or other base rates move the curves apart as well; the latter mask this finding. A log
    that has the training loss of the end of the epoch beside it passes.

    Why it matters
    --------------
    A validation loss below the training loss in the first epochs is taken for a leak or for luck. In a long
    epoch the network of its end is simply a better one than that of its middle.

    What to change
    --------------
    Nothing about the training. Draw the training curve half an epoch earlier, or evaluate the training rows
    at the end of the epoch.

    Source
    ------
    Catalogue A3; Keras FAQ on training and testing loss.
    """
    averaged = train_loss_logged.quantity.epoch_mean
    if averaged is False:
        return Passed("the training loss was measured at the end of the epoch")
    if was_logged_plain(train_loss):
        return Passed("the log has the training loss of the end of the epoch too")
    if averaged is None:
        return CannotTell("it is not known whether the training loss is a mean over the epoch")
    # Validation may have been measured in some epochs only; the next training loss is that of the next epoch.
    followed = np.flatnonzero(np.diff(train_loss_logged.epochs) == 1)
    shared, at, other_at = np.intersect1d(
        train_loss_logged.epochs[followed], validation_loss_logged.epochs, return_indices=True
    )
    if not len(shared):
        return CannotTell("with one epoch there is no next one to tell how fast the loss moves")
    train, following = train_loss_logged.values[followed[at]], train_loss_logged.values[followed[at] + 1]
    validation = validation_loss_logged.values[other_at]
    with np.errstate(invalid="ignore"):
        end = (train + following) / 2.0
        before, after = train > validation, end > validation
        moved = (before != after) & (np.abs(end - train) >= shift * np.abs(train))
    if not moved.any():
        return Passed("no epoch's order of the two curves hangs on the half epoch between them")
    epochs = tuple(int(epoch) for epoch in shared[moved])
    first = int(np.flatnonzero(moved)[0])
    when = "epoch" if len(epochs) == 1 else "epochs"
    example = "there" if len(epochs) == 1 else f"in epoch {epochs[0]}"
    return Fired(
        f"In {when} {listed(epochs)} the order of the two losses comes from when they were measured: "
        f"{example} the training loss is {number(train[first])} as the mean of the epoch, but "
        f"about {number(end[first])} at its end, where the validation loss is {number(validation[first])}.",
        evidence={
            "epoch": epochs[0],
            "train_loss_mean_of_epoch": float(train[first]),
            "train_loss_end_of_epoch": float(end[first]),
            "validation_loss": float(validation[first]),
        },
        epochs=epochs,
        advice="Shift the training curve left by half an epoch before reading the gap.",
    )
