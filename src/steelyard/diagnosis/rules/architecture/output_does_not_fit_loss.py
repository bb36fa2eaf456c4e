"""ARC502: the activation of the output and the loss do not go together."""

from __future__ import annotations

import math

from steelyard.diagnosis.blocks import Block, output
from steelyard.diagnosis.health import in_this_run, learned, severity
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Confidence, Severity
from steelyard.log import LayerFact

_SQUASHING = frozenset({"sigmoid", "hard_sigmoid", "softmax"})
_SINGLE = frozenset({"sigmoid", "hard_sigmoid"})
_CATEGORICAL = frozenset({"categorical_crossentropy", "sparse_categorical_crossentropy"})
_PROBABILITY_LOSSES = _CATEGORICAL | {"binary_crossentropy", "binary_focal_crossentropy"}
_HINGES = frozenset({"hinge", "squared_hinge"})
_DISTANCES = frozenset({"mse", "mae", "mean_squared_error", "mean_absolute_error"})


@rule(
    "ARC502",
    severity=Severity.ERROR,
    confidence=Confidence.LIKELY,
    catalogue="E2",
    unless=("ARC501",),
)
def output_does_not_fit_loss(
    layers: tuple[LayerFact, ...],
    loss: str,
    from_logits: bool | None,
    base_rate_train: Estimate | None,
    validation_skill: Curve | None,
    validation_auc_interval: Estimate | None,
) -> Outcome:
    """The output activation does not fit the loss.

    How it is detected
    ------------------
    By a table of activation, number of units, loss and ``from_logits``. A cross-entropy takes probabilities,
    so it needs a sigmoid (softmax on two units or more), or a linear output and ``from_logits=True``, but not
    both. The categorical ones need a unit per class, and probabilities that add up to 1. A hinge takes scores
    from -1 to 1, not probabilities.

    When it misleads
    ----------------
    Some such networks train all the same: what is not between 0 and 1 is clipped, and Keras on TensorFlow
    finds the scores behind a sigmoid by itself. Hence it is a smell unless the run learned nothing. Where
    ``from_logits`` is not known, a linear output is only possibly wrong.

    Why it matters
    --------------
    Outputs that are no probabilities are clipped, and where they are clipped there is no gradient. A sigmoid
    of a sigmoid lies between 0.50 and 0.73: the loss takes the surest negative for a toss-up, and drives the
    output to its ends.

    What to change
    --------------
    One unit with a sigmoid and binary cross-entropy, or one linear unit with ``from_logits=True``.

    Source
    ------
    Catalogue E2; AUTOTRAINER, DeepDiagnosis and NeuraLint; public programs, of which some train regardless.
    """
    last = output(layers)
    if last is None:
        return CannotTell("what comes out of the network is not known: no dense layer is the last")
    if last.activation is None:
        return CannotTell("the activation of the output is not known")
    if last.activation == "softmax" and last.units == 1:
        return Passed("a softmax over one unit is another rule's (ARC501)")
    if loss not in _PROBABILITY_LOSSES | _HINGES | _DISTANCES:
        return CannotTell(f"what output the loss {loss} needs is not known here")
    wrong = _wrong(last, last.activation, loss, bool(from_logits), base_rate_train)
    if wrong is None:
        return Passed(f"an output with {last.activation} fits {loss}")
    run = learned(validation_skill, validation_auc_interval)
    unsure = from_logits is None and last.activation == "linear"
    return Fired(
        f"{wrong} {in_this_run(run)}",
        evidence={"activation": last.activation, "loss": loss}
        | ({} if last.units is None else {"units": last.units})
        | ({} if from_logits is None else {"from_logits": str(from_logits)}),
        advice=_advice(last.units, loss),
        settle="Whether the loss was made with from_logits=True would settle it." if unsure else "",
        severity=severity(Severity.ERROR, run),
        confidence=Confidence.POSSIBLE if unsure else None,
    )


def _advice(units: int | None, loss: str) -> str:
    if units is not None and units > 1 and loss in _CATEGORICAL:
        return (
            f"Use softmax on the {units} units; or a sigmoid on each with binary cross-entropy if a row can "
            "be of several classes."
        )
    return "Use one sigmoid unit with binary cross-entropy, or one linear unit with from_logits=True."


def _wrong(last: Block, activation: str, loss: str, from_logits: bool, rate: Estimate | None) -> str | None:
    """What is wrong, as a sentence; None if nothing is."""
    if loss == "sparse_categorical_crossentropy" and last.units == 1:
        return (
            f"The loss {loss} needs a unit for each class, and the output has one: rows with label 1 are of "
            "a class that it does not have."
        )
    if loss in _CATEGORICAL and last.units == 1:
        return (
            f"The loss {loss} needs a unit for each class, and the output has one: over a single class "
            "every prediction is right, and the loss is 0 whatever the network does."
        )
    if loss in _CATEGORICAL and not from_logits and activation in _SINGLE:
        several = f"{last.units} units" if last.units is not None else "units"
        return (
            f"The output is {several} with {activation} and the loss {loss}, which takes the probabilities "
            f"of classes that add up to 1: those of separate {activation}s do not, and all of them may be "
            "high at once."
        )
    if loss in _PROBABILITY_LOSSES:
        return _of_probabilities(activation, loss, from_logits, rate)
    if loss in _HINGES and activation in _SQUASHING:
        return f"The loss {loss} takes scores from -1 to 1; a {activation} output never goes below 0."
    if loss in _DISTANCES and activation == "relu":
        return f"With a ReLU output and {loss}, a row whose output is 0 has no gradient to correct it."
    return None


def _of_probabilities(activation: str, loss: str, from_logits: bool, rate: Estimate | None) -> str | None:
    if from_logits:
        if activation not in _SQUASHING:
            return None if activation == "linear" else _bent(activation, loss)
        if activation != "sigmoid" or loss != "binary_crossentropy":
            return f"The output is a {activation} and {loss} applies it once more (from_logits=True)."
        least = ""
        if rate is not None:
            bound = rate.value * -math.log(_TWICE) + (1.0 - rate.value) * math.log(2.0)
            least = f", so that it cannot fall below {bound:.3f} at this base rate"
        return (
            "The output is a sigmoid and the loss applies another (from_logits=True): what it judges lies "
            f"between 0.50 and 0.73{least}, unless the framework sees through it."
        )
    if activation in _SQUASHING:
        return None
    if activation == "linear":
        return (
            f"The output is linear, and {loss} takes it for a probability: what is below 0 or above 1 is "
            "clipped, and has no gradient."
        )
    return (
        f"The output is {activation}, which is no probability, and {loss} clips it to between 0 and 1: "
        "where it is clipped there is no gradient."
    )


_TWICE = 1.0 / (1.0 + math.exp(-1.0))
"""The largest sigmoid of a sigmoid."""


def _bent(activation: str, loss: str) -> str:
    return f"The output is {activation}, and {loss} with from_logits=True wants a linear one."
