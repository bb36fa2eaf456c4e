"""ARC505: a hidden layer of one or two units."""

from __future__ import annotations

from steelyard.diagnosis.blocks import blocks, hidden
from steelyard.diagnosis.health import in_this_run, learned, severity
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import counted
from steelyard.finding import Severity
from steelyard.log import LayerFact
from steelyard.recipe import Change


@rule("ARC505", severity=Severity.WARNING, catalogue="E5", unless=("ARC501",))
def narrow_hidden_layer(
    layers: tuple[LayerFact, ...],
    validation_skill: Curve | None,
    validation_auc_interval: Estimate | None,
    *,
    units: int = 2,
) -> Outcome:
    """A hidden layer is so narrow that it can shut off.

    How it is detected
    ------------------
    A hidden layer of at most ``units`` units whose activation is ReLU, which gives 0 for half of what comes
    in, and more than ``units`` inputs.

    When it misleads
    ----------------
    Two units may be meant, to draw them on a plane; with one or two inputs they are wide enough. Other
    activations pass, since they do not shut off. Hence it is a smell unless the run learned nothing.

    Why it matters
    --------------
    Whatever the network knows about a row has to pass through. Where both units are 0 it knows nothing, and
    where they are 0 for all rows it never learns again.

    What to change
    --------------
    Eight units or more.

    Source
    ------
    Catalogue E5; public programs (constant output, accuracy 0.497).
    """
    stack = blocks(layers)
    if stack is None:
        return CannotTell("only stacks of dense layers are judged")
    inputs = stack[0].dense.inputs
    if inputs is not None and inputs <= units:
        return Passed(f"for {inputs} inputs no layer is too narrow")
    narrow = [
        (number, block.units)
        for number, block in enumerate(hidden(stack), 1)
        if block.units is not None and block.units <= units and block.activation == "relu"
    ]
    if not narrow:
        return Passed(f"no hidden layer has {units} ReLU units or fewer")
    number, width = narrow[0]
    where = {1: "it is", 2: "both are"}.get(width, "all of them are")
    run = learned(validation_skill, validation_auc_interval)
    return Fired(
        f"Hidden layer {number} has {counted(width, 'ReLU unit')}: for a row where {where} 0, nothing of the "
        f"inputs gets through. {in_this_run(run)}",
        evidence={"hidden_layer": number, "units": width},
        changes=(Change("network.hidden_units", [64, 32]),),
        advice="Make every hidden layer eight units wide or more.",
        severity=severity(Severity.WARNING, run),
    )
