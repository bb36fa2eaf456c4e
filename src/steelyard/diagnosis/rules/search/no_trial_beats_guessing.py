"""SRC812: no trial of a search has a loss below that of guessing the base rate."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.arithmetic.trial_tables import losses_differ, scores_of
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Estimate
from steelyard.diagnosis.wording import estimated, number, percent
from steelyard.finding import Confidence, Severity
from steelyard.log import TrialTable

_CROSS_ENTROPIES = ("crossentropy", "cross_entropy", "bce", "log_loss", "logloss", "logistic")
_REMEDIES = ("class_weight", "resampling", "sampler", "smote", "sampling")
_NONE = ("none", "null", "false", "0", "", "off", "no", "(1.0, 1.0)")


@rule("SRC812", severity=Severity.ERROR, catalogue="B1")
def no_trial_beats_guessing(
    trials: TrialTable,
    validation_floor: Estimate,
    base_rate_validation: Estimate | None,
    penalized: bool | None,
    loss: str | None,
    framework: str | None,
    class_weight: tuple[float, float] | None,
    resampling: str | None,
    *,
    fewest: int = 2,
) -> Outcome:
    """No trial has a validation loss below that of guessing.

    How it is detected
    ------------------
    Predicting the base rate for every row has a log loss equal to its entropy. Every validation loss in the
    table (``fewest`` or more of them) is above it, also at the most favourable end of what is known of the
    base rate. A column of the log loss counts before that of the loss, which can have a penalty in it; a loss
    that is no cross-entropy is not judged.

    When it misleads
    ----------------
    A penalty on weights is part of the loss that Keras reports, and trials that were weighted or resampled
    have a higher loss on natural rows on purpose (IMB704): then the finding is "possible" and a warning.

    Why it matters
    --------------
    As far as the losses tell, no trial has learned anything, and the search ranks degrees of that.

    What to change
    --------------
    Log the plain loss beside the one with penalty; train longer, with a higher learning rate or a smaller
    penalty, until one trial is below.

    Source
    ------
    Catalogue A1 and B1; a published notebook, in whose grid no loss is below 0.28.
    """
    measured = np.isfinite(scores_of(trials, "validation_log_loss")).any()
    plain = bool(measured) or framework == "steelyard"
    if not plain and (losses_differ(trials) or not _is_cross_entropy(loss)):
        return CannotTell("the loss is not the cross-entropy in every trial, and no column holds that")
    losses = scores_of(trials, "validation_log_loss" if measured else "validation_loss")
    losses = losses[np.isfinite(losses)]
    if len(losses) < fewest:
        return CannotTell("the validation losses of the trials are not known")
    least = float(losses.min())
    if least < validation_floor.low:
        below = int((losses < validation_floor.low).sum())
        return Passed(f"{below} of {len(losses)} trials are below {number(validation_floor.low)}")
    if least <= validation_floor.high:
        return CannotTell(f"the least loss, {number(least)}, may or may not be below that of guessing")
    rate = f" at {percent(base_rate_validation.value)} positives" if base_rate_validation is not None else ""
    inside = ""
    if penalized and not plain:
        inside = (
            " The penalty on weights is part of these losses, so how far each is from guessing is not known."
        )
    weighted = _weighted(trials, class_weight, resampling)
    if weighted:
        inside += (
            " Class weights and resampling raise the loss on natural rows, also of a network that ranks well."
        )
    sure = (plain or penalized is False) and not weighted
    return Fired(
        f"None of {len(losses)} trials has a validation loss below {estimated(validation_floor)}, the loss "
        f"of predicting the base rate for every row{rate}: they go from {number(least)} to "
        f"{number(float(losses.max()))}.{inside}",
        evidence={
            "floor": validation_floor.value,
            "least_loss": least,
            "most_loss": float(losses.max()),
            "trials": len(losses),
        },
        advice="Train until a trial is below it."
        if plain
        else "Log a plain BinaryCrossentropy metric beside the loss, and train until a trial is below it.",
        severity=Severity.WARNING if inside else None,
        confidence=Confidence.LIKELY if sure else Confidence.POSSIBLE,
        settle=""
        if sure
        else "The ROC AUC of the trials: above 0.5 they have learned something all the same."
        if plain or weighted
        else "The loss without the penalty: add a BinaryCrossentropy metric.",
    )


def _is_cross_entropy(loss: str | None) -> bool:
    return loss is None or (any(part in loss for part in _CROSS_ENTROPIES) and "focal" not in loss)


def _weighted(trials: TrialTable, weights: tuple[float, float] | None, resampling: str | None) -> bool:
    """Was any trial trained with weights or resampled rows, as far as is known?"""
    tried = any(
        name.lower().rpartition(".")[2].startswith(_REMEDIES)
        and any(str(value).lower() not in _NONE for value in values)
        for name, values in trials.parameters.items()
    )
    given = weights is not None and weights[0] != weights[1]
    return tried or given or resampling not in (None, "none")
