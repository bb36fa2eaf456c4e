"""OPT307: hardly any gradient arrives at the first layer."""

from __future__ import annotations

import math

import numpy as np

from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.wording import counted
from steelyard.finding import Severity
from steelyard.history import Telemetry
from steelyard.log import FeatureFact
from steelyard.recipe import Change


@rule("OPT307", severity=Severity.WARNING, catalogue="C7", unless=("OPT308", "DAT601", "ARC506"))
def first_layer_gradient_vanishes(
    telemetry: Telemetry,
    features: tuple[FeatureFact, ...] | None,
    *,
    ratio: float = 1e-3,
    gradient: float = 1e-4,
    early: float = 0.34,
    small_input: float = 0.01,
) -> Outcome:
    """The gradient dies out on its way to the first layer.

    How it is detected
    ------------------
    In the first ``early`` of the epochs, when there is something to learn, the gradient of the first layer is
    in the median below ``gradient`` (Euclidean norm) and below ``ratio`` times that of the last.

    When it misleads
    ----------------
    A network that has converged has small gradients everywhere, which is why only the first epochs count.
    Inputs near 1e-4 make the gradient of the first layer as small without any fault in between: where no
    input strays by more than ``small_input``, there is no verdict.

    Why it matters
    --------------
    The first layers stay as they were drawn, and the last ones learn from random features.

    What to change
    --------------
    ReLU with He's initializer, batch normalisation, fewer layers.

    Source
    ------
    Catalogue C7; AUTOTRAINER's bounds; DeepDiagnosis and SageMaker use an absolute one of 1e-7.
    """
    layers = [layer for layer in telemetry.layers if np.isfinite(layer.gradient_norm).any()]
    if len(layers) < 2:
        return Passed("there are fewer than two layers for a gradient to get lost between")
    widest = max((one.deviation for one in features or () if not math.isnan(one.deviation)), default=None)
    if widest is not None and widest < small_input:
        return CannotTell(
            f"no input strays by more than {widest:.1g}, which alone makes the first gradient small; scale "
            "the inputs first"
        )
    until = max(1, int(np.ceil(early * len(telemetry.epochs))))
    early_on = [one.gradient_norm[:until] for one in (layers[0], layers[-1])]
    if not all(np.isfinite(one).any() for one in early_on):
        return CannotTell(f"no gradient was measured in the first {counted(until, 'epoch')}")
    first, last = (float(np.nanmedian(one)) for one in early_on)
    if first >= gradient or first >= ratio * last:
        return Passed(f"the gradient has norm {first:.1g} in the first layer and {last:.1g} in the last")
    when = "epoch" if until == 1 else f"{until} epochs"
    return Fired(
        f"In the first {when} the gradient has a norm of {first:.1g} in the first layer ({layers[0].layer}) "
        f"and of {last:.1g} in the last ({layers[-1].layer}): the first layers hardly learn.",
        evidence={"first_gradient": first, "last_gradient": last, "layers": len(layers)},
        epochs=tuple(int(epoch) for epoch in telemetry.epochs[:until]),
        changes=(
            Change("network.activation", "relu"),
            Change("network.kernel_initializer", {"name": "he_normal"}),
            Change("network.batch_normalization", True),
        ),
        advice="Use ReLU with He's initializer, batch normalisation, or fewer layers.",
    )
