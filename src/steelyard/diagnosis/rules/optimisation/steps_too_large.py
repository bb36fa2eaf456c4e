"""OPT302: the loss jumps or swings, or a step changes a layer beyond recognition."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.arithmetic.trend import noise_of
from steelyard.diagnosis.learning_rates import USUAL
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.finding import Confidence, Severity
from steelyard.history import Telemetry
from steelyard.recipe import Change


@dataclass(frozen=True)
class _Swing:
    sentence: str
    evidence: dict[str, float | int | str]
    epochs: tuple[int, ...]
    confidence: Confidence


@rule(
    "OPT302",
    severity=Severity.WARNING,
    confidence=Confidence.LIKELY,
    catalogue="C2",
    unless=("OPT308", "LOG909"),
)
def steps_too_large(
    train_loss_logged: Curve,
    learning_rate: float | None,
    learning_rates: Curve | None,
    telemetry: Telemetry | None,
    optimizer: str | None,
    *,
    epochs: int = 6,
    jump: float = 2.0,
    small: float = 0.02,
    rising: float = 0.3,
    swing: float = 0.05,
    update_ratio: float = 0.05,
    gentler: float = 5.0,
) -> Outcome:
    """The steps are so large that the loss jumps or swings, or that a layer is overwritten.

    How it is detected
    ------------------
    A training loss of more than ``jump`` times the lowest before it; or one that rises in more than
    ``rising`` of the steps from epoch to epoch and strays from its trend by more than ``swing`` of itself
    (standard deviation, from second differences, so that a bend in the curve does not count); or, where the
    size of the updates is known, a step that in the median over epochs changes the weights of some layer by
    more than ``update_ratio`` of their norm. Losses below ``small`` of the first, or of ln 2 if that is less,
    count as that: what a network that has learned its rows by heart still moves is next to nothing. A swing
    of the validation loss alone is LOG912.

    When it misleads
    ----------------
    Few training rows or batches per epoch and strong dropout make the training loss noisy at any learning
    rate: a swing without a jump is therefore only possible, and none where the rate is below those that are
    usual. A schedule that raises the learning rate after it fell, or late in the run (warm restarts, a range
    test), makes jumps on purpose: then there is no verdict, nor is there with fewer than ``epochs`` epochs.

    Why it matters
    --------------
    Which weights are kept depends on the epoch at which training happens to stop, and two settings that
    differ by less than the swing cannot be told apart by their last epochs.

    What to change
    --------------
    A learning rate ``gentler`` times lower (the usual one, where that is still far above it), or one that
    decays to zero (cosine); clip gradients if it jumps. Narrow layers with dropout swing too: less dropout
    there. Check with paired seeds.

    Source
    ------
    Catalogue C2; AUTOTRAINER's oscillation (which reads accuracy); Tuning playbook on late variance;
    TheDeepChecker's band of update ratios.
    """
    values = train_loss_logged.values
    if not np.isfinite(values).all():
        return CannotTell("not all training losses are numbers")
    if len(values) < epochs:
        return CannotTell(f"{len(values)} epochs are too few to tell a swing from a trend; {epochs} would do")
    if not np.median(values) > 0.0:
        return CannotTell("most training losses are 0 or below, so that no swing is a share of them")
    rates = np.empty(0) if learning_rates is None else learning_rates.values
    rates = rates[np.isfinite(rates)]
    if _raised_again(rates):
        return CannotTell("the schedule raises the learning rate again, after it fell or late in the run")
    least = small * min(float(values[0]), math.log(2.0)) if values[0] > 0.0 else 0.0
    found = [
        one
        for one in (
            _jump(train_loss_logged, jump, least),
            _saw(train_loss_logged, rising, swing, least),
            _overwritten(telemetry, update_ratio),
        )
        if one is not None
    ]
    if not found:
        return Passed(
            "the training loss strays from its trend by "
            f"{noise_of(values) / max(float(np.median(values)), least):.1%} per epoch"
        )
    rate = f" (learning rate {learning_rate:g})" if learning_rate else ""
    sure = any(one.confidence is Confidence.LIKELY for one in found)
    usual = USUAL.get((optimizer or "").lower())
    if not sure and usual is not None and learning_rate and learning_rate < usual.least:
        return CannotTell(
            f"the training loss swings, but a learning rate of {learning_rate:g} is low for {optimizer}: few "
            "rows per batch or dropout may do that as well"
        )
    decays = bool(len(rates)) and 2.0 * float(rates[-1]) < float(rates.max())
    changes = [] if decays else [Change("optimizer.schedule", {"name": "cosine"})]
    try_next = f"Try a learning rate {gentler:g} times lower"
    if learning_rate:
        lower = learning_rate / gentler
        if usual is not None and lower >= usual.most:
            lower = usual.default
            try_next = f"Try the usual learning rate of {lower:g}"
        changes.insert(0, Change("optimizer.learning_rate", float(f"{lower:.3g}")))
    return Fired(
        " ".join(one.sentence for one in found) + f" The steps are too large to settle{rate}.",
        evidence={name: value for one in found for name, value in one.evidence.items()},
        epochs=tuple(sorted({epoch for one in found for epoch in one.epochs})),
        changes=tuple(changes),
        advice=f"{try_next}{'' if decays else ' or one that decays'}, and less dropout on narrow layers.",
        settle="If the swing shrinks at a lower learning rate, that was it; if not, look at dropout and "
        "batches.",
        confidence=Confidence.LIKELY if sure else Confidence.POSSIBLE,
    )


def _raised_again(rates: NDArray[np.float64]) -> bool:
    """Whether the learning rate rises after it fell, or in the second half of the run."""
    steps = np.diff(rates)
    up, down = np.flatnonzero(steps > 0.0), np.flatnonzero(steps < 0.0)
    return bool(len(up)) and bool((up[-1] >= len(steps) // 2) or (len(down) and down[0] < up[-1]))


def _jump(train: Curve, jump: float, least: float) -> _Swing | None:
    lowest = np.minimum.accumulate(train.values)[:-1]
    level = np.maximum(lowest, least)
    ratio = np.divide(train.values[1:], level, out=np.zeros(len(level)), where=level > 0.0)
    at = int(np.argmax(ratio))
    if ratio[at] <= jump:
        return None
    epoch = int(train.epochs[at + 1])
    # The level below which no loss counts stands in for a lowest of zero.
    times = float(train.values[at + 1] / (lowest[at] if lowest[at] > 0.0 else level[at]))
    against = f"{times:.1f} times the lowest before it ({lowest[at]:.3g})"
    return _Swing(
        f"In epoch {epoch} the training loss is {train.values[at + 1]:.3g}, "
        f"{against if lowest[at] > 0.0 else f'after {lowest[at]:.3g}'}.",
        {"jump": times, "jump_epoch": epoch},
        (epoch,),
        Confidence.LIKELY,
    )


def _saw(train: Curve, rising: float, swing: float, least: float) -> _Swing | None:
    share = float(np.mean(np.diff(train.values) > 0.0))
    level = max(float(np.median(train.values)), least)
    relative = noise_of(train.values) / level if level > 0.0 else 0.0
    if share <= rising or relative <= swing:
        return None
    return _Swing(
        f"The training loss rises in {share:.0%} of the steps from one epoch to the next and strays from "
        f"its trend by {relative:.0%}.",
        {"share_of_rising_steps": share, "train_swing": relative},
        (),
        Confidence.POSSIBLE,
    )


def _overwritten(telemetry: Telemetry | None, update_ratio: float) -> _Swing | None:
    medians = {
        layer.layer: float(np.median(known))
        for layer in (telemetry.layers if telemetry is not None else ())
        if len(known := layer.update_ratio[np.isfinite(layer.update_ratio)])
    }
    if not medians or max(medians.values()) <= update_ratio:
        return None
    layer = max(medians, key=lambda name: medians[name])
    return _Swing(
        f"A single step changes the weights of layer {layer} by {medians[layer]:.0%} of their size.",
        {"update_ratio": medians[layer], "layer": layer},
        (),
        Confidence.LIKELY,
    )
