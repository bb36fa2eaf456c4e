"""SRC803: validation holds too few positives to tell the best trials apart."""

from __future__ import annotations

import math

import numpy as np

from steelyard.diagnosis.arithmetic.averaged_trials import over_seeds
from steelyard.diagnosis.arithmetic.trial_tables import own_error, ranking, score_error
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Estimate
from steelyard.diagnosis.wording import number
from steelyard.finding import Severity
from steelyard.log import TrialTable

_OF_POSITIVES = ("validation_auc", "validation_average_precision", "validation_recall")


@rule("SRC803", severity=Severity.WARNING, catalogue="H3", unless=("SRC802",))
def too_few_positives_to_rank(
    trials: TrialTable,
    positives_validation: Estimate,
    rows_validation: int,
    *,
    correlation: float = 0.9,
    errors: float = 2.0,
    share: float = 0.6,
) -> Outcome:
    """Most trials cannot be told from the best with so few positives.

    How it is detected
    ------------------
    For trials ranked by ROC AUC, average precision or recall, the standard error of a difference of two
    scores on the same rows, SE sqrt(2 (1 - ``correlation``)), is worked out from the numbers of positives and
    negatives. At least ``share`` of the trials lie within ``errors`` of it behind the best. (Good networks
    correlate more than any two of a search: in generated searches those near the best did by 0.93 to 0.99.)

    When it misleads
    ----------------
    The formula takes rows to be independent; with several rows per person it is too narrow. Predictions of
    each trial would allow a paired test, which can be much finer.

    Why it matters
    --------------
    However many trials there are, the score of each is known no better than its positives allow.

    What to change
    --------------
    Cross-validation, so that every positive judges; more trials do not help.

    Source
    ------
    Catalogue H3; Hanley and McNeil (1982, 1983).
    """
    trials, _ = over_seeds(trials, None)
    found = ranking(trials)
    if found is None or len(found.measured) < 2:
        return CannotTell("fewer than two trials have a score that ranks them")
    if found.metric not in _OF_POSITIVES:
        return Passed(f"trials are ranked by {found.words}, which does not hang on the positives alone")
    best = float(found.values[found.best])
    # The most positives there may be: then the noise is least.
    noise = math.sqrt(2.0) * own_error(
        score_error(found.metric, best, rows_validation, positives_validation.high), correlation
    )
    if math.isnan(noise):
        return CannotTell("validation rows hold one class only, or the best score is none from 0 to 1")
    behind = np.array([found.lead(float(value)) for value in found.measured])
    tied = int((behind <= errors * noise).sum())
    if tied < 2 or tied < share * len(behind):
        return Passed(
            f"{tied} of {len(behind)} trials lie within noise of the best (± {number(errors * noise)})"
        )
    return Fired(
        f"The validation rows hold {positives_validation.value:,.0f} positives, so a difference in "
        f"{found.words} below {number(errors * noise)} is noise. {tied} of {len(behind)} trials lie that "
        f"close to the best ({number(best)}), the best itself included.",
        evidence={
            "positives": positives_validation.value,
            "noise": errors * noise,
            "tied": tied,
            "trials": len(behind),
        },
        advice="Compare by cross-validation on the same folds, and pair by pair.",
    )
