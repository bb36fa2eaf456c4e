"""COL201: the network gives every row the same probability."""

from __future__ import annotations

from steelyard.diagnosis.fork import Limits, Way, fork
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import ConfusionCurve, Curve, Estimate
from steelyard.diagnosis.wording import percent
from steelyard.finding import Confidence, Severity
from steelyard.log import Predictions


@rule("COL201", severity=Severity.ERROR, catalogue="B1", unless=("OPT308", "COL205"))
def constant_predictions(
    validation_recall: Curve | None,
    validation_accuracy: Curve | None,
    validation_confusion: ConfusionCurve | None,
    validation_predictions: Predictions | None,
    validation_auc_interval: Estimate | None,
    validation_skill: Curve | None,
    base_rate_validation: Estimate | None,
    rows_validation: int | None,
    *,
    found: float = 0.02,
    flat: float = 0.05,
    useless: float = 0.6,
    level_loss: float = 0.002,
) -> Outcome:
    """The network predicts the same for every row.

    How it is detected
    ------------------
    Hardly any positive is found at 0.5 (recall at most ``found`` in the last epoch), and one of these shows
    that nothing lies behind it. The probabilities are all equal; or those of nine rows in ten are, while the
    interval of the ROC AUC ends below ``useless``; or they spread less than ``flat`` times the labels, while
    the interval reaches down to 0.5. The interval holds 0.5 and ends below ``useless``, or lies below 0.5
    though the loss is still that of the base rate. Or the plain validation loss stays within ``level_loss``
    of the entropy of the base rate, relatively, in the last three epochs.

    When it misleads
    ----------------
    A ranking that is sound but cut at the wrong threshold has the same accuracy, precision, recall and F1
    (COL202): then this rule passes. A loss near the entropy alone is not enough, for at one positive in 21
    rows a ROC AUC of 0.6 lowers it by 1.5% only. Too few positives leave the interval of the AUC wide: then
    it cannot be told.

    Why it matters
    --------------
    The network knows the base rate at best. No threshold, and no weighting of the classes after the fact,
    gets anything out of it.

    What to change
    --------------
    First see whether it can learn 32 rows by heart; if not, it is a bug and no setting. Then the scale of the
    inputs, the learning rate, the activations, the bias of the output. If a logistic regression finds nothing
    either, the inputs hold nothing.

    Source
    ------
    Catalogue B1; TheDeepChecker tests for predictions whose coefficient of variation is below 0.001;
    datascience.stackexchange.com 19283.
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
        case Way.RANKS:
            return Passed(f"positives do rank above negatives, by the {_words(verdict.by)}")
        case Way.BACKWARDS:
            return Passed("positives rank below negatives, which is no constant (labels swapped?)")
        case Way.UNDECIDED:
            return CannotTell(
                "hardly any positive is found at 0.5, which a constant prediction and a sound ranking with "
                "the wrong threshold both do; the ROC AUC on validation rows would tell"
            )
        case Way.CONSTANT:
            pass
    evidence: dict[str, float | int | str] = {"recall_at_most": verdict.recall, "decided_by": verdict.by}
    ranking = ""
    if verdict.auc is not None:
        ranking = f" The ROC AUC lies between {verdict.auc.low:.3f} and {verdict.auc.high:.3f}."
        evidence |= {"auc": verdict.auc.value, "auc_low": verdict.auc.low, "auc_high": verdict.auc.high}
    return Fired(
        f"The network has collapsed to one answer: at 0.5 it finds {percent(verdict.recall)} of the "
        f"positives, and {verdict.why}.{ranking} It has learned at most how many positives there are, not "
        "which.",
        evidence=evidence,
        advice="See whether it can fit 32 rows of both classes; then check input scale, learning rate, "
        "activations and the output bias.",
        confidence=Confidence.CERTAIN if verdict.certain else Confidence.LIKELY,
        settle="" if verdict.certain or verdict.by != "loss" else "Compute the ROC AUC on validation rows.",
    )


def _words(by: str) -> str:
    return {"auc": "ROC AUC", "loss": "validation loss"}.get(by, by)
