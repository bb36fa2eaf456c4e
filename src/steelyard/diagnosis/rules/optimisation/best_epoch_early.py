"""OPT304: after the first few epochs nothing got better."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.arithmetic.kendall import kendall
from steelyard.diagnosis.arithmetic.trend import theil_sen
from steelyard.diagnosis.keeping import watches_validation_loss
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import BestEpoch, Curve
from steelyard.finding import Confidence, Severity
from steelyard.log import Stopping
from steelyard.recipe import Change


@rule(
    "OPT304",
    severity=Severity.SMELL,
    confidence=Confidence.LIKELY,
    catalogue="C4",
    unless=("OPT308", "OPT312", "OPT303", "REG401", "REG403", "COL201"),
)
def best_epoch_early(
    validation_loss_logged: Curve,
    best_epoch: BestEpoch,
    stopping: Stopping | None,
    planned_epochs: int | None,
    *,
    epochs: int = 10,
    early: float = 0.2,
    gain: float = 0.02,
    chance: float = 0.05,
) -> Outcome:
    """Nothing got better after the first epochs.

    How it is detected
    ------------------
    The first epoch that cannot be told from the best by the noise of the validation rows lies in the first
    ``early`` of at least ``epochs`` epochs. Those rows are the same in every epoch, so that a slow fall may
    show all the same: the losses from that epoch on must not be in falling order, to a degree that has a
    probability below ``chance`` without a trend (Kendall's tau), by more than ``gain`` of themselves.

    When it misleads
    ----------------
    A second, slow phase of learning or a drop of the learning rate may be still to come. A run that early
    stopping ended has spent its patience as asked, and passes. Where something else than the loss was watched
    and it is not known how many epochs were asked for, it cannot be told whether that was so.

    Why it matters
    --------------
    The later epochs cost time and bring nothing; and what the network can learn with these settings, it
    learns in few steps, so that a finer schedule (measured in steps, not epochs) may find more.

    What to change
    --------------
    Early stopping that keeps the best epoch, and a learning rate that decays over fewer epochs.

    Source
    ------
    Catalogue C4; Tuning playbook, "saturated early".
    """
    last = int(validation_loss_logged.epochs[-1]) if len(validation_loss_logged) else 0
    if last < epochs:
        return CannotTell(f"{last} epochs are too few to call some of them wasted")
    if best_epoch.first > early * last:
        return Passed(f"the validation loss was still getting better in epoch {best_epoch.first} of {last}")
    if stopping is not None and stopping.patience:
        ended = _ended_early(stopping, best_epoch.epoch, last, planned_epochs)
        if ended:
            return Passed(f"early stopping ended the run {last - best_epoch.epoch} epochs after the best")
        if ended is None:
            return CannotTell(
                f"early stopping watched {stopping.monitor} and may have ended the run; how many epochs were "
                "asked for would tell (supply --epochs N)"
            )
    if fell := _slow_fall(validation_loss_logged, best_epoch.first, gain, chance):
        return Passed(
            f"the validation loss goes on falling slowly after epoch {best_epoch.first}, by {fell:.1%} in all"
        )
    return Fired(
        f"The validation loss is as good in epoch {best_epoch.first} as it ever gets: of {last} epochs, the "
        f"{last - best_epoch.first} after it bring nothing beyond noise (lowest: epoch {best_epoch.epoch}).",
        evidence={"first_good_epoch": best_epoch.first, "best_epoch": best_epoch.epoch, "epochs": last},
        epochs=tuple(range(best_epoch.first + 1, last + 1)),
        changes=(
            Change("training.patience", 12, risk="safe"),
            Change("training.restore_best_weights", True, "safe"),
        ),
        advice="Stop early and keep the best epoch; let the learning rate decay over fewer epochs.",
        settle="A lower learning rate from that epoch on would show whether more can be learned.",
    )


def _ended_early(stopping: Stopping, best: int, last: int, planned: int | None) -> bool | None:
    """Whether early stopping ended the run; None if that cannot be told."""
    if planned is not None:
        return last < planned
    if watches_validation_loss(stopping):
        waited = last - best - (stopping.patience or 0)
        return 0 <= waited <= 1
    return None


def _slow_fall(curve: Curve, since: int, gain: float, chance: float) -> float:
    """By what share of itself the loss falls after an epoch, if it does so in order; else 0."""
    kept = (curve.epochs >= since) & np.isfinite(curve.values)
    at, values = curve.epochs[kept], curve.values[kept]
    if len(values) < 5 or not values[0] > 0.0:
        return 0.0
    order, by_chance = kendall(values)
    share = -theil_sen(values, at) * float(at[-1] - at[0]) / float(values[0])
    return share if order < 0 and by_chance < chance and share > gain else 0.0
