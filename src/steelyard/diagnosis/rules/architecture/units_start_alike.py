"""ARC507: all units of a layer start with the same weights."""

from __future__ import annotations

from steelyard.diagnosis.blocks import Block, blocks, hidden
from steelyard.diagnosis.health import in_this_run, learned, severity
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Severity
from steelyard.log import LayerFact
from steelyard.recipe import Change

_CONSTANT = frozenset({"zeros", "ones", "constant"})


@rule("ARC507", severity=Severity.ERROR, catalogue="E7", unless=("ARC501",))
def units_start_alike(
    layers: tuple[LayerFact, ...],
    validation_skill: Curve | None,
    validation_auc_interval: Estimate | None,
) -> Outcome:
    """All units of a hidden layer start with the same weights, and stay alike.

    How it is detected
    ------------------
    The kernel of a hidden layer starts at a constant, and so does that of the layer after it: then all units
    get the same gradient for ever. A ReLU layer that starts at zero is stuck there whatever comes after.

    When it misleads
    ----------------
    Biases that start at a constant are as they should be, and so is a constant kernel without hidden layers.
    If the next layer starts at random, or dropout lies between, the units drift apart: then it is a smell,
    as it is where the run learned something.

    Why it matters
    --------------
    A layer of units that are alike is worth one unit.

    What to change
    --------------
    Glorot's or He's initializer.

    Source
    ------
    Catalogue E7; NeuraLint, SageMaker (PoorWeightInitialization), TheDeepChecker.
    """
    stack = blocks(layers)
    if stack is None:
        return CannotTell("only stacks of dense layers are judged")
    alike = [at for at, block in enumerate(hidden(stack)) if _constant(block) and block.units != 1]
    if not alike and any(block.dense.kernel_initializer is None for block in hidden(stack)):
        return CannotTell("how the kernels start is not known")
    if not alike:
        return Passed("no hidden layer starts with units that are alike")
    stuck = [at for at in alike if _stays(stack, at)]
    at = (stuck or alike)[0]
    block, run = stack[at], learned(validation_skill, validation_auc_interval)
    start = block.dense.kernel_initializer
    if not stuck:
        rest = "what follows lets them drift apart, but slowly"
    elif start == "zeros" and block.activation == "relu":
        rest = "a ReLU at zero has no gradient, so they never leave it"
    else:
        rest = "they get the same gradient in every step, so the layer is worth one unit"
    units = "units" if block.units is None else f"{block.units} units"
    evidence: dict[str, float | int | str] = {"hidden_layer": at + 1, "initializer": str(start)}
    if block.units is not None:
        evidence["units"] = block.units
    return Fired(
        f"All {units} of hidden layer {at + 1} start with the same weights ({start}): {rest}. "
        f"{in_this_run(run)}",
        evidence=evidence,
        changes=(Change("network.kernel_initializer", {"name": "glorot_uniform"}),),
        advice="Use Glorot's or He's initializer for the kernels; biases may start at zero.",
        severity=Severity.ERROR if stuck and not run else severity(Severity.WARNING, run),
    )


def _constant(block: Block) -> bool:
    return block.dense.kernel_initializer in _CONSTANT


def _stays(stack: tuple[Block, ...], at: int) -> bool:
    """Will the units of that layer be alike for ever?"""
    block = stack[at]
    if block.dense.kernel_initializer == "zeros" and block.activation == "relu":
        return block.dense.bias_initializer in (None, "zeros")
    return _constant(stack[at + 1]) and not block.dropout
