"""ARC508: the output, or everything, is frozen."""

from __future__ import annotations

from steelyard.diagnosis.blocks import blocks
from steelyard.diagnosis.health import in_this_run, learned, severity
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Confidence, Severity
from steelyard.log import LayerFact


@rule("ARC508", severity=Severity.ERROR, confidence=Confidence.CERTAIN, catalogue="E8")
def layers_not_trained(
    layers: tuple[LayerFact, ...],
    validation_skill: Curve | None,
    validation_auc_interval: Estimate | None,
) -> Outcome:
    """The last layer, or every layer, is frozen.

    How it is detected
    ------------------
    No dense layer can be trained, or the last one cannot.

    When it misleads
    ----------------
    Layers that were trained before are frozen on purpose, but not the last one on a new task. If only that
    one is frozen the layers before it still learn: it is a smell unless the run learned nothing. Where all
    are frozen and the log shows that something was learned, a saved model was frozen after it, or before.

    Why it matters
    --------------
    What is frozen stays as it was drawn. ``trainable`` only counts when the model is compiled after it was
    set.

    What to change
    --------------
    Set ``trainable`` to true and compile after that.

    Source
    ------
    Catalogue E8; public programs.
    """
    stack = blocks(layers)
    if stack is None:
        return CannotTell("only stacks of dense layers are judged")
    frozen = [number for number, block in enumerate(stack, 1) if not block.dense.trainable]
    run = learned(validation_skill, validation_auc_interval)
    if len(frozen) == len(stack):
        so = (
            "The curves show that something was learned, so it was drawn well or trained before, or these "
            "layers are not those of the run."
            if run
            else "The network stays as it was before."
        )
        return Fired(
            f"{_none_of(len(stack))} trained (trainable=False). {so}",
            evidence={"dense_layers": len(stack), "frozen": len(frozen)},
            advice="Set trainable to true, and compile after that.",
            severity=Severity.SMELL if run else None,
            confidence=Confidence.POSSIBLE if run else None,
        )
    if len(stack) not in frozen:
        return Passed(
            f"{len(stack) - len(frozen)} of {len(stack)} dense layers are trained, the last among them"
        )
    return Fired(
        "The last layer is frozen (trainable=False), so its weights stay as they were drawn. "
        f"{in_this_run(run)}",
        evidence={"dense_layers": len(stack), "frozen": len(frozen)},
        advice="Train the last layer; set trainable before the model is compiled.",
        severity=severity(Severity.ERROR, run),
    )


def _none_of(layers: int) -> str:
    return "The only dense layer is not" if layers == 1 else f"None of the {layers} dense layers is"
