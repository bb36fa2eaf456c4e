"""ARC503: many layers that compute what one does."""

from __future__ import annotations

from steelyard.diagnosis.blocks import Block, blocks, hidden, parameters
from steelyard.diagnosis.health import in_this_run, learned, severity
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Confidence, Severity
from steelyard.log import LayerFact
from steelyard.recipe import Change


@rule("ARC503", severity=Severity.WARNING, confidence=Confidence.CERTAIN, catalogue="E3", unless=("ARC501",))
def hidden_layers_all_linear(
    layers: tuple[LayerFact, ...],
    validation_skill: Curve | None,
    validation_auc_interval: Estimate | None,
    logistic_auc: float | None,
    from_logits: bool | None,
) -> Outcome:
    """All hidden layers are linear, so that together they are one.

    How it is detected
    ------------------
    No hidden layer has an activation other than linear, neither of its own nor in a layer that follows it,
    nor a normalisation over the units of a row, which is not linear either.

    When it misleads
    ----------------
    It may be meant as a baseline. Where a logistic regression ranks as well as the network, the data may have
    nothing that is not linear, and an activation brings nothing. Hence it is a smell unless the run learned
    nothing.

    Why it matters
    --------------
    A product of matrices is a matrix: however many layers, the network is a logistic regression, only harder
    to train, and with dropout between the layers, noisier.

    What to change
    --------------
    ReLU in the hidden layers, and one to three of them; or a logistic regression, if it does as well.

    Source
    ------
    Catalogue E3; UMLAUT and NeuraLint; the question on Cross Validated that this tool began with.
    """
    stack = blocks(layers)
    if stack is None:
        return CannotTell("only stacks of dense layers are judged")
    inside = hidden(stack)
    if not inside:
        return Passed("there is no hidden layer")
    if any(block.activation is None for block in inside):
        return CannotTell("the activation of a hidden layer is not known")
    bent = [block for block in inside if block.activation != "linear" or block.bent]
    if bent:
        return Passed(
            f"{len(bent)} of {len(inside)} hidden layers have an activation or a normalisation that is not "
            "linear"
        )
    run = learned(validation_skill, validation_auc_interval)
    auc = validation_auc_interval
    as_good = logistic_auc is not None and auc is not None and auc.low <= logistic_auc
    compared = (
        f" A logistic regression ranks as well (ROC AUC {logistic_auc:.3f}), so an activation may bring "
        "nothing."
        if as_good
        else ""
    )
    many = f"All {len(inside)} hidden layers are" if len(inside) > 1 else "The only hidden layer is"
    size, written = _numbers(stack)
    output = stack[-1].activation
    what = "a logistic regression" if output in ("sigmoid", "softmax") or from_logits else "a linear model"
    return Fired(
        f"{many} linear, and linear layers in a row are one: the network can do no more than "
        f"{what}{size}.{compared} {in_this_run(run)}",
        evidence={"linear_hidden_layers": len(inside)} | written,
        changes=(Change("network.activation", "relu"), Change("network.hidden_units", [64, 32])),
        advice="Use ReLU in one to three hidden layers, or a logistic regression if that does as well.",
        settle="A logistic regression on the same rows would tell whether anything is lost."
        if logistic_auc is None
        else "",
        severity=severity(Severity.WARNING, run),
    )


def _numbers(stack: tuple[Block, ...]) -> tuple[str, dict[str, int]]:
    """How many parameters it has and how many it comes to, in words and by name; empty if not known."""
    inputs, many = stack[0].dense.inputs, parameters(stack)
    if inputs is None or many is None or stack[-1].units != 1:
        return "", {}
    return (
        f" of {inputs} weights and a bias, written as {many:,} parameters",
        {"parameters": many, "parameters_needed": inputs + 1},
    )
