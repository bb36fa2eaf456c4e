"""OPT304: after the first few epochs nothing got better."""

from __future__ import annotations

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
    unless=("OPT308", "OPT312", "REG401", "REG403", "COL201"),
)
def best_epoch_early(
    validation_loss_logged: Curve,
    best_epoch: BestEpoch,
    stopping: Stopping | None,
    planned_epochs: int | None,
    *,
    epochs: int = 10,
    early: float = 0.2,
) -> Outcome:
    """Nothing got better after the first epochs.

    How it is detected
    ------------------
    The first epoch that cannot be told from the best by the noise of the validation rows lies in the first
    ``early`` of at least ``epochs`` epochs.

    When it misleads
    ----------------
    A second, slow phase of learning or a drop of the learning rate may be still to come. A run that early
    stopping ended has spent its patience as asked, and passes.

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
    if stopping is not None and stopping.patience:
        waited = last <= best_epoch.epoch + stopping.patience + 1
        if waited or (planned_epochs is not None and last < planned_epochs):
            return Passed(f"early stopping ended the run {last - best_epoch.epoch} epochs after the best")
    if best_epoch.first > early * last:
        return Passed(f"the validation loss was still getting better in epoch {best_epoch.first} of {last}")
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
