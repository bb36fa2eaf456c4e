"""SRC811: most trials share one score, so it cannot rank them."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.arithmetic import share_error
from steelyard.diagnosis.arithmetic.trial_tables import scores_of
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Estimate
from steelyard.diagnosis.wording import percent
from steelyard.finding import Confidence, Severity
from steelyard.log import TrialTable

_DECIMALS = 9


@rule("SRC811", severity=Severity.ERROR, confidence=Confidence.CERTAIN, catalogue="H2")
def metric_cannot_rank(
    trials: TrialTable,
    base_rate_validation: Estimate | None,
    rows_validation: int | None,
    *,
    fewest: int = 4,
    share: float = 0.5,
) -> Outcome:
    """Most trials have the very same score.

    How it is detected
    ------------------
    Half (``share``) or more of at least ``fewest`` trials agree to nine decimals in the metric that ranks
    them, or in accuracy where it is not known which one does. Where the base rate is known, it is said
    whether that score is the one of predicting the commoner class for every row.

    When it misleads
    ----------------
    With a few dozen validation rows, accuracies of different networks agree by chance; still they do not
    rank. If another metric chose the winner, or all of these trials get every row right, it is only a smell.

    Why it matters
    --------------
    Trials with one accuracy mostly make the same decisions: all negative. The winner is then the first of its
    kind in the table, or one that got a handful of rows right by luck.

    What to change
    --------------
    Rank by something that looks at probabilities: average precision, ROC AUC or the plain log loss.

    Source
    ------
    Catalogue H2; a published notebook, in whose grid six of ten trials agree to the last row.
    """
    ranked = trials.ranked_by
    name = ranked if ranked in trials.metrics else None
    ties = None if name is None else _ties(trials, name, fewest, share)
    if ties is None and "validation_accuracy" in trials.metrics:
        name = "validation_accuracy"
        ties = _ties(trials, name, fewest, share)
    if name is None:
        return CannotTell("neither the metric that ranks the trials nor their accuracy is known")
    words = name.replace("_", " ").replace("auc", "ROC AUC")
    if ties is None:
        return Passed(f"fewer than half of the trials share the same {words}, or there are too few of them")
    value, tied, measured = ties
    rows = majority = ""
    evidence: dict[str, float | int | str] = {"tied": tied, "trials": measured, "value": value}
    if name == "validation_accuracy":
        majority = _of_majority(value, base_rate_validation, rows_validation)
        if rows_validation:
            right = round(value * rows_validation)
            rows = f": {right:,} of {rows_validation:,} rows right"
            evidence["rows_right"] = right
    return Fired(
        f"{tied} of {measured} trials have the very same {words}, {value:.6g}{rows}.{majority} "
        f"{words[0].upper()}{words[1:]} cannot rank them.",
        evidence=evidence,
        advice="Rank by average precision, ROC AUC or the plain log loss, which look at probabilities.",
        severity=None if ranked in (None, name) and value < 1.0 else Severity.SMELL,
    )


def _ties(trials: TrialTable, name: str, fewest: int, share: float) -> tuple[float, int, int] | None:
    """The commonest value, how many trials have it, and how many have any."""
    scores = scores_of(trials, name)
    scores = scores[np.isfinite(scores)]
    if len(scores) < fewest:
        return None
    values, counts = np.unique(np.round(scores, _DECIMALS), return_counts=True)
    most = int(np.argmax(counts))
    return (
        (float(values[most]), int(counts[most]), len(scores)) if counts[most] >= share * len(scores) else None
    )


def _of_majority(value: float, rate: Estimate | None, rows: int | None) -> str:
    if rate is None or value >= 1.0:
        return ""
    commoner = (max(rate.low, 1.0 - rate.high), max(rate.high, 1.0 - rate.low))
    low, high = min(commoner), max(commoner)
    exact = rate.low == rate.high
    slack = (0.5 / rows if rows else 1e-6) if exact or not rows else 3.0 * share_error(rate.value, rows)
    if not low - slack <= value <= high + slack:
        return ""
    which = "negative" if rate.value < 0.5 else "positive"
    return (
        f" That is what a network scores that calls every row {which}, with {percent(1.0 - value)} of the "
        "rows in the rarer class."
    )
