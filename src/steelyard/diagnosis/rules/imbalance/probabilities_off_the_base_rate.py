"""IMB704: probabilities that do not add up to the number of positives."""

from __future__ import annotations

import math

from steelyard.diagnosis.arithmetic.samplers import EVENING, spoken
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import number, percent
from steelyard.finding import Confidence, Severity
from steelyard.log import Predictions
from steelyard.recipe import Change


@rule("IMB704", severity=Severity.WARNING, catalogue="G4", unless=("OPT308",))
def probabilities_off_the_base_rate(
    validation_predictions: Predictions | None,
    validation_skill: Curve | None,
    validation_auc_interval: Estimate | None,
    resampling: str | None,
    class_weight: tuple[float, float] | None,
    weights_in_force: bool | None,
    calibration: str | None,
    *,
    factor: float = 1.5,
    errors: float = 3.0,
    ranks: float = 0.6,
) -> Outcome:
    """Probabilities are far too high or too low on average.

    How it is detected
    ------------------
    With predictions: their mean is more than ``factor`` times the share of positives, or the share more than
    ``factor`` times their mean, and they differ by more than ``errors`` standard errors. Without: rows were
    weighted or resampled, the plain validation loss is above that of guessing in every epoch, and the ROC AUC
    is surely above ``ranks``: a network that ranks well and loses to guessing has its probabilities in the
    wrong place.

    When it misleads
    ----------------
    If only the order of the rows is used, no harm is done, and a model whose probabilities are calibrated
    after the network passes. An over-confident network (which was never
    weighted) also loses to guessing; that needs predictions to tell, and is not reported without weights.

    Why it matters
    --------------
    Weights and resampling teach the network another base rate. The loss on natural rows then is high, and may
    rise, without any overfitting; and costs computed from such probabilities are wrong.

    What to change
    --------------
    Subtract the known shift from the log-odds (Steelyard does unless told not to), or calibrate on natural
    rows; or train without weights and move the threshold.

    Source
    ------
    Catalogue G4; Elkan (2001) for the shift.
    """
    if calibration not in (None, "none"):
        return Passed(f"the model's probabilities are calibrated ({calibration}), whatever the network says")
    if validation_predictions is not None and len(validation_predictions.target):
        y, p = validation_predictions.target, validation_predictions.probability
        mean, rate, rows = float(p.mean()), float(y.mean()), len(y)
        if not 0.0 < rate < 1.0:
            return CannotTell("the validation rows hold one class only")
        # The larger of what right probabilities and what the positives that are there would scatter.
        error = math.sqrt(max(float((p * (1.0 - p)).mean()), rate * (1.0 - rate)) / rows)
        ratio = mean / rate
        if 1.0 / factor <= ratio <= factor or abs(mean - rate) <= errors * error:
            return Passed(f"the mean probability is {number(ratio)} times the share of positives")
        cause = _cause(ratio > 1.0, resampling, class_weight, weights_in_force)
        because = f" That is what {cause} does." if cause else ""
        return Fired(
            f"The network expects {percent(mean)} of the validation rows to be positive, and "
            f"{percent(rate)} are: {number(ratio)} times as many.{because} The loss counts it, though rows "
            "may be ranked well.",
            evidence={"mean_probability": mean, "base_rate": rate, "ratio": ratio},
            changes=_CHANGES if cause else (),
            advice=_BACK
            if cause
            else "Calibrate on rows that were not trained on, and look for what moved the base rate.",
        )
    if validation_skill is None or validation_auc_interval is None:
        return CannotTell("neither predictions are known nor skill and ROC AUC on validation rows")
    best = float(validation_skill.high.max()) if len(validation_skill) else math.nan
    if not best < 0.0:
        return Passed("in some epoch the plain validation loss may be below that of guessing")
    if validation_auc_interval.low <= ranks:
        return CannotTell("the validation loss is above that of guessing, but the network may rank badly too")
    cause = _cause(True, resampling, class_weight, weights_in_force)
    if cause is None:
        return CannotTell("no weights or resampling are known; an over-confident network looks the same")
    return Fired(
        f"The network ranks validation rows (ROC AUC {validation_auc_interval.value:.3f}), yet its plain "
        f"validation loss is above that of guessing in every epoch, at best by {percent(-best)}. That is "
        f"what {cause} does.",
        evidence={"auc": validation_auc_interval.value, "best_skill": best},
        changes=_CHANGES,
        advice=_BACK,
        settle="The mean of the predicted probabilities, against the share of positives.",
        confidence=Confidence.POSSIBLE,
    )


_CHANGES = (Change("imbalance.correct_prior", True, "safe"),)
_BACK = "Bring the probabilities back to the natural base rate, or calibrate them on natural rows."


def _cause(
    upwards: bool,
    resampling: str | None,
    class_weight: tuple[float, float] | None,
    weights_in_force: bool | None,
) -> str | None:
    """What is known to move probabilities that way; samplers move them up."""
    if upwards and resampling is not None and resampling in EVENING:
        return f"training on rows after {spoken(resampling)}"
    if class_weight is not None and weights_in_force is not False:
        negative, positive = class_weight
        if negative != positive and (positive > negative) == upwards:
            return f"a weight ratio of {number(positive / negative)}"
    return None
