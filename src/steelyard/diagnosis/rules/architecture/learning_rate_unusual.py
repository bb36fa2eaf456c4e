"""ARC509: a learning rate far from what the optimizer is used with."""

from __future__ import annotations

from steelyard.diagnosis.health import in_this_run, learned, severity
from steelyard.diagnosis.learning_rates import USUAL
from steelyard.diagnosis.measured import finite_part
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Confidence, Severity
from steelyard.recipe import Change


@rule(
    "ARC509",
    severity=Severity.WARNING,
    confidence=Confidence.POSSIBLE,
    catalogue="E9",
    unless=("OPT301", "OPT302", "OPT308"),
)
def learning_rate_unusual(
    optimizer: str,
    learning_rate: float,
    learning_rates: Curve | None,
    validation_skill: Curve | None,
    validation_auc_interval: Estimate | None,
) -> Outcome:
    """The learning rate is far from what this optimizer is used with.

    How it is detected
    ------------------
    Adam and its kin below 0.0001 or from 0.01 on, plain gradient descent below 0.001 or from 1 on. If the
    rate of each epoch is known, the highest counts.

    When it misleads
    ----------------
    Large batches and normalised networks bear higher rates, long training bears lower ones: the curve
    decides. If OPT301 (falls slowly) or OPT302 (swings) sees it on the curve they speak, and this rule is
    silent; otherwise it is a smell, unless the run learned nothing.

    Why it matters
    --------------
    Of all settings the learning rate decides most. Too low, the run ends before it gets anywhere; too high,
    it never settles.

    What to change
    --------------
    The optimizer's default, then a learning rate range test.

    Source
    ------
    Catalogue E9; UMLAUT (above 0.01); the notebook that this tool began with, which trains with 0.00005.
    """
    usual = USUAL.get(optimizer.lower())
    if usual is None:
        return CannotTell(f"what is usual for {optimizer} is not known here")
    least, most, default = usual
    logged = None if learning_rates is None else finite_part(learning_rates)
    rate = learning_rate if logged is None or not len(logged) else float(logged.values.max())
    # Frameworks keep rates in single precision, in which 0.0001 is a little less.
    rate = float(f"{rate:.6g}")
    if rate <= 0.0:
        return CannotTell("the learning rate is 0, or so small that the log has 0")
    if least <= rate < most:
        return Passed(f"{optimizer} with a learning rate of {rate:g}")
    low = rate < least
    times = default / rate if low else rate / default
    run = learned(validation_skill, validation_auc_interval)
    how = "below" if low else "above"
    return Fired(
        f"{optimizer} is used with a learning rate of {rate:g}, {_times(times)} times {how} its default of "
        f"{default:g}. {in_this_run(run)}",
        evidence={"optimizer": optimizer, "learning_rate": rate, "default": default},
        changes=(Change("optimizer.learning_rate", default),),
        advice=f"Try the default of {default:g}, or a learning rate range test.",
        settle="The curve decides: see whether the loss still falls at the end, or swings.",
        severity=severity(Severity.WARNING, run),
    )


def _times(factor: float) -> str:
    return f"{factor:,.0f}" if factor >= 1000.0 else f"{factor:.3g}"
