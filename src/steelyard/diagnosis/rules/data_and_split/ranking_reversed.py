"""DAT610: the network ranks validation rows worse than a coin."""

from __future__ import annotations

from steelyard.diagnosis.rule import Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Severity


@rule("DAT610", severity=Severity.ERROR, catalogue="F10")
def ranking_reversed(
    validation_auc_interval: Estimate, train_auc: Curve | None, *, learned: float = 0.6
) -> Outcome:
    """Validation rows are ranked the wrong way round.

    How it is detected
    ------------------
    The whole 95 % interval of the ROC AUC on validation rows lies below 0.5. If that on training rows is
    above ``learned``, the message says so.

    When it misleads
    ----------------
    One run in forty without any signal gets there by chance; a second split tells. Labels that conflict
    with each other do not show in an AUC and are not looked for.

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
    if auc.high >= 0.5:
        return Passed(f"the ROC AUC on validation rows may be 0.5 or more (up to {auc.high:.2f})")
    contrast = ""
    if train_auc is not None and len(train_auc) and train_auc.values[-1] > learned:
        contrast = (
            f" On training rows it is {train_auc.values[-1]:.2f}: the same scores, the other way round, "
            "so labels of one part may be flipped."
        )
    return Fired(
        f"The ROC AUC on validation rows is {auc.value:.3f} (95 %: {auc.low:.2f} to {auc.high:.2f}), below "
        f"the 0.5 of a coin: positives get the lower scores.{contrast}",
        evidence={"auc": auc.value, "low": auc.low, "high": auc.high},
        advice="Check that 1 means the same in both parts, and that the score is the probability of 1.",
    )
