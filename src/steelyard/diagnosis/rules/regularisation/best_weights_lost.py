"""REG406: training stopped early and kept the wrong weights."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.arithmetic.trend import noise_of
from steelyard.diagnosis.keeping import watches_validation_loss
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.diagnosis.wording import counted
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
    framework: str | None,
    planned_epochs: int | None,
    *,
    patience: int = 3,
    percent: float = 1.0,
) -> Outcome:
    """Early stopping does not keep the best epoch, or stops at the first bad one.

    How it is detected
    ------------------
    Early stopping is set up without keeping the best weights, and the last validation loss is above the
    lowest by more than the standard error of the validation rows (the wiggle of the curve, if that is not
    known) and ``percent``. Or the best weights were to be kept, but Keras 2 trained all epochs asked for:
    its older versions put them back only where early stopping itself ends the run. Or the validation loss is
    watched with a patience below ``patience`` epochs, and the curve wiggles: it rose at some epoch before its
    lowest, or the epochs that ended the run were no worse than the best beyond noise.

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
    Catalogue D6; TensorFlow's tutorial on imbalanced data; datascience.stackexchange 41340; issue 12511 of
    Keras, of weights that are not put back.
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
    waits = 0 if stopping.patience is None else max(stopping.patience, 1)
    short = stopping.patience is not None and stopping.patience < patience
    watched = watches_validation_loss(stopping)
    waited, last = int(at[-1] - at[best]), int(at[-1])
    beyond_noise = above > max(noise, percent / 100.0 * values[best])
    not_stopped = planned_epochs is not None and last >= planned_epochs and waited < waits
    if watched and beyond_noise and not_stopped and (framework or "").startswith("keras 2"):
        return Fired(
            f"All {planned_epochs} epochs were trained, so it was not early stopping that ended the run; "
            "older versions of Keras 2 then keep the last weights, whatever restore_best_weights says. The "
            f"validation loss is {values[-1]:.4g} in epoch {last}, {values[best]:.4g} in epoch "
            f"{int(at[best])}.",
            evidence={"last": float(values[-1]), "lowest": float(values[best]), "best_epoch": int(at[best])},
            epochs=tuple(int(epoch) for epoch in at[best + 1 :]),
            changes=(Change("training.epochs", 2 * last),),
            advice="Ask for more epochs, so that early stopping ends the run, or keep a checkpoint of the "
            "best.",
            settle="model.evaluate on the validation rows tells which weights the model has.",
            confidence=Confidence.POSSIBLE,
        )
    if watched and short and rose:
        return Fired(
            f"Early stopping waits only {counted(waits, 'epoch')}, and the validation loss had risen before "
            f"its lowest (epoch {int(at[best])}) already: {counted(waits, 'unlucky epoch')} can end the "
            "training.",
            evidence={"patience": waits, "best_epoch": int(at[best])},
            changes=(Change("training.patience", 12, risk="safe"),),
            advice="Use a patience of ten epochs or more.",
            severity=Severity.SMELL,
        )
    ended = planned_epochs is not None and last < planned_epochs
    if watched and short and ended and waited == waits and above <= noise:
        return Fired(
            f"Early stopping ended the run in epoch {last} of {planned_epochs}, after "
            f"{counted(waited, 'epoch')} without a lower validation loss. It was {above:.2g} above the "
            f"lowest ({values[best]:.4g}), which is within noise.",
            evidence={"patience": waits, "best_epoch": int(at[best]), "above": above, "noise": noise},
            epochs=(last,),
            changes=(Change("training.patience", 12, risk="safe"),),
            advice="Use a patience of ten epochs or more.",
            severity=Severity.SMELL,
        )
    return Passed(
        f"the weights kept are the best by {stopping.monitor}"
        if stopping.restore_best
        else f"the last validation loss is {above:.2g} above the lowest, within noise"
    )
