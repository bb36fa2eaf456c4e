"""ARC504: many layers for a handful of inputs."""

from __future__ import annotations

from steelyard.diagnosis.blocks import blocks, hidden
from steelyard.diagnosis.health import in_this_run, learned, severity
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Severity
from steelyard.log import LayerFact
from steelyard.recipe import Change


@rule("ARC504", severity=Severity.WARNING, catalogue="E4", unless=("ARC501", "ARC503"))
def deep_for_few_inputs(
    layers: tuple[LayerFact, ...],
    validation_skill: Curve | None,
    validation_auc_interval: Estimate | None,
    *,
    dense: int = 6,
    inputs: int = 20,
) -> Outcome:
    """The network is deep and its inputs are few.

    How it is detected
    ------------------
    At least ``dense`` dense layers, the output among them, for at most ``inputs`` inputs, without batch
    normalisation between them.

    When it misleads
    ----------------
    Normalisation or connections that skip layers make depth harmless; networks with the latter are not
    judged. Hence it is a smell unless the run learned nothing.

    Why it matters
    --------------
    Each layer more is one more for the gradient to get through, and on tables with few columns two layers
    learn what six do; with tanh or sigmoid the first ones hardly learn.

    What to change
    --------------
    One to three hidden layers first, compared on the same seeds.

    Source
    ------
    Catalogue E4; public programs.
    """
    stack = blocks(layers)
    if stack is None:
        return CannotTell("only stacks of dense layers are judged")
    width = stack[0].dense.inputs
    if len(stack) < dense:
        return Passed(f"{len(stack)} dense layers are not many")
    if width is None:
        return CannotTell("the number of inputs is not known")
    if width > inputs:
        return Passed(f"there are {width} inputs")
    if any(block.normalized for block in stack):
        return Passed("the layers are normalised")
    bent = sorted({block.activation for block in hidden(stack) if block.activation in ("tanh", "sigmoid")})
    slow = f", with {' and '.join(bent)}, which make the gradient smaller from layer to layer" if bent else ""
    run = learned(validation_skill, validation_auc_interval)
    return Fired(
        f"{len(stack)} dense layers stand on {width} inputs{slow}. Two or three usually learn as much from "
        f"so few. {in_this_run(run)}",
        evidence={"dense_layers": len(stack), "inputs": width},
        changes=(Change("network.hidden_units", [64, 32]),),
        advice="Try one to three hidden layers with the same seeds.",
        severity=severity(Severity.WARNING, run),
    )
