"""OPT301: the training loss falls in a straight line."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.arithmetic.trend import trend
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.finding import Confidence, Severity
from steelyard.history import Telemetry
from steelyard.recipe import Change


@rule(
    "OPT301",
    severity=Severity.WARNING,
    confidence=Confidence.POSSIBLE,
    catalogue="C1",
    unless=("OPT308", "OPT312", "ARC501"),
)
def loss_falls_slowly(
    train_loss: Curve,
    learning_rate: float | None,
    telemetry: Telemetry | None,
    validation_loss_logged: Curve | None,
    *,
    epochs: int = 8,
    falling: float = 0.9,
    straight: float = 0.38,
    per_ten_epochs: float = 0.005,
    update_ratio: float = 1e-4,
    faster: float = 5.0,
) -> Outcome:
    """The training loss falls all the time and does not level off.

    How it is detected
    ------------------
    The plain training loss falls in at least ``falling`` of the steps from epoch to epoch, and at the pace of
    the last third, ten epochs take at least ``per_ten_epochs`` of it away. Where the size of the
    updates is known: a step changes the weights of every layer by less than ``update_ratio`` of their norm
    (median over epochs), which makes it likely. Where it is not: the slope over the last third is at least
    ``straight`` times that over the first, so that the curve is more of a straight line than one that levels
    off, and it is possible.

    When it misleads
    ----------------
    A loss that holds a large penalty falls in a straight line while the penalty does, at any learning rate.
    A schedule that warms up for most of the run looks the same. A network that learns its training rows by
    heart has such a curve as well: where the lowest validation loss lies in the first half of the epochs,
    the rule passes. Fewer than ``epochs`` epochs say nothing.

    Why it matters
    --------------
    The network that was judged is one on the way to what it could have been: comparing it with others
    compares how far they got.

    What to change
    --------------
    A learning rate ``faster`` times as high, compared with this one on the same seeds; a learning rate range
    test finds the highest that is stable.

    Source
    ------
    Catalogue C1; update ratios from TheDeepChecker and DeepDiagnosis.
    """
    values = train_loss.values
    if not np.isfinite(values).all():
        return CannotTell("not all training losses are numbers")
    if len(values) < epochs:
        return CannotTell(f"{len(values)} epochs are too few to see a trend; {epochs} would do")
    if validation_loss_logged is not None and (early := _early_best(validation_loss_logged)):
        return Passed(
            f"the validation loss is lowest in epoch {early}: what falls after it is no slow learning"
        )
    third = max(5, len(values) // 3)
    at = train_loss.epochs
    first, last = trend(values[:third], at[:third]), trend(values[-third:], at[-third:])
    if first is None or last is None:
        return CannotTell("there are too few epochs to see a trend")
    share = float(np.mean(np.diff(values) < 0.0))
    before = values[-1] - 10.0 * last.slope
    gain = -10.0 * last.slope / before if values[-1] > 0.0 and before > 0.0 else 0.0
    if share < falling or gain < per_ten_epochs:
        return Passed(
            f"the training loss falls in {share:.0%} of the steps, by {max(gain, 0.0):.1%} in ten epochs at "
            "the end"
        )
    kept = last.slope / first.slope if first.slope < 0.0 else 1.0
    step = _largest_update(telemetry)
    if step is None and kept < straight:
        return Passed(f"the training loss levels off: at the end it falls at {kept:.0%} of its first pace")
    if step is not None and step >= update_ratio:
        return Passed(f"each step changes some layer by {step:.1g} of its weights, which is not slow")
    rate = f" at a learning rate of {learning_rate:g}" if learning_rate else ""
    how = [f"still by {gain:.1%} in ten epochs at the end"]
    if kept >= straight:
        how.append("has hardly levelled off")
    if step is not None:
        how.append(f"a step changes no layer by more than {step:.1g} of its weights")
    return Fired(
        f"The plain training loss falls from {values[0]:.3g} to {values[-1]:.3g}{rate}, "
        f"{', and '.join(how)}: the network learns slowly and is not done.",
        evidence={
            "first_loss": float(values[0]),
            "last_loss": float(values[-1]),
            "gain_in_ten_epochs": float(gain),
            "pace_kept": kept,
        }
        | ({} if step is None else {"update_ratio": step}),
        changes=(Change("optimizer.learning_rate", float(f"{learning_rate * faster:.3g}")),)
        if learning_rate
        else (),
        advice=f"Try a learning rate {faster:g} times as high, with the same seeds.",
        settle="" if step is not None else "The same run at a higher learning rate would settle it.",
        confidence=None if step is None else Confidence.LIKELY,
    )


def _early_best(validation: Curve) -> int | None:
    """The epoch with the lowest validation loss, if it is in the first half."""
    if not np.isfinite(validation.values).any():
        return None
    best = int(validation.epochs[np.nanargmin(validation.values)])
    return best if 2 * best < int(validation.epochs[-1]) else None


def _largest_update(telemetry: Telemetry | None) -> float | None:
    """The largest over layers of the median update ratio per step."""
    if telemetry is None:
        return None
    ratios = [layer.update_ratio[np.isfinite(layer.update_ratio)] for layer in telemetry.layers]
    return max((float(np.median(one)) for one in ratios if len(one)), default=None)
