"""DAT609: neither the network nor a plain model finds anything."""

from __future__ import annotations

import math

from scipy.special import ndtri

from steelyard.diagnosis.arithmetic import auc_error
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Estimate
from steelyard.finding import Confidence, Severity


@rule("DAT609", severity=Severity.WARNING, confidence=Confidence.POSSIBLE, catalogue="F9")
def nothing_to_learn(
    validation_auc_interval: Estimate,
    logistic_auc: float,
    positives_validation: Estimate,
    rows_validation: int,
    *,
    worth_finding: float = 0.6,
) -> Outcome:
    """Neither the network nor a plain model ranks better than chance.

    How it is detected
    ------------------
    The 95 % intervals of the ROC AUC of the network and of a logistic regression on the same rows both
    contain 0.5, and both end below ``worth_finding``: enough positives to have seen an AUC of that size.

    When it misleads
    ----------------
    A pattern that only trees or interactions show is missed by both, so it is "possible" only. With few
    positives nothing is said: not having seen it does not mean that it is not there.

    Why it matters
    --------------
    Layers, learning rates and class weights cannot find what the columns do not hold. Weeks go into that.

    What to change
    --------------
    Look for other columns, or check how inputs and labels were joined. Stop tuning.

    Source
    ------
    Catalogue F9; Karpathy's input-independent baseline.
    """
    negatives = rows_validation - positives_validation.value
    z = float(-ndtri(0.025))
    error = auc_error(logistic_auc, positives_validation.low, negatives)
    if math.isnan(error):
        return CannotTell("validation rows hold one class only")
    low, high = logistic_auc - z * error, logistic_auc + z * error
    network = validation_auc_interval
    if low > 0.5:
        return Passed(f"a logistic regression ranks better than chance (ROC AUC {logistic_auc:.3f})")
    if network.low > 0.5:
        return Passed(f"the network ranks better than chance (ROC AUC {network.value:.3f})")
    if high < 0.5 or network.high < 0.5:
        whose = "a logistic regression" if high < 0.5 else "the network"
        return Passed(f"{whose} ranks the wrong way round, which takes something to be learned")
    if max(high, network.high) >= worth_finding:
        return CannotTell(
            f"{positives_validation.value:.0f} positives: ROC AUCs of up to {max(high, network.high):.2f} "
            "are possible, and of 0.5 as well"
        )
    return Fired(
        f"The network's ROC AUC on validation rows is {network.value:.3f} (95 %: {network.low:.2f} to "
        f"{network.high:.2f}), that of a logistic regression {logistic_auc:.3f} ({low:.2f} to {high:.2f}). "
        "Both are what guessing gives: there may be nothing to learn in these columns.",
        evidence={"network_auc": network.value, "logistic_auc": logistic_auc, "highest_possible": high},
        advice="Look for other columns, or check how inputs and labels were joined, before tuning anything.",
        settle="Gradient-boosted trees, cross-validated: if these find nothing either, there is nothing.",
    )
