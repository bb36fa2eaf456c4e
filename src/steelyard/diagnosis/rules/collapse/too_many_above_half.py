"""COL203: far more rows are called positive than are positive, after weighting or resampling."""

from __future__ import annotations

import math

import numpy as np

from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import ConfusionCurve, Estimate
from steelyard.diagnosis.wording import estimated, number, percent
from steelyard.finding import Severity
from steelyard.log import Predictions
from steelyard.recipe import Change


@rule("COL203", severity=Severity.WARNING, catalogue="B3", unless=("COL205", "OPT308"))
def too_many_above_half(
    base_rate_validation: Estimate,
    class_weight: tuple[float, float] | None,
    resampling: str | None,
    base_rate_train: Estimate | None,
    weights_in_force: bool | None,
    validation_predictions: Predictions | None,
    validation_confusion: ConfusionCurve | None,
    *,
    times: float = 3.0,
) -> Outcome:
    """Far more rows are called positive than there are positives.

    How it is detected
    ------------------
    Positives were given more weight than negatives, or rows were resampled, and in the last epoch at least
    ``times`` as many validation rows lie above 0.5 as are positive, by predictions or by the fewest that the
    logged metrics allow.

    When it misleads
    ----------------
    A low threshold may be meant: where a missed positive costs much more than a false alarm, calling many
    rows positive is right. Without weights and resampling the rule passes.

    Why it matters
    --------------
    Weights and resampling move all probabilities up. Precision, F1 and accuracy at 0.5 are then those of a
    threshold that nobody chose, and say little about the network.

    What to change
    --------------
    Choose the threshold on validation rows, or take the shift back: subtract it from the logit.

    Source
    ------
    Catalogue B3 (derived: weights w1/w0 and a base rate r instead of p shift the logit by
    ln(w1/w0) + ln(r/(1-r)) - ln(p/(1-p))); scikit-learn, TunedThresholdClassifierCV.
    """
    weighted = (
        class_weight is not None and class_weight[1] > class_weight[0] and weights_in_force is not False
    )
    resampled = resampling is not None and resampling != "none"
    if not weighted and not resampled:
        if class_weight is None and resampling is None:
            return CannotTell("it is not known whether rows were weighted or resampled")
        return Passed("positives were neither given more weight nor resampled")
    if base_rate_validation.high <= 0.0:
        return CannotTell("there are no positives among the validation rows")
    if validation_predictions is not None:
        called = float(np.mean(validation_predictions.probability > 0.5))
    elif validation_confusion is not None and len(validation_confusion.epochs):
        called = float(validation_confusion.predicted_positive_low[-1]) / validation_confusion.rows
    else:
        return CannotTell("how many rows lie above 0.5 is not known (metrics=[Precision(), Recall()])")
    ratio = called / base_rate_validation.high
    if ratio < times:
        return Passed(f"{percent(called)} of the rows lie above 0.5")
    evidence: dict[str, float | int | str] = {
        "share_above_half": called,
        "base_rate": base_rate_validation.value,
        "ratio": ratio,
    }
    shift = math.log(class_weight[1] / class_weight[0]) if weighted and class_weight else 0.0
    if resampled and base_rate_train is not None:
        shift += _log_odds(base_rate_train.value) - _log_odds(base_rate_validation.value)
    reason = " and ".join(part for part in ("class weights" * weighted, "resampling" * resampled) if part)
    least = "at least " if base_rate_validation.low < base_rate_validation.high else ""
    moved = ""
    if math.isfinite(shift) and shift > 0.0:
        evidence["logit_shift"] = shift
        moved = (
            f" By {reason} every log-odds is too high by {number(shift)}: what is called 0.5 is "
            f"{percent(1.0 / (1.0 + math.exp(shift)))} on natural rows."
        )
    return Fired(
        f"{percent(called)} of the validation rows lie above 0.5, where "
        f"{estimated(base_rate_validation, share=True)} are positive: {least}{number(ratio)} times as "
        f"many.{moved} "
        "Precision, F1 and accuracy at 0.5 are those of a threshold that nobody chose.",
        evidence=evidence,
        changes=(Change("decision.threshold", "f1", "safe"),),
        advice="Choose the threshold on validation rows, or subtract the shift from the log-odds.",
    )


def _log_odds(rate: float) -> float:
    return math.log(rate / (1.0 - rate)) if 0.0 < rate < 1.0 else math.nan
