"""LOG904: most of the logged loss is the penalty on the weights."""

from __future__ import annotations

import math

from steelyard.diagnosis.measured import was_logged_plain
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import estimated, number
from steelyard.finding import Confidence, Severity


@rule(
    "LOG904",
    severity=Severity.WARNING,
    confidence=Confidence.CERTAIN,
    catalogue="forensics",
    unless=("OPT308",),
)
def penalty_exceeds_data_loss(
    penalized: bool,
    train_loss_logged: Curve,
    penalty: Curve | None,
    initial_penalty: Estimate | None,
    train_loss: Curve | None,
    class_weight: tuple[float, float] | None,
    base_rate_train: Estimate | None,
) -> Outcome:
    """The penalty on the weights is larger than the loss on the data.

    How it is detected
    ------------------
    The penalty of the last epoch, where it was logged or can be bounded, is more than half of the training
    loss as logged. Otherwise the loss itself gives it away: an untrained network errs by about ln 2 = 0.693
    per row, times the mean class weight, so a loss above twice that, in a network whose untrained penalty
    exceeds it, is mostly penalty.

    When it misleads
    ----------------
    A loss above 1.39 may also be a network that is confidently wrong: hence the condition on the untrained
    penalty, and less confidence. A loss that is known to be without penalty passes, and so does a log that
    has the plain loss beside it. A large penalty is no fault by itself if the network learns (REG404 judges
    that).

    Why it matters
    --------------
    The curve then shows weights shrinking, not a network learning; comparing two such runs compares how fast
    their penalties fall.

    What to change
    --------------
    Log the plain loss beside it. If the plain loss stays at the base rate, lower the penalty: 0.0001 rather
    than 0.01.

    Source
    ------
    Catalogue A1 and D4; TheDeepChecker compares the gradients of penalty and data.
    """
    if not penalized:
        return Passed("the network has no penalty on its weights")
    if train_loss_logged.quantity.penalized is False:
        return Passed("the losses were logged without the penalty")
    if was_logged_plain(train_loss):
        return Passed("the log has the plain training loss too")
    logged = float(train_loss_logged.values[-1])
    if not math.isfinite(logged):
        return CannotTell("the training loss is not a number")
    advice = "Log a plain BinaryCrossentropy metric and read that; if it does not fall, lower the penalty."
    if penalty is not None and len(penalty):
        low, high = float(penalty.low[-1]), float(penalty.high[-1])
        if high <= logged / 2.0:
            return Passed(f"the penalty is at most {number(high)} of a loss of {number(logged)}")
        if low > logged / 2.0:
            size = estimated(Estimate(float(penalty.values[-1]), low, high))
            return Fired(
                f"The training loss of the last epoch is {number(logged)}, and {size} of it is the penalty "
                f"on the weights: at most {number(logged - low)} is error on the data.",
                evidence={"train_loss": logged, "penalty_low": low, "penalty_high": high},
                advice=advice,
            )
    if initial_penalty is None:
        return CannotTell("there is a penalty, but neither its course nor the untrained network's is known")
    untrained = math.log(2.0) * _mean_weight(class_weight, base_rate_train)
    if logged > 2.0 * untrained and initial_penalty.low > untrained:
        least = logged - untrained
        return Fired(
            f"The training loss of the last epoch is {number(logged)}. A network that knows nothing errs by "
            f"{untrained:.3f} per row, so about {number(least)} of it or more is the penalty on the weights, "
            f"which was {estimated(initial_penalty)} before training.",
            evidence={
                "train_loss": logged,
                "penalty_at_least": least,
                "initial_penalty": initial_penalty.value,
            },
            advice=advice,
            confidence=Confidence.LIKELY,
            settle="Log sum(model.losses) at the end of every epoch.",
        )
    if initial_penalty.high <= logged / 2.0:
        return Passed(
            f"even the untrained network's penalty, {estimated(initial_penalty)}, is less than half the loss"
        )
    return CannotTell("how much of the penalty is left in the last epoch is not known")


def _mean_weight(class_weight: tuple[float, float] | None, rate: Estimate | None) -> float:
    """Of the training rows; the most that it can be where their base rate is not known."""
    if class_weight is None:
        return 1.0
    negative, positive = class_weight
    shares = (0.0, 1.0) if rate is None else (rate.low, rate.high)
    return max((1.0 - share) * negative + share * positive for share in shares)
