"""Has it learned anything?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import bdtrc

from steelyard.diagnosis.answers.answer import Answer, Case, below, joined, sentence
from steelyard.diagnosis.arithmetic import entropy
from steelyard.diagnosis.measured import finite_part, last_known
from steelyard.diagnosis.signals import Curve, Signals
from steelyard.diagnosis.wording import counted, estimated, percent

QUESTION = "Has it learned anything?"
OF_TRIALS = "Has any trial learned anything?"
_CODES = ("OPT308", "OPT312", "COL201", "OPT305", "DAT609", "DAT610")
_LITTLE = 0.1
"""A skill up to which a network has learned little: that of a ROC AUC of about 0.72 at one positive in 21."""
_ERRORS = 2.0
"""Standard errors that a loss must lie below that of the base rate."""
_NEAR = 0.01
"""A skill that is as good as none, by what an unlucky constant loses."""
_CHANCE = 0.001
"""Probability below which rows above 0.5 count as hit too often for chance."""

_NO_BASE_RATE = (
    "Cannot tell: what predicting the base rate costs is not known, and a loss says nothing without it: at "
    f"one positive in two rows that is {entropy(0.5):.3f}, at one in 21 it is {entropy(1 / 21):.3f} "
    "(--positives N --rows N)."
)


_NO_SHARES = (
    "Cannot tell: the loss is of several classes, and what knowing only their shares costs (the entropy of "
    "these) is not known; a loss says nothing without it."
)


@dataclass(frozen=True)
class _Said:
    """One piece of evidence: does it speak for learning (None: either), and how it reads."""

    learned: bool | None
    text: str


def has_learned(case: Case) -> Answer | None:
    """By the ranking of validation rows, their loss below that of the base rate, or their hits."""
    signals = case.signals
    if signals.trials is not None:
        return _of_trials(case)
    if (broken := case.fired("OPT308") or case.fired("OPT312")) is not None:
        return Answer(QUESTION, f"No, not to its end: {broken.message}", (broken.code,))
    if (unlike := case.fired("LOG903")) is not None:
        return Answer(QUESTION, f"Cannot tell from these validation rows. {unlike.message}", (unlike.code,))
    said = [one for one in (_by_ranking(signals), _by_loss(signals), _by_hits(signals)) if one is not None]
    if not said:
        return _without_base_rate(case)
    verdicts = {one.learned for one in said}
    texts = [sentence(one.text) for one in sorted(said, key=lambda one: one.learned is not True)]
    codes = case.of(_CODES)
    if True in verdicts:
        return Answer(QUESTION, joined(_how_much(signals), *texts), codes)
    if None in verdicts:
        return Answer(QUESTION, joined("Cannot tell.", *texts, _on_training_rows(signals)), codes)
    return Answer(QUESTION, joined("No, nothing that shows.", *texts, _on_training_rows(signals)), codes)


def _without_base_rate(case: Case) -> Answer | None:
    """What can be said where nothing tells what knowing only the base rate would cost."""
    shown = [one for one in map(case.fired, ("LOG913", "COL208", "COL209")) if one is not None]
    if shown:
        return Answer(QUESTION, f"Cannot tell. {shown[0].message}", (shown[0].code,))
    if case.signals.validation_loss_logged is None:
        return None
    several = "categorical" in (case.signals.loss or "")
    return Answer(QUESTION, _NO_SHARES if several else _NO_BASE_RATE)


def _of_trials(case: Case) -> Answer | None:
    result = case.results.get("SRC812")
    if result is None:
        return None
    if (finding := case.told("SRC812")) is not None:
        start = "Cannot tell" if finding.settle else "No"
        return Answer(OF_TRIALS, joined(f"{start}: {finding.message}", finding.settle), ("SRC812",))
    if result.reason.startswith("cannot tell") or "not known" in result.reason:
        return None
    return Answer(OF_TRIALS, sentence(f"Yes: {result.reason}"), ("SRC812",))


def _by_ranking(signals: Signals) -> _Said | None:
    auc = signals.validation_auc_interval
    if auc is None:
        logged = _area(signals)
        if logged is None:
            return None
        return _Said(
            None,
            f"the ROC AUC on validation rows ends at {logged:.3f}, where chance is 0.5, but of "
            "how many positives is not known, so neither is how far chance carries it (--positives N --rows "
            "N)",
        )
    positives = signals.positives_validation
    of = (
        f" with {counted(round(positives.value), 'positive')}"
        if positives is not None and positives.low == positives.high
        else ""
    )
    text = (
        f"the ROC AUC on validation rows is {auc.value:.3f} ({auc.low:.3f} to {auc.high:.3f}{of}), where 0.5 "
        "is chance"
    )
    if auc.low > 0.5:
        return _Said(True, text)
    if auc.high < 0.5:
        return _Said(None, f"{text}: what it has learned there is reversed")
    return _Said(False if auc.high <= 0.55 else None, text)


def _area(signals: Signals) -> float | None:
    """The ROC AUC of the last epoch, as logged."""
    found = last_known(signals.validation_auc)
    return None if found is None else found[0]


def _by_loss(signals: Signals) -> _Said | None:
    skill, floor = signals.validation_skill, signals.validation_floor
    if skill is None or floor is None or not floor.value > 0.0:
        return None
    skill = finite_part(skill)
    if not len(skill):
        return None
    low, high = _lately(skill)
    # Of n rows the loss of a network that knows I nats per row lies below the entropy by I, give or take
    # sqrt(2 I / n): the mean of a log likelihood ratio, whose variance is near twice its mean.
    rows = signals.rows_validation
    least = 2.0 * _ERRORS**2 / rows / floor.value if rows else 0.0
    text = (
        f"predicting the base rate for every validation row costs {estimated(floor)}; in the last epochs the "
        f"loss is {below(low, high)}"
    )
    best = int(np.argmax(skill.values))
    if len(skill) > 1 and skill.low[best] > high + 0.01:
        text += f", at its best, in epoch {skill.epochs[best]}, {below(skill.low[best], skill.high[best])}"
    if low > least:
        return _Said(True, text)
    if high < -max(least, _NEAR):
        return _Said(
            None,
            f"{text}: so it is for a network that knows nothing, and for one that ranks well and whose "
            "probabilities are off, by class weights, resampling or too much confidence"
            + ("; the ROC AUC on validation rows would tell" if _area(signals) is None else ""),
        )
    narrow = high - low < 0.05 and least < 0.02
    return _Said(
        False if narrow else None,
        f"{text}, which is no difference beyond {'noise' if narrow else 'what is known of the loss'}",
    )


def _lately(skill: Curve) -> tuple[float, float]:
    """The least and the most that the skill of the last fifth of the epochs can be."""
    last = slice(-max(1, len(skill) // 5), None)
    return float(np.median(skill.low[last])), float(np.median(skill.high[last]))


def _by_hits(signals: Signals) -> _Said | None:
    """Rows above 0.5 hold more positives than rows drawn at random; that they do not says nothing."""
    counts, rate = signals.validation_confusion, signals.base_rate_validation
    if counts is None or rate is None or not len(counts.epochs):
        return None
    called, hits = int(counts.predicted_positive_high[-1]), int(counts.true_positive_low[-1])
    if called < 1 or float(bdtrc(hits - 1, called, rate.high)) >= _CHANCE:
        return None
    return _Said(
        True,
        f"of the {counted(called, 'validation row')} above 0.5 in the last epoch {percent(hits / called)} or "
        f"more are positive, of all {estimated(rate, share=True)}",
    )


def _how_much(signals: Signals) -> str:
    skill = None if signals.validation_skill is None else finite_part(signals.validation_skill)
    if skill is None or not len(skill):
        return "Yes."
    low, high = _lately(skill)
    return "Yes, but little." if low > 0.0 and high < _LITTLE else "Yes."


def _on_training_rows(signals: Signals) -> str:
    skill = None if signals.train_skill is None else finite_part(signals.train_skill)
    if skill is None or not len(skill):
        return ""
    low, high = _lately(skill)
    if low <= _LITTLE:
        return ""
    return f"On training rows it has: there the loss of the base rate is undercut by {percent(low)}" + (
        f" to {percent(high)}." if high - low > 5e-4 else "."
    )
