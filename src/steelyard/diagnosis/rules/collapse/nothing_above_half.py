"""COL202: hardly any positive gets more than 0.5, though the ranking is sound or may be."""

from __future__ import annotations

import math

from steelyard.diagnosis.arithmetic.binormal import recall_at_half
from steelyard.diagnosis.fork import SETTLE, Fork, Limits, Way, fork
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import ConfusionCurve, Curve, Estimate
from steelyard.diagnosis.wording import percent
from steelyard.finding import Confidence, Severity
from steelyard.log import Predictions
from steelyard.recipe import Change


@rule("COL202", severity=Severity.WARNING, catalogue="B2", unless=("OPT308", "COL201", "COL205"))
def nothing_above_half(
    validation_recall: Curve | None,
    validation_accuracy: Curve | None,
    validation_confusion: ConfusionCurve | None,
    validation_predictions: Predictions | None,
    validation_auc_interval: Estimate | None,
    validation_skill: Curve | None,
    base_rate_validation: Estimate | None,
    rows_validation: int | None,
    framework: str | None,
    *,
    found: float = 0.02,
    flat: float = 0.05,
    useless: float = 0.6,
    level_loss: float = 0.002,
) -> Outcome:
    """Hardly any positive is given a probability above 0.5.

    How it is detected
    ------------------
    The recall at 0.5 is at most ``found`` in the last epoch. What lies behind it is decided as in COL201,
    with the same limits (``flat``, ``useless`` and ``level_loss``): by the interval of the ROC AUC if it is
    known, or by a plain validation loss below the entropy of the base rate, which no constant prediction can
    have. From the loss follows a ROC AUC too: that of a calibrated network with as much loss. If neither
    decides, the finding says what would.

    When it misleads
    ----------------
    Not as to the fact. If rows do lie above 0.5 and hold fewer positives than chance, the ranking is wrong at
    its top: the finding says so and blames no threshold. That the ranking is sound is said only if the
    interval of the AUC lies above 0.5, or the loss lies below the entropy by more than its own noise. A
    calibrated network *should* behave like this where positives are rare: nothing is wrong with it.
    Steelyard's own runs choose their threshold and pass.

    Why it matters
    --------------
    Precision, recall and F1 of 0 look like a network that learned nothing, and people retrain it, add weights
    or SMOTE. If the ranking is sound, the threshold alone is wrong: at one positive in 21 rows a calibrated
    network with a ROC AUC of 0.73 finds 0.12% of the positives at 0.5; to find half of them takes 0.96.

    What to change
    --------------
    If it ranks: choose the threshold on validation rows, and report average precision; do not retrain. If it
    does not: see COL201.

    Source
    ------
    Catalogue B2 (measured: F1 of 0.036 at 0.5 and 0.254 at a tuned threshold, same network);
    scikit-learn, TunedThresholdClassifierCV.
    """
    limits = Limits(found=found, flat=flat, useless=useless, level_loss=level_loss)
    verdict = fork(
        validation_recall,
        validation_accuracy,
        validation_confusion,
        validation_predictions,
        validation_auc_interval,
        validation_skill,
        base_rate_validation,
        rows_validation,
        limits,
    )
    match verdict.way:
        case Way.UNKNOWN:
            return CannotTell("the log does not say how many positives are found (metrics=[Recall()])")
        case Way.FINDS:
            return Passed(f"{percent(verdict.recall)} of the positives are found at 0.5")
        case Way.CONSTANT:
            return Passed(f"no threshold is to blame: {verdict.why}")
        case Way.BACKWARDS:
            return Passed("no threshold is to blame: positives rank below negatives (labels swapped?)")
        case Way.RANKS | Way.UNDECIDED:
            pass
    if framework == "steelyard" and verdict.way is Way.RANKS:
        return Passed("the ranking is sound, and the threshold is not 0.5 but chosen on validation rows")
    if verdict.way is Way.RANKS and verdict.auc is not None:
        return _ranks(verdict, verdict.auc, base_rate_validation)
    return _undecided(verdict, base_rate_validation)


def _ranks(verdict: Fork, auc: Estimate, base_rate: Estimate | None) -> Fired:
    evidence: dict[str, float | int | str] = {
        "recall_at_most": verdict.recall,
        "auc": auc.value,
        "auc_low": auc.low,
        "auc_high": auc.high,
        "decided_by": verdict.by,
    }
    interval = f"{auc.value:.3f}, {auc.low:.3f} to {auc.high:.3f}"
    sound = (
        f"the ranking is sound (ROC AUC {interval})"
        if verdict.by == "auc"
        else f"{verdict.why}, as of a calibrated network with a ROC AUC of {interval}"
    )
    if verdict.alarms:
        evidence["rows_above_half"] = verdict.alarms
        return Fired(
            f"At 0.5 the network finds {percent(verdict.recall)} of the positives. It is no constant, for "
            f"{sound}; but the {verdict.alarms:,} rows that it does put above 0.5 hold fewer positives than "
            "rows drawn at random, so a lower threshold alone does not mend it.",
            evidence=evidence,
            advice="Look at the rows with the highest probabilities: what is it that they share?",
            confidence=Confidence.LIKELY if verdict.by == "auc" else Confidence.POSSIBLE,
            settle="Save the predictions on validation rows; compute ROC AUC and precision from them.",
        )
    expected = ""
    if base_rate is not None and 0.0 < base_rate.value < 0.5:
        share = recall_at_half(min(auc.value, 0.9999), base_rate.value)
        evidence["recall_expected_at_half"] = share
        expected = (
            f" With {percent(base_rate.value)} positives, a perfectly calibrated network of that AUC finds "
            f"{percent(share)} at 0.5."
        )
    return Fired(
        f"At 0.5 the network finds {percent(verdict.recall)} of the positives, but {sound}. The threshold "
        f"is wrong, not the network.{expected}",
        evidence=evidence,
        changes=(Change("decision.threshold", "f1", "safe"),),
        advice="Choose the threshold on validation rows for what you need, and report average precision.",
        confidence=Confidence.CERTAIN if verdict.certain and verdict.by == "auc" else Confidence.LIKELY,
        settle="" if verdict.by == "auc" else "Compute the ROC AUC on validation rows.",
    )


def _undecided(verdict: Fork, base_rate: Estimate | None) -> Fired:
    evidence: dict[str, float | int | str] = {"recall_at_most": verdict.recall}
    expected = ""
    if base_rate is not None and 0.0 < base_rate.value < 0.5:
        share = recall_at_half(0.73, base_rate.value)
        evidence["recall_expected_of_auc_0.73"] = share
        expected = (
            f" At {percent(base_rate.value)} positives even a sound network with a ROC AUC of 0.73 finds "
            f"only {percent(share)}."
        )
    settle = SETTLE
    if verdict.auc is not None and not math.isnan(verdict.auc.low):
        evidence |= {"auc_low": verdict.auc.low, "auc_high": verdict.auc.high}
        expected += (
            f" The ROC AUC lies between {verdict.auc.low:.3f} and {verdict.auc.high:.3f}: too wide to tell."
        )
        settle = "More positives among the validation rows, or cross-validation."
    return Fired(
        f"At 0.5 the network finds {percent(verdict.recall)} of the positives. A network that gives all "
        "rows the same probability looks like this, and so does one that ranks well with a threshold too "
        f"high.{expected}",
        evidence=evidence,
        advice="Find out which of the two it is before changing anything: look at the ranking.",
        confidence=Confidence.POSSIBLE,
        settle=settle,
    )
