"""REG406: training stopped early and kept the wrong weights."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.arithmetic.trend import noise_of
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.finding import Confidence, Severity
from steelyard.log import Stopping
from steelyard.recipe import Change


@rule(
    "REG406",
    severity=Severity.WARNING,
    confidence=Confidence.LIKELY,
    catalogue="D6",
    unless=("OPT308", "LOG909"),
)
def best_weights_lost(
    stopping: Stopping,
    validation_loss_logged: Curve,
    validation_noise: float | None,
    *,
    patience: int = 3,
    percent: float = 1.0,
) -> Outcome:
    """Early stopping does not keep the best epoch, or stops at the first bad one.

    How it is detected
    ------------------
    Early stopping is set up without keeping the best weights, and the last validation loss is above the
    lowest by more than the standard error of the validation rows (the wiggle of the curve, if that is not
    known) and ``percent``. Or its patience is below ``patience`` epochs and the curve wiggles: it rose at
    some epoch before its lowest.

    When it misleads
    ----------------
    A difference within noise is none. A checkpoint keeps the best weights in a file; whether they are loaded
    the log does not say.

    Why it matters
    --------------
    With a patience of ten, the weights that are used are those of ten epochs after the best. With a patience
    of one, a single unlucky epoch ends the training.

    What to change
    --------------
    Keep the best weights (in Keras, restore_best_weights=True) and a patience of ten epochs or more.

    Source
    ------
    Catalogue D6; TensorFlow's tutorial on imbalanced data; datascience.stackexchange 41340.
    """
    known = np.isfinite(validation_loss_logged.values)
    at, values = validation_loss_logged.epochs[known], validation_loss_logged.values[known]
    if len(values) < 2:
        return CannotTell("fewer than two validation losses were measured")
    best = int(np.argmin(values))
    above = float(values[-1] - values[best])
    wiggle = noise_of(values)
    noise = validation_noise if validation_noise is not None else 0.0 if np.isnan(wiggle) else wiggle
    rose = bool((np.diff(values[: best + 1]) > 0.0).any())
    if stopping.restore_best is not True and above > max(noise, percent / 100.0 * values[best]):
        if stopping.restore_best is None:
            return CannotTell(
                f"the last validation loss is {above:.3g} above the lowest (epoch {int(at[best])}), and "
                "whether the best weights were kept is not known"
            )
        share = f"{above / values[best]:.0%} above its" if values[best] > 0.0 else "after a"
        return Fired(
            f"The weights kept are the last, not the best: the validation loss is {values[-1]:.4g} in epoch "
            f"{int(at[-1])}, {share} {values[best]:.4g} in epoch {int(at[best])}.",
            evidence={
                "last": float(values[-1]),
                "lowest": float(values[best]),
                "best_epoch": int(at[best]),
                "noise": noise,
            },
            epochs=tuple(int(epoch) for epoch in at[best + 1 :]),
            changes=(Change("training.restore_best_weights", True, risk="safe"),),
            advice="Keep the best weights (in Keras, EarlyStopping(restore_best_weights=True)).",
        )
    if stopping.patience is not None and stopping.patience < patience and rose:
        return Fired(
            f"Early stopping waits only {stopping.patience} epochs, and the validation loss had risen "
            f"before its lowest (epoch {int(at[best])}) already: one unlucky epoch can end the training.",
            evidence={"patience": stopping.patience, "best_epoch": int(at[best])},
            changes=(Change("training.patience", 12, risk="safe"),),
            advice="Use a patience of ten epochs or more.",
            severity=Severity.SMELL,
        )
    return Passed(
        "the best weights are kept"
        if stopping.restore_best
        else f"the last validation loss is {above:.2g} above the lowest, within noise"
    )
