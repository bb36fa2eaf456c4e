"""OPT305: the first epochs only find out how rare the rare class is."""

from __future__ import annotations

import math

import numpy as np

from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Confidence, Severity
from steelyard.log import LayerFact
from steelyard.recipe import Change


@rule(
    "OPT305",
    severity=Severity.SMELL,
    confidence=Confidence.LIKELY,
    catalogue="C5",
    unless=("OPT308", "OPT312", "COL201"),
)
def plateau_at_base_rate(
    train_skill: Curve | None,
    validation_skill: Curve | None,
    train_floor: Estimate | None,
    validation_floor: Estimate | None,
    class_weight: tuple[float, float] | None,
    weights_in_force: bool | None,
    resampling: str | None,
    layers: tuple[LayerFact, ...] | None,
    *,
    epochs: int = 2,
    share: float = 0.1,
    skill: float = 0.005,
    rare: float = 0.95,
) -> Outcome:
    """The first epochs only learn the base rate.

    How it is detected
    ------------------
    Skill is 1 - loss / entropy of the base rate: 0 for a network that knows nothing but how rare the rare
    class is. For at least the first ``epochs`` epochs and the first ``share`` of all, the skill on training
    rows (validation rows, if that is not known) is at most ``skill``, bounds included; later it is more.

    When it misleads
    ----------------
    With class weights or resampling a network learns another base rate on purpose, and its skill at the
    natural one starts far below zero: then there is no verdict. A last bias that starts elsewhere than at
    zero was thought of, and passes. So does a base rate near one half, whose entropy is more than ``rare`` of
    ln 2: there an undecided network has nothing to find out. One that never leaves the plateau is another
    matter, and passes here.

    Why it matters
    --------------
    The steps spent on one number, the bias of the last layer, can be had for nothing. On a curve that starts
    with this fall, everything after it looks flat.

    What to change
    --------------
    Start the last bias at the log-odds of the base rate, ln(positives / negatives).

    Source
    ------
    Catalogue C5; Karpathy's recipe; TensorFlow's tutorial on imbalanced data; TheDeepChecker.
    """
    curve, rows = (train_skill, "training") if train_skill is not None else (validation_skill, "validation")
    if curve is None:
        return CannotTell("the skill of no split is known; base rates and a plain loss would give it")
    asked = class_weight is not None and class_weight[0] != class_weight[1]
    if weights_in_force or (asked and weights_in_force is None) or resampling not in (None, "none"):
        return CannotTell("with class weights or resampling the network learns another base rate on purpose")
    bias = next((one.bias_initializer for one in reversed(layers or ()) if one.kind == "dense"), None)
    if bias not in (None, "zeros"):
        return Passed(f"the last bias starts at {bias}, so it need not be found")
    floor = train_floor if train_skill is not None else validation_floor
    if floor is not None and floor.low > rare * math.log(2.0):
        return Passed("both classes are about as common, so that an undecided network is at the base rate")
    above = np.flatnonzero(curve.low > skill)
    if not len(above):
        return Passed(
            "the loss never falls clearly below that of the base rate, so there is no plateau that ends"
        )
    length = int(np.argmax(curve.high > skill))
    last = int(curve.epochs[length - 1]) if length else 0
    total = int(curve.epochs[-1])
    if last < epochs or last < share * total:
        return Passed(
            f"the loss on {rows} rows is below that of the base rate from epoch {int(curve.epochs[length])} "
            "on"
        )
    return Fired(
        f"For the first {last} of {total} epochs the loss on {rows} rows is no lower than that of "
        f"always predicting the base rate (skill at most {float(curve.high[:length].max()):.3f}): they only "
        "found out how rare the rare class is.",
        evidence={
            "epochs_on_plateau": last,
            "epochs": total,
            "skill_then": float(curve.values[length - 1]),
        },
        epochs=tuple(int(epoch) for epoch in curve.epochs[:length]),
        changes=(Change("network.output_bias_initializer", {"name": "log_odds"}, risk="safe"),),
        advice=f"Start the last bias at ln(positives / negatives); what took until epoch {last} is then "
        "there at once.",
    )
