"""CMP103: the training loss is the mean over the epoch, the validation loss is that of its end."""

from __future__ import annotations

import numpy as np

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
    train_loss_logged: Curve, validation_loss_logged: Curve, *, shift: float = 0.05
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
    Dropout, weights or other base rates move the curves apart as well; the latter mask this finding.

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
    if averaged is None:
        return CannotTell("it is not known whether the training loss is a mean over the epoch")
    shared, at, other_at = np.intersect1d(
        train_loss_logged.epochs, validation_loss_logged.epochs, return_indices=True
    )
    train, validation = train_loss_logged.values[at], validation_loss_logged.values[other_at]
    if len(shared) < 2:
        return CannotTell("with one epoch there is no next one to tell how fast the loss moves")
    with np.errstate(invalid="ignore"):
        end = (train[:-1] + train[1:]) / 2.0
        before, after = train[:-1] > validation[:-1], end > validation[:-1]
        moved = (before != after) & (np.abs(end - train[:-1]) >= shift * np.abs(train[:-1]))
    if not moved.any():
        return Passed("no epoch's order of the two curves hangs on the half epoch between them")
    epochs = tuple(int(epoch) for epoch in shared[:-1][moved])
    first = int(np.flatnonzero(moved)[0])
    when = "epoch" if len(epochs) == 1 else "epochs"
    return Fired(
        f"In {when} {listed(epochs)} the order of the two losses comes from when they were measured. In "
        f"epoch {epochs[0]} the training loss is {number(train[first])} as the mean of the epoch, but about "
        f"{number(end[first])} at its end, where the validation loss is {number(validation[first])}.",
        evidence={
            "epoch": epochs[0],
            "train_loss_mean_of_epoch": float(train[first]),
            "train_loss_end_of_epoch": float(end[first]),
            "validation_loss": float(validation[first]),
        },
        epochs=epochs,
        advice="Shift the training curve left by half an epoch before reading the gap.",
    )
