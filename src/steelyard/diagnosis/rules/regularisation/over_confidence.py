"""REG403: the loss rises, the ranking does not get worse."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from steelyard.diagnosis.arithmetic.rise import rise, smooth
from steelyard.diagnosis.arithmetic.sampling import auc_error
from steelyard.diagnosis.keeping import keeps_lowest_loss
from steelyard.diagnosis.measured import finite_part
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Confidence, Severity
from steelyard.log import Predictions, Stopping
from steelyard.recipe import Change

Logits = NDArray[np.float64]


@rule(
    "REG403",
    severity=Severity.WARNING,
    confidence=Confidence.LIKELY,
    catalogue="D3",
    unless=("OPT308", "IMB704", "LOG909"),
)
def over_confidence(
    validation_loss: Curve,
    validation_auc: Curve | None,
    positives_validation: Estimate | None,
    rows_validation: int | None,
    validation_noise: float | None,
    validation_predictions: Predictions | None,
    calibration: str | None,
    validation_auc_interval: Estimate | None,
    stopping: Stopping | None,
    *,
    percent: float = 5.0,
    errors: float = 2.0,
    temperature: float = 1.2,
    positives: int = 30,
) -> Outcome:
    """The validation loss rises while the rows are ranked as well as ever: the network is too sure.

    How it is detected
    ------------------
    The smoothed validation loss ends more than ``percent`` above its lowest point (at both ends of its
    bounds) and more than ``errors`` standard errors of the validation rows and of its own wiggle, while the
    ROC AUC at the end is within one standard error of its best. Where probabilities are at hand: one number
    that all logits are divided by (a temperature), fitted on every other validation row, is above
    ``temperature`` and lowers the loss of the others by more than noise; the ROC AUC, if its curve is
    known, must be within one standard error of its best there too.

    When it misleads
    ----------------
    With few positives the standard error of the AUC is so wide that it hides a ranking that gets worse:
    fewer than ``positives``, or as few negatives, are not judged. A model whose probabilities are
    calibrated after the network passes, and so does a rise after the epoch of the lowest loss, where its
    weights are kept. A penalty that grows inside the loss looks the same. After class weights probabilities
    are shifted rather than too sure, which IMB704 tells.

    Why it matters
    --------------
    A probability of 0.99 that comes true nine times in ten misleads who reads it. Who only ranks rows loses
    nothing, and would throw away good epochs by stopping at the lowest loss.

    What to change
    --------------
    Where probabilities matter, calibrate them (temperature) or keep the epoch with the lowest loss; where
    only the ranking matters, watch ROC AUC or average precision instead.

    Source
    ------
    Catalogue D3; Guo et al. 2017 on temperature; stats.stackexchange 282160 and 355984.
    """
    if calibration not in (None, "none"):
        return Passed(f"the model's probabilities are calibrated ({calibration}), whatever the network says")
    if validation_predictions is not None and (found := _by_temperature(validation_predictions, positives)):
        hotter, before, after, error = found
        worse = _ranks_worse(validation_auc, validation_auc_interval, positives_validation, rows_validation)
        if hotter > temperature and before - after > errors * error and worse:
            return Passed(f"a temperature of {hotter:.2f} would lower the loss, but {worse}")
        if hotter > temperature and before - after > errors * error:
            return Fired(
                f"Dividing all logits by {hotter:.2f} lowers the validation loss from {before:.4g} to "
                f"{after:.4g} without changing how rows are ranked: the network is too sure of itself.",
                evidence={"temperature": hotter, "loss": before, "loss_calibrated": after},
                changes=_CHANGES,
                advice=_ADVICE,
            )
        return Passed(f"its probabilities are not too sure: {_gains(hotter, temperature)}")
    if validation_auc is None:
        return CannotTell(
            "neither probabilities nor the ROC AUC over epochs are known; metrics=[AUC()] logs it"
        )
    if positives_validation is None or rows_validation is None:
        return CannotTell(
            "the noise of the ROC AUC needs the number of positives (supply --positives N --rows N)"
        )
    if positives_validation.low < positives:
        return CannotTell(
            f"{positives_validation.low:.0f} positives are too few to say that the ranking holds"
        )
    if positives_validation.low >= rows_validation:
        return CannotTell("there are no negatives among the validation rows to rank")
    negatives = rows_validation - positives_validation.high
    if negatives < positives:
        return CannotTell(f"{negatives:.0f} negatives are too few to say that the ranking holds")
    losses, ranking = finite_part(validation_loss), finite_part(validation_auc)
    if not len(losses) or not len(ranking):
        return CannotTell("the validation loss or the ROC AUC is a number in no epoch")
    if ranking.values.min() < 0.0 or ranking.values.max() > 1.0:
        return CannotTell("what was logged as ROC AUC does not lie between 0 and 1")
    found_rise = rise(losses.values)
    at = found_rise.at
    if found_rise.lowest <= 0.0 < found_rise.height:
        return CannotTell("the lowest validation loss is 0 as logged, so no rise is a share of it")
    low = float(smooth(losses.low)[-1] / max(float(smooth(losses.high)[at]), 1e-300) - 1.0)
    noise = float(np.hypot(validation_noise or 0.0, found_rise.wiggle / np.sqrt(3.0)))
    if found_rise.percent <= percent or found_rise.height <= errors * noise:
        return Passed(f"the validation loss ends {max(found_rise.percent, 0.0):.1f}% above its lowest point")
    if keeps_lowest_loss(stopping):
        return Passed(
            f"the validation loss rises by {found_rise.percent:.0f}%, but the weights kept are to be those "
            "of the best epoch"
        )
    best, last = float(smooth(ranking.values).max()), float(smooth(ranking.values)[-1])
    error = auc_error(best, positives_validation.low, rows_validation - positives_validation.low)
    if last < best - error:
        return Passed(f"the ranking gets worse too: ROC AUC {last:.3f} at the end, {best:.3f} at its best")
    first = int(losses.epochs[at])
    return Fired(
        f"The validation loss rises by {found_rise.percent:.0f}% after epoch {first}, yet the rows are "
        f"ranked as well as ever (ROC AUC {last:.3f} at the end, {best:.3f} at its best, standard error "
        f"{error:.3f}): the network is too sure of itself, rather than worse.",
        evidence={
            "rise_percent": found_rise.percent,
            "best_epoch": first,
            "auc_last": last,
            "auc_best": best,
            "auc_error": error,
        },
        epochs=tuple(int(epoch) for epoch in losses.epochs[at + 1 :]),
        changes=_CHANGES,
        advice=_ADVICE,
        settle="Probabilities of the validation rows would settle it: a temperature above 1 lowers their "
        "loss.",
        confidence=Confidence.LIKELY if 100.0 * low > percent else Confidence.POSSIBLE,
    )


def _gains(hotter: float, temperature: float) -> str:
    if hotter > temperature:
        return f"dividing all logits by {hotter:.2f} would lower the loss by no more than noise"
    unsure = ", so that they are rather too unsure" if hotter < 1.0 else ""
    return f"dividing all logits by {hotter:.2f} fits best{unsure}"


def _ranks_worse(
    curve: Curve | None, kept: Estimate | None, positives: Estimate | None, rows: int | None
) -> str:
    """A clause that the weights that were kept rank worse than some epoch did; empty if they do not, or if
    that is not known."""
    ranking = None if curve is None else finite_part(curve)
    if ranking is None or not len(ranking) or kept is None or positives is None or rows is None:
        return ""
    best = float(smooth(ranking.values).max())
    if not 0.0 <= best <= 1.0 or not 0.0 < positives.low < rows:
        return ""
    if kept.value >= best - auc_error(best, positives.low, rows - positives.low):
        return ""
    return f"the ranking gets worse too: ROC AUC {kept.value:.3f}, and {best:.3f} at its best"


_CHANGES = (Change("decision.calibration", "temperature", risk="safe"),)
_ADVICE = (
    "Where probabilities matter, calibrate them or keep the epoch of the lowest loss; where only the order "
    "of rows matters, watch ROC AUC instead."
)


def _by_temperature(predictions: Predictions, positives: int) -> tuple[float, float, float, float] | None:
    """Temperature fitted on every other row; loss of the rest without and with it, and the standard error of
    their difference. None with too few positives."""
    from scipy.optimize import minimize_scalar  # slow to load, and only predictions need it

    target = predictions.target.astype(np.float64)
    if min(target.sum(), len(target) - target.sum()) < positives:
        return None
    logits = np.asarray(logit(np.clip(predictions.probability, 1e-12, 1.0 - 1e-12)), np.float64)
    # By class, so that both halves have positives whatever the order of rows.
    order = np.argsort(target, kind="stable")
    fit, held = order[::2], order[1::2]
    found = minimize_scalar(
        lambda log_t: _losses(logits[fit] / np.exp(log_t), target[fit]).mean(),
        bounds=(np.log(0.05), np.log(20.0)),
        method="bounded",
    )
    warm = float(np.exp(found.x))
    before, after = _losses(logits[held], target[held]), _losses(logits[held] / warm, target[held])
    error = float(np.std(before - after) / np.sqrt(len(held)))
    return warm, float(before.mean()), float(after.mean()), error


def _losses(logits: Logits, target: NDArray[np.float64]) -> Logits:
    return np.logaddexp(0.0, logits) - target * logits
