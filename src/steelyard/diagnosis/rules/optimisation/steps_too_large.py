"""OPT302: the loss jumps or swings, or a step changes a layer beyond recognition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
    more than ``update_ratio`` of their norm. A swing of the validation loss alone is LOG912.

    When it misleads
    ----------------
    Few training rows or batches per epoch and strong dropout make the training loss noisy at any learning
    rate: a swing without a jump is therefore only possible. A schedule that raises the learning rate again
    (warm restarts) makes jumps on purpose: then there is no verdict, nor is there with fewer than ``epochs``
    epochs.

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
        return CannotTell("most training losses are 0, so that no swing is a share of them")
    if (
        learning_rates is not None
        and (np.diff(learning_rates.values[len(learning_rates) // 2 :]) > 0.0).any()
    ):
        return CannotTell("the schedule raises the learning rate again late in the run")
    found = [
        one
        for one in (
            _jump(train_loss_logged, jump),
            _saw(train_loss_logged, rising, swing),
            _overwritten(telemetry, update_ratio),
        )
        if one is not None
    ]
    if not found:
        return Passed(
            f"the training loss strays from its trend by {noise_of(values) / np.median(values):.1%} per epoch"
        )
    rate = "" if learning_rate is None else f" (learning rate {learning_rate:g})"
    sure = any(one.confidence is Confidence.LIKELY for one in found)
    changes = [Change("optimizer.schedule", {"name": "cosine"})]
    try_next = f"Try a learning rate {gentler:g} times lower"
    if learning_rate is not None:
        lower = learning_rate / gentler
        usual = USUAL.get((optimizer or "").lower())
        if usual is not None and lower >= usual.most:
            lower = usual.default
            try_next = f"Try the usual learning rate of {lower:g}"
        changes.insert(0, Change("optimizer.learning_rate", float(f"{lower:.3g}")))
    return Fired(
        " ".join(one.sentence for one in found) + f" The steps are too large to settle{rate}.",
        evidence={name: value for one in found for name, value in one.evidence.items()},
        epochs=tuple(sorted({epoch for one in found for epoch in one.epochs})),
        changes=tuple(changes),
        advice=f"{try_next} or one that decays, and less dropout on narrow layers.",
        settle="If the swing shrinks at a lower learning rate, that was it; if not, look at dropout and "
        "batches.",
        confidence=Confidence.LIKELY if sure else Confidence.POSSIBLE,
    )


def _jump(train: Curve, jump: float) -> _Swing | None:
    lowest = np.minimum.accumulate(train.values)[:-1]
    ratio = np.divide(train.values[1:], lowest, out=np.zeros(len(lowest)), where=lowest > 0.0)
    at = int(np.argmax(ratio))
    if ratio[at] <= jump:
        return None
    epoch = int(train.epochs[at + 1])
    return _Swing(
        f"In epoch {epoch} the training loss is {train.values[at + 1]:.3g}, {ratio[at]:.1f} times the "
        f"lowest before it ({lowest[at]:.3g}).",
        {"jump": float(ratio[at]), "jump_epoch": epoch},
        (epoch,),
        Confidence.LIKELY,
    )


def _saw(train: Curve, rising: float, swing: float) -> _Swing | None:
    share = float(np.mean(np.diff(train.values) > 0.0))
    level = float(np.median(train.values))
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
