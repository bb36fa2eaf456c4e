"""REG405: dropout where a layer cannot spare what it takes."""

from __future__ import annotations

import math
from itertools import pairwise

from steelyard.diagnosis.blocks import Block, blocks, hidden
from steelyard.diagnosis.health import in_this_run, learned, severity
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Severity
from steelyard.log import LayerFact
from steelyard.recipe import Change


@rule("REG405", severity=Severity.WARNING, catalogue="D5")
def dropout_starves_layer(
    layers: tuple[LayerFact, ...],
    validation_skill: Curve | None,
    validation_auc_interval: Estimate | None,
    *,
    left: float = 4.0,
    rate: float = 0.5,
    few_inputs: int = 20,
) -> Outcome:
    """Dropout takes more than a layer can spare, or sits where it does not belong.

    How it is detected
    ------------------
    From the layers alone: dropout leaves on average fewer than ``left`` units of a layer; or its rate is
    above ``rate``; or it stands before the first layer and there are at most ``few_inputs`` inputs; or a
    batch normalisation follows right on it.

    When it misleads
    ----------------
    Wide layers can spare half of their units. Hence it is a smell unless the run learned nothing.

    Why it matters
    --------------
    With few units, what arrives at the next layer is mostly noise: after dropout of rate r on n units that
    all carry the same signal, noise has a variance of r / ((1 - r) n) of the signal's square, and several in
    a row multiply. Validation runs without dropout, so that the training loss looks worse than it is. Before
    a normalisation, dropout changes the variance that the normalisation learns.

    What to change
    --------------
    No dropout on narrow layers and inputs, at most 0.3 elsewhere, none right before a normalisation.

    Source
    ------
    Catalogue D5; UMLAUT (rate above 0.5); NeuraLint (dropout before batch normalisation).
    """
    stack = blocks(layers)
    rates = [layer.rate for layer in layers if "dropout" in layer.kind and layer.rate]
    if not rates:
        return Passed("there is no dropout")
    if stack is None:
        return CannotTell("only stacks of dense layers are judged")
    faults = [
        *_narrow(stack, left),
        *_on_inputs(layers, few_inputs),
        *(f"the rate {highest:g} drops more than it keeps" for highest in {max(rates)} if highest > rate),
        *_before_normalization(layers),
    ]
    if not faults:
        return Passed(f"dropout of up to {max(rates):g} leaves enough units in every layer")
    run = learned(validation_skill, validation_auc_interval)
    noise = _noise(stack)
    chain = (
        f" {len(rates)} dropouts in a row add noise of at least {math.sqrt(noise):.0%} of the signal."
        if len(rates) > 2 and noise > 0.1
        else ""
    )
    sentence = "; ".join(faults)
    return Fired(
        f"{sentence[0].upper()}{sentence[1:]}.{chain} {in_this_run(run)}",
        evidence={
            "dropout_layers": len(rates),
            "highest_rate": max(rates),
            "noise_to_signal": math.sqrt(noise),
        }
        | ({"fewest_units_left": min(left_over)} if (left_over := _units_left(stack)) else {}),
        changes=(Change("network.dropout", 0.0), Change("network.input_dropout", 0.0)),
        advice="Leave dropout out on narrow layers and inputs; widen the layers before bringing it back.",
        severity=severity(Severity.WARNING, run),
    )


def _units_left(stack: tuple[Block, ...]) -> list[float]:
    return [
        block.units * (1.0 - one)
        for block in hidden(stack)
        if block.units is not None
        for one in block.dropout
    ]


def _narrow(stack: tuple[Block, ...], left: float) -> list[str]:
    found = [
        (block.units * (1.0 - one), one, block.units, number)
        for number, block in enumerate(hidden(stack), 1)
        if block.units is not None
        for one in block.dropout
        if block.units * (1.0 - one) < left
    ]
    if not found:
        return []
    stays, one, units, number = min(found)
    more = f", and {len(found) - 1} more like it" if len(found) > 1 else ""
    return [
        f"dropout of {one:g} leaves {stays:.2g} of the {units} units of hidden layer {number} on average, "
        f"and none at all for {one**units:.1%} of the rows{more}"
    ]


def _on_inputs(layers: tuple[LayerFact, ...], few_inputs: int) -> list[str]:
    first = next(at for at, layer in enumerate(layers) if layer.kind == "dense")
    inputs = layers[first].inputs
    one = next((layer.rate for layer in layers[:first] if "dropout" in layer.kind and layer.rate), None)
    if one is None or inputs is None or inputs > few_inputs:
        return []
    return [f"dropout of {one:g} before the first layer blanks {one:.0%} of only {inputs} inputs"]


def _before_normalization(layers: tuple[LayerFact, ...]) -> list[str]:
    pairs = pairwise(layers)
    if any(
        "dropout" in one.kind and one.rate and other.kind == "batch_normalization" for one, other in pairs
    ):
        return ["a batch normalisation right after dropout learns the variance of what dropout left"]
    return []


def _noise(stack: tuple[Block, ...]) -> float:
    """Variance of the noise over the squared signal, at least: as if all units of a layer said the same."""
    factor = 1.0
    for block in hidden(stack):
        for one in block.dropout:
            factor *= 1.0 + one / ((1.0 - one) * block.units) if block.units and one < 1.0 else 1.0
    return factor - 1.0
