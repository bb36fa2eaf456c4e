"""Is it a collapse, or only the threshold 0.5?"""

from __future__ import annotations

from steelyard.diagnosis.answers.answer import Answer, Case, joined, sentence
from steelyard.diagnosis.arithmetic import recall_at_half
from steelyard.diagnosis.fork import SETTLE, Fork, Limits, Way, fork
from steelyard.diagnosis.signals import Estimate
from steelyard.diagnosis.wording import percent

QUESTION = "Is it a collapse, or only the threshold 0.5?"
_CODES = ("COL201", "COL202", "LOG911", "DAT610")


def collapsed(case: Case) -> Answer | None:
    """Only of decisions that find hardly any positive; elsewhere there is nothing to ask."""
    signals = case.signals
    found = fork(
        signals.validation_recall,
        signals.validation_accuracy,
        signals.validation_confusion,
        signals.validation_predictions,
        signals.validation_auc_interval,
        signals.validation_skill,
        signals.base_rate_validation,
        signals.rows_validation,
        Limits(),
    )
    codes = case.of(_CODES)
    finds = f"It finds {percent(found.recall)} of the positives at 0.5."
    match found.way:
        case Way.UNKNOWN | Way.FINDS:
            return None
        case Way.CONSTANT:
            return Answer(QUESTION, joined(f"A collapse: {found.why}.", finds, _no_use(found)), codes)
        case Way.BACKWARDS:
            text = f"Neither: positives get lower probabilities than negatives{_area(found)}."
            return Answer(QUESTION, joined(text, "See whether the classes are swapped.", finds), codes)
        case Way.UNDECIDED:
            text = f"Cannot tell: {finds[0].lower()}{finds[1:]} Either would look like this."
            return Answer(
                QUESTION, joined(text, _expected(0.73, signals.base_rate_validation), SETTLE), codes
            )
        case Way.RANKS:
            return Answer(QUESTION, _ranks(found, finds, signals.base_rate_validation), codes)


def _ranks(found: Fork, finds: str, rate: Estimate | None) -> str:
    why = sentence(found.why) if found.by == "loss" else ""
    if found.alarms:
        return joined(
            f"No collapse, but not the threshold alone either: positives rank above negatives{_area(found)}.",
            why,
            f"Yet the {found.alarms:,} rows that lie above 0.5 hold fewer positives than rows drawn at "
            "random: at its top the ranking is wrong.",
            "The predictions on validation rows would show what these rows share.",
        )
    expected = "" if found.auc is None else _expected(found.auc.value, rate)
    return joined(f"Only the threshold: positives rank above negatives{_area(found)}.", why, finds, expected)


def _area(found: Fork) -> str:
    if found.auc is None:
        return ""
    by = "" if found.by in ("auc", "predictions") else ", if its probabilities are right"
    return f" (ROC AUC {found.auc.value:.3f}, {found.auc.low:.3f} to {found.auc.high:.3f}{by})"


def _no_use(found: Fork) -> str:
    return "" if found.certain else "No threshold gets more out of it than out of rows drawn at random."


def _expected(auc: float, rate: Estimate | None) -> str:
    if rate is None or not 0.0 < rate.value < 0.5 or not auc >= 0.5:
        return ""
    share = recall_at_half(min(auc, 0.9999), rate.value)
    return (
        f"At {percent(rate.value)} positives a network with right probabilities and a ROC AUC of {auc:.2f} "
        f"finds {percent(share)} at 0.5."
    )
