"""SRC812: no trial of a search has a loss below that of guessing the base rate."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.arithmetic.trial_tables import scores_of
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Estimate
from steelyard.diagnosis.wording import estimated, number, percent
from steelyard.finding import Confidence, Severity
from steelyard.log import TrialTable


@rule("SRC812", severity=Severity.ERROR, catalogue="B1")
def no_trial_beats_guessing(
    trials: TrialTable,
    validation_floor: Estimate,
    base_rate_validation: Estimate | None,
    penalized: bool | None,
    *,
    fewest: int = 2,
) -> Outcome:
    """No trial has a validation loss below that of guessing.

    How it is detected
    ------------------
    Predicting the base rate for every row has a log loss equal to its entropy. Every validation loss in the
    table (``fewest`` or more of them) is above it, also at the most favourable end of what is known of the
    base rate.

    When it misleads
    ----------------
    A penalty on weights is part of the loss that Keras reports: then the plain loss may be below, and the
    finding is "possible". Trials that were weighted or resampled have a higher loss on natural rows on
    purpose (IMB704).

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
    losses = scores_of(trials, "validation_loss")
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
    if penalized:
        inside = (
            " The penalty on weights is part of these losses, so how far each is from guessing is not known."
        )
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
        advice="Log a plain BinaryCrossentropy metric beside the loss, and train until a trial is below it.",
        severity=Severity.WARNING if penalized else None,
        confidence=Confidence.LIKELY if penalized is False else Confidence.POSSIBLE,
        settle="" if penalized is False else "The loss without the penalty: add a BinaryCrossentropy metric.",
    )
