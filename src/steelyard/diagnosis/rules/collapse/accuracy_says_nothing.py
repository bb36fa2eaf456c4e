"""COL206: at this base rate the accuracy cannot tell a good network from a useless one."""

from __future__ import annotations

import math

import numpy as np

from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import estimated, percent
from steelyard.finding import Severity
from steelyard.log import Stopping, TrialTable
from steelyard.recipe import Change


@rule("COL206", severity=Severity.WARNING, catalogue="B6")
def accuracy_says_nothing(
    base_rate_validation: Estimate,
    stopping: Stopping | None,
    trials: TrialTable | None,
    validation_accuracy: Curve | None,
    rows_validation: int | None,
    *,
    majority: float = 0.8,
    errors: float = 2.0,
) -> Outcome:
    """Accuracy says nothing at this base rate.

    How it is detected
    ------------------
    More than ``majority`` of the validation rows are of one class, and accuracy chose something: it is what
    early stopping, a checkpoint or the ranking of trials watches. Where it chose nothing, as far as is known,
    the finding is a smell: the logged accuracy never exceeds that of always predicting the commoner class by
    more than ``errors`` standard errors.

    When it misleads
    ----------------
    Where one class is so easy that the accuracy clearly exceeds the majority's share, it does say something:
    a run that only logs it passes.

    Why it matters
    --------------
    Always predicting the commoner class has the accuracy of its share. A network that ranks well has hardly
    more, because a rare row seldom gets above 0.5; so the accuracy picks epochs and settings by accident.

    What to change
    --------------
    Watch the validation loss, average precision or ROC AUC.

    Source
    ------
    Catalogue B6; TensorFlow's tutorial on imbalanced data: "Accuracy is not a helpful metric for this task".
    UMLAUT warns of any validation accuracy above 0.95, which at this base rate is every network's.
    """
    shares = (
        max(base_rate_validation.low, 1.0 - base_rate_validation.low),
        max(base_rate_validation.high, 1.0 - base_rate_validation.high),
    )
    share = Estimate(
        max(base_rate_validation.value, 1.0 - base_rate_validation.value), min(shares), max(shares)
    )
    if share.low <= majority:
        return Passed(f"the commoner class has {estimated(share, share=True)} of the validation rows")
    watcher = _watcher(stopping, trials)
    evidence: dict[str, float | int | str] = {"majority_share": share.value}
    fact = (
        f"Always predicting the commoner class is right on {estimated(share, share=True)} of the "
        "validation rows"
    )
    advice = "Watch the validation loss, average precision or ROC AUC instead."
    if watcher:
        evidence["chosen_by"] = watcher
        return Fired(
            f"{fact}, and accuracy is what {watcher} goes by. A network that ranks well has hardly more, so "
            "the choice is left to a few rows near the threshold.",
            evidence=evidence,
            changes=(Change("training.monitor", "validation_loss", "safe"),)
            if watcher == "early stopping"
            else (),
            advice=advice,
        )
    if validation_accuracy is None or not len(validation_accuracy):
        return CannotTell("it is not known whether accuracy chose anything, and none was logged")
    best = float(np.nanmax(validation_accuracy.values))
    rows = rows_validation or 0
    error = math.sqrt(share.low * (1.0 - share.low) / rows) if rows else 0.0
    evidence |= {"best_accuracy": best, "standard_error": error}
    if best > share.high + errors * error:
        return Passed(
            f"the accuracy reaches {percent(best)}, above the {percent(share.high)} of the majority"
        )
    return Fired(
        f"{fact}; that of the network is {percent(float(np.nanmin(validation_accuracy.values)))} to "
        f"{percent(best)}. At this base rate accuracy cannot tell a good network from a useless one.",
        evidence=evidence,
        advice=advice,
        severity=Severity.SMELL,
    )


def _watcher(stopping: Stopping | None, trials: TrialTable | None) -> str:
    """What goes by accuracy, in words."""
    if stopping is not None and _is_accuracy(stopping.monitor):
        return "early stopping"
    if trials is not None and trials.ranked_by is not None and _is_accuracy(trials.ranked_by):
        return "the ranking of the trials"
    return ""


def _is_accuracy(metric: str) -> bool:
    name = metric.lower().removeprefix("val_").removeprefix("validation_")
    return name == "acc" or (name.endswith("accuracy") and not name.startswith("balanced"))
