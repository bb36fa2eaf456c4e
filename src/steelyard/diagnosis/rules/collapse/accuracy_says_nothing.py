"""COL206: at this base rate the accuracy cannot tell a good network from a useless one."""

from __future__ import annotations

import math
import re

from steelyard.diagnosis.arithmetic.rates import share_of_commoner
from steelyard.diagnosis.measured import finite_part
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import estimated, percent
from steelyard.finding import Severity
from steelyard.log import Stopping, TrialTable
from steelyard.recipe import Change


@rule("COL206", severity=Severity.WARNING, catalogue="B6", unless=("SRC811",))
def accuracy_says_nothing(
    base_rate_validation: Estimate,
    stopping: Stopping | None,
    trials: TrialTable | None,
    validation_accuracy: Curve | None,
    rows_validation: int | None,
    framework: str | None,
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
    a run that only logs it passes, and one in which it chose the epoch has a smell. Steelyard logs it
    unasked, so there it passes unless it chose something.

    Why it matters
    --------------
    Always predicting the commoner class has the accuracy of its share. A network that ranks well often has
    hardly more, because a rare row seldom gets above 0.5; then accuracy picks epochs and settings by
    accident.

    What to change
    --------------
    Watch the validation loss, average precision or ROC AUC.

    Source
    ------
    Catalogue B6; TensorFlow's tutorial on imbalanced data: "Accuracy is not a helpful metric for this task".
    UMLAUT warns of any validation accuracy above 0.95, which at one positive in 21 rows is every network's.
    """
    share = share_of_commoner(base_rate_validation)
    if share.low <= majority:
        return Passed(f"the commoner class has {estimated(share, share=True)} of the validation rows")
    watcher = _watcher(stopping, trials)
    evidence: dict[str, float | int | str] = {"majority_share": share.value}
    fact = (
        f"Always predicting the commoner class is right on {estimated(share, share=True)} of the "
        "validation rows"
    )
    advice = "Watch the validation loss, average precision or ROC AUC instead."
    known = None if validation_accuracy is None else finite_part(validation_accuracy)
    rows = rows_validation or 0
    error = math.sqrt(share.low * (1.0 - share.low) / rows) if rows else 0.0
    best = float(known.values.max()) if known is not None and len(known) else math.nan
    clear = best > share.high + errors * error
    if math.isfinite(best):
        evidence |= {"best_accuracy": best, "standard_error": error}
    if watcher:
        evidence["chosen_by"] = watcher
        effect = (
            f"It reaches {percent(best)}, so it does say something, but it sees only which side of 0.5 a row "
            "is on."
            if clear
            else "A network that ranks well often has hardly more, so the choice is left to a few rows near "
            "the threshold."
        )
        return Fired(
            f"{fact}, and accuracy is what {watcher} goes by. {effect}",
            evidence=evidence,
            changes=(Change("training.monitor", "validation_loss", "safe"),)
            if watcher == "early stopping"
            else (),
            advice=advice,
            severity=Severity.SMELL if clear else None,
        )
    if framework == "steelyard":
        return Passed("accuracy is logged beside other metrics, and chose nothing")
    if known is None or not len(known):
        return CannotTell("it is not known whether accuracy chose anything, and none was logged")
    if clear:
        return Passed(
            f"the accuracy reaches {percent(best)}, above the {percent(share.high)} of the majority"
        )
    lowest, highest = percent(float(known.values.min())), percent(best)
    own = highest if lowest == highest else f"{lowest} to {highest}"
    return Fired(
        f"{fact}; the network is right on {own}. At this base rate accuracy cannot tell a good network from "
        "a useless one.",
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
    *before, name = re.split(r"[\W_]+", metric.lower())
    return name in ("acc", "accuracy") and "balanced" not in before
