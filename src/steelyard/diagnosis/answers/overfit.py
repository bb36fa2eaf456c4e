"""Is it overfitting?"""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.answers.answer import Answer, Case, joined, sentence
from steelyard.diagnosis.answers.floors import costs, ends, parts_of_gap
from steelyard.diagnosis.arithmetic import trend
from steelyard.diagnosis.arithmetic.rise import rise
from steelyard.diagnosis.keeping import keeps_lowest_loss
from steelyard.diagnosis.measured import finite_part
from steelyard.diagnosis.rules.regularisation.overfitting import overfitting
from steelyard.diagnosis.signals import Curve, Signals
from steelyard.diagnosis.wording import number
from steelyard.finding import Finding, Result, Status

QUESTION = "Is it overfitting?"
_RISES = float(overfitting.thresholds["percent"])
_NOTHING_VALIDATES = (
    "Cannot tell: the log has curves of training rows only, and overfitting shows on others. Set rows aside "
    "at random, with their share of each class, and give them as validation_data=."
)
_VAGUE = 0.2
"""Share of the loss by which a line may be uncertain and still say something."""


def overfits(case: Case) -> Answer | None:
    """What the rule on overfitting says, with the arithmetic that tells a gap from a rise."""
    signals = case.signals
    result = case.results.get(overfitting.code)
    if result is None or (signals.train_loss_logged is None and signals.validation_loss_logged is None):
        return None
    own = (overfitting.code,)
    if signals.validation_loss_logged is None and signals.validation_accuracy is None:
        return Answer(QUESTION, _NOTHING_VALIDATES, own)
    if result.status is Status.FIRED and result.finding is not None:
        return Answer(QUESTION, _yes(result.finding), own)
    if result.status is Status.MASKED:
        return _explained(case)
    curve = None if signals.validation_loss is None else finite_part(signals.validation_loss)
    if result.status is Status.PASSED and curve is not None:
        return Answer(QUESTION, _no(signals, result, curve), (*own, *case.of(("CMP105", "CMP106"))))
    reason = result.reason.removeprefix("cannot tell: ")
    lacking = reason.removeprefix("not known: ")
    start = "Cannot tell:" if lacking == reason else "Cannot tell without"
    return Answer(QUESTION, sentence(f"{start} {lacking}"), own)


def _yes(finding: Finding) -> str:
    start = "It may be" if finding.settle else "Yes"
    return joined(f"{start}. {finding.message}", finding.settle)


def _explained(case: Case) -> Answer | None:
    """By the first of the findings that explain the rise."""
    code = next((code for code in overfitting.unless if case.fired(code) is not None), None)
    finding = None if code is None else case.fired(code)
    if finding is None:
        return None
    start = {
        "REG403": "No, not in the ordinary sense: the loss rises, the ranking does not suffer",
        "OPT312": "No: nothing was learned that could be overfitted",
    }.get(finding.code, "Cannot tell, for another fault comes before it")
    return Answer(QUESTION, f"{start}. {finding.message}", (overfitting.code, finding.code))


def _no(signals: Signals, result: Result, curve: Curve) -> str:
    found = rise(curve.values)
    if found.percent > _RISES:
        keeps = keeps_lowest_loss(signals.stopping)
        start = "Yes, but without harm" if keeps else "No"
        return joined(sentence(f"{start}: {result.reason}"), *_apart(signals))
    lowest = int(curve.epochs[found.at])
    where = f"the lowest point of its running median ({number(found.lowest)}, around epoch {lowest})"
    ends_at = f"{found.percent:.1f}% above" if found.percent >= 0.05 else "at"
    text = f"No, not in the ordinary sense: the validation loss ends {ends_at} {where}"
    if found.wiggle > 0.0005 * found.lowest > 0.0:
        text += (
            f", and from one epoch to the next it moves by {found.wiggle:.2g}, or "
            f"{found.wiggle / found.lowest:.1%}"
        )
    return joined(f"{text}.", _after_the_first(curve), _line(curve), *_apart(signals))


def _after_the_first(curve: Curve) -> str:
    """Does it get worse after the first epoch, as the shape of a curve suggests to many?"""
    if len(curve) < 3 or curve.values[1] >= min(curve.values[0], float(np.median(curve.values[2:]))):
        return ""
    low, high = float(curve.values[1:].min()), float(curve.values[1:].max())
    return (
        f"After epoch {curve.epochs[0]} it falls, from {number(float(curve.values[0]))} to "
        f"{number(float(curve.values[1]))}, and then stays between {number(low)} and {number(high)}."
    )


def _line(curve: Curve) -> str:
    """The trend after the first epoch, where there are epochs enough for one."""
    if len(curve) < 10:
        return ""
    found = trend(curve.values[1:], curve.epochs[1:])
    level = float(np.median(curve.values))
    if found is None or found.change_high - found.change_low > _VAGUE * level:
        return ""
    between = f"{found.change:+.2g} ({found.change_low:+.2g} to {found.change_high:+.2g})"
    verdict = (
        "a fall"
        if found.change_high < 0.0
        else "no clear rise and no clear fall"
        if found.change_low <= 0.0
        else "a small rise"
    )
    return f"A line through epochs {curve.epochs[1]} to {curve.epochs[-1]} changes by {between}: {verdict}."


def _apart(signals: Signals) -> tuple[str, str, str]:
    """Why the curves lie apart without a rise."""
    return costs(signals), ends(signals), parts_of_gap(signals)
