"""CMP109: the run with probes is not the run without."""

from __future__ import annotations

import math

import numpy as np

from steelyard.diagnosis.arithmetic.digits import rounding
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.diagnosis.wording import number
from steelyard.finding import Confidence, Severity


@rule("CMP109", severity=Severity.WARNING, confidence=Confidence.POSSIBLE, catalogue="A9")
def probes_change_training(
    train_loss_logged: Curve, twin_train_loss: Curve, learning_rates: Curve | None
) -> Outcome:
    """What watches the training changes it.

    How it is detected
    ------------------
    The training loss is not bit for bit that of a run with the same seed and without the probes. If the log
    has learning rates that shrink by one and the same factor every epoch, the message says so: a known
    callback does that.

    When it misleads
    ----------------
    A backend that is not deterministic gives different losses anyway: compare two runs without probes first.
    A log with rounded losses is compared at its own digits.

    Why it matters
    --------------
    A probe that advances the random numbers, moves the statistics of batch normalisation or sets the learning
    rate diagnoses a run that nobody would have had.

    What to change
    --------------
    Probes that only read: inference mode, random numbers of their own, no assignment to the optimizer.

    Source
    ------
    Catalogue A9; the callback of DEFault multiplies the learning rate by 0.9 in every epoch.
    """
    epochs, at, other_at = np.intersect1d(
        train_loss_logged.epochs, twin_train_loss.epochs, return_indices=True
    )
    if not len(epochs):
        return CannotTell("the two runs have no epoch in common")
    own, other = train_loss_logged.values[at], twin_train_loss.values[other_at]
    with np.errstate(invalid="ignore"):  # infinite in both
        same = np.abs(own - other) <= rounding(own) + rounding(other)
    differs = ~(same | (np.isnan(own) & np.isnan(other)) | (own == other))
    if not differs.any():
        return Passed(f"the loss is that of the run without probes in all {len(epochs)} epochs")
    first = int(np.flatnonzero(differs)[0])
    with_probes, without_probes = _shown(own[first]), _shown(other[first])
    factor = _factor(learning_rates)
    decay = (
        f" The learning rate is multiplied by {number(factor)} in every epoch." if factor is not None else ""
    )
    evidence: dict[str, float | int | str] = {
        "first_epoch": int(epochs[first]),
        "with_probes": with_probes,
        "without_probes": without_probes,
    }
    if factor is not None:
        evidence["learning_rate_factor"] = factor
    return Fired(
        f"From epoch {int(epochs[first])} on the run with probes is not the run without them: its training "
        f"loss there is {with_probes} instead of {without_probes}, with the same seed.{decay}",
        evidence=evidence,
        epochs=tuple(int(epoch) for epoch in epochs[differs]),
        advice="Let probes read only: inference mode, their own random numbers, no change of the optimizer.",
        settle="Run twice without probes: if those two differ as well, the backend is not deterministic.",
    )


def _shown(loss: float) -> str:
    return f"{loss:.8g}" if math.isfinite(loss) else "not a number"


def _factor(learning_rates: Curve | None) -> float | None:
    """By what the learning rate is multiplied every epoch, if always by the same and not by 1."""
    if learning_rates is None or len(learning_rates) < 3:
        return None
    if not (learning_rates.values > 0.0).all():
        return None
    with np.errstate(over="ignore"):
        ratios = learning_rates.values[1:] / learning_rates.values[:-1]
    same = np.ptp(ratios) <= 1e-6 and abs(ratios[0] - 1.0) > 1e-6
    return float(ratios[0]) if same else None
