"""DAT610: the network ranks validation rows worse than a coin."""

from __future__ import annotations

from steelyard.diagnosis.measured import last_known
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Confidence, Severity


@rule("DAT610", severity=Severity.ERROR, catalogue="F10", unless=("OPT308", "COL201"))
def ranking_reversed(
    validation_auc_interval: Estimate,
    train_auc: Curve | None,
    *,
    below: float = 0.495,
    learned: float = 0.6,
    sure: float = 1.7,
) -> Outcome:
    """Validation rows are ranked the wrong way round.

    How it is detected
    ------------------
    The whole 95 % interval of the ROC AUC on validation rows lies below ``below``. If the AUC on training
    rows is above ``learned``, or below 0.5 by as much, the message says so. Unless an interval ``sure`` times
    as wide (99.9 %) does so as well, it is a warning, and possible only.

    When it misleads
    ----------------
    One run in forty without any signal gets there by chance; a second split tells. Labels that conflict
    with each other do not show in an AUC and are not looked for. A network that says the same of nearly every
    row has an AUC of 0.5 with hardly any interval, which a few rows can put on either side: hence ``below``.
    One that has learned nothing ranks by its first weights, which may be far from 0.5 on both parts: where
    the AUC on training rows is within ``learned`` of a coin, nothing is said.

    Why it matters
    --------------
    A network that knows nothing is at 0.5. Below it, it knows something with the wrong sign: labels coded
    the other way in one part, the probability of the wrong class, or validation rows from another world.

    What to change
    --------------
    Compare how labels are coded in both parts, and which class the score is for.

    Source
    ------
    Catalogue F10; cleanlab, TheDeepChecker (corrupted labels).
    """
    auc = validation_auc_interval
    if auc.high >= below:
        return Passed(f"the ROC AUC on validation rows may be that of a coin or more (up to {auc.high:.2f})")
    contrast = ""
    last = last_known(train_auc)
    own = None if last is None else last[0]
    if own is not None and 1.0 - learned <= own <= learned:
        return CannotTell(
            f"training rows are not ranked either (ROC AUC {own:.2f}): a network that has learned nothing "
            "keeps the order of its first weights, whichever way that is"
        )
    if own is not None and own > learned:
        contrast = (
            f" On training rows it is {own:.2f}: the same scores, the other way round, so labels of one part "
            "may be flipped."
        )
    elif own is not None:
        contrast = f" On training rows it is {own:.2f} too: the score may be that of the other class."
    chance = auc.value + sure * (auc.high - auc.value) >= below
    doubt = " Of forty runs that learn nothing one comes out so by chance." if chance else ""
    return Fired(
        f"The ROC AUC on validation rows is {auc.value:.3f} (95 %: {auc.low:.2f} to {auc.high:.2f}), below "
        f"the 0.5 of a coin: positives get the lower scores.{contrast}{doubt}",
        evidence={"auc": auc.value, "low": auc.low, "high": auc.high},
        advice="Check that 1 means the same in both parts, and that the score is the probability of 1.",
        settle="Score another split of the rows." if chance else "",
        confidence=Confidence.POSSIBLE if chance else None,
        severity=Severity.WARNING if chance else None,
    )
