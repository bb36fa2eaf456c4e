"""ARC501: a softmax over a single unit, which is always 1."""

from __future__ import annotations

from steelyard.diagnosis.blocks import output
from steelyard.diagnosis.health import learned
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import estimated
from steelyard.finding import Confidence, Severity
from steelyard.log import LayerFact


@rule("ARC501", severity=Severity.ERROR, confidence=Confidence.CERTAIN, catalogue="E1")
def softmax_on_one_unit(
    layers: tuple[LayerFact, ...],
    base_rate_validation: Estimate | None,
    validation_skill: Curve | None,
    validation_auc_interval: Estimate | None,
) -> Outcome:
    """The output is a softmax over one unit, which is 1 for every row.

    How it is detected
    ------------------
    The last layer has one unit and the activation softmax.

    When it misleads
    ----------------
    Never, as far as the layers are those of the run. Where the log shows that something was learned they are
    not, and it is a smell.

    Why it matters
    --------------
    Softmax divides by the sum over units, and over one unit that is the unit itself. Every row is called
    positive with certainty, the gradient is zero, and nothing is ever learned.

    What to change
    --------------
    A sigmoid.

    Source
    ------
    Catalogue E1: the most frequent fault of the binary programs in deepmufl's benchmark. UMLAUT accepts it,
    and calls the correct sigmoid a critical error.
    """
    last = output(layers)
    if last is None:
        return CannotTell("what comes out of the network is not known: no dense layer is the last")
    if last.units != 1 or last.activation != "softmax":
        return Passed(f"the output is {last.activation} on {last.units} units")
    seems_to_learn = learned(validation_skill, validation_auc_interval) is True
    accuracy = (
        ""
        if base_rate_validation is None
        else f", an accuracy of {estimated(base_rate_validation, share=True)} on validation rows"
    )
    but = (
        " The curves show that something was learned, so these layers are not those of the run."
        if seems_to_learn
        else ""
    )
    return Fired(
        "The output is a softmax over one unit, which is 1 whatever goes in: every row is called "
        f"positive{accuracy}, and no weight learns anything from the loss.{but}",
        evidence={"units": 1, "activation": "softmax"},
        advice="Use a sigmoid on the output.",
        severity=Severity.SMELL if seems_to_learn else None,
        confidence=Confidence.POSSIBLE if seems_to_learn else None,
    )
