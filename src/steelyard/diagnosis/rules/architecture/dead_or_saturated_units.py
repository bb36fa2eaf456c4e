"""ARC506: units that no longer respond to anything."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.health import in_this_run, learned, severity
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Severity
from steelyard.history import Telemetry
from steelyard.recipe import Change


@rule("ARC506", severity=Severity.WARNING, catalogue="E6", unless=("OPT308", "DAT601"))
def dead_or_saturated_units(
    telemetry: Telemetry,
    learning_rate: float | None,
    validation_skill: Curve | None,
    validation_auc_interval: Estimate | None,
    *,
    share: float = 0.5,
    last_epochs: float = 0.34,
    fewest: int = 2,
    gentler: float = 3.0,
) -> Outcome:
    """Many units of a layer are dead or saturated.

    How it is detected
    ------------------
    In the median over the last ``last_epochs`` of the epochs, ``fewest`` at least, more than ``share`` of a
    layer's units have a slope of next to nothing on every sampled row (dead), or on 95 % of them (saturated
    tanh or sigmoid).

    When it misleads
    ----------------
    A network that is wider than it needs to be can do with half of its units: it is a smell unless the run
    learned nothing. A single epoch does not count.

    Why it matters
    --------------
    A unit without slope has no gradient: its weights stay as they are for good.

    What to change
    --------------
    Scale the inputs, He's initializer, a learning rate ``gentler`` times lower, leaky ReLU.

    Source
    ------
    Catalogue E6; AUTOTRAINER and DeepDiagnosis (70 %), SageMaker and TheDeepChecker (50 %).
    """
    if len(telemetry.epochs) < fewest:
        return CannotTell(f"fewer than {fewest} epochs were looked into")
    since = len(telemetry.epochs) - max(fewest, int(np.ceil(last_epochs * len(telemetry.epochs))))
    worst, kind, name = 0.0, "", ""
    for layer in telemetry.layers:
        for called, curve in (("dead", layer.dead_share), ("saturated", layer.saturated_share)):
            late = curve[since:][np.isfinite(curve[since:])]
            if len(late) >= fewest and float(np.median(late)) > worst:
                worst, kind, name = float(np.median(late)), called, layer.layer
    if worst <= share:
        return Passed(f"at most {worst:.0%} of the units of any layer are dead or saturated")
    changes = [
        Change("network.activation", "leaky_relu"),
        Change("network.kernel_initializer", {"name": "he_normal"}),
    ]
    if learning_rate is not None:
        changes.append(Change("optimizer.learning_rate", float(f"{learning_rate / gentler:.3g}")))
    meaning = (
        "respond to no row at all" if kind == "dead" else "are at the end of their range on nearly all rows"
    )
    run = learned(validation_skill, validation_auc_interval)
    return Fired(
        f"In layer {name}, {worst:.0%} of the units are {kind}: they {meaning} and no longer learn. "
        f"{in_this_run(run)}",
        evidence={"layer": name, "kind": kind, "share": worst},
        epochs=tuple(int(epoch) for epoch in telemetry.epochs[since:]),
        changes=tuple(changes),
        advice="Scale the inputs, lower the learning rate, or use leaky ReLU.",
        severity=severity(Severity.WARNING, run),
    )
