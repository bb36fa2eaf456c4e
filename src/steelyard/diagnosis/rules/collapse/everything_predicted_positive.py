"""COL205: every row is predicted positive."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.measured import last_known
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import ConfusionCurve, Curve, Estimate
from steelyard.diagnosis.wording import number, percent
from steelyard.finding import Confidence, Severity
from steelyard.log import LayerFact, Predictions


@rule("COL205", severity=Severity.ERROR, confidence=Confidence.CERTAIN, catalogue="B5", unless=("LOG903",))
def everything_predicted_positive(
    validation_recall: Curve | None,
    validation_accuracy: Curve | None,
    base_rate_validation: Estimate | None,
    validation_confusion: ConfusionCurve | None,
    validation_predictions: Predictions | None,
    layers: tuple[LayerFact, ...] | None,
    class_weight: tuple[float, float] | None,
    *,
    almost: float = 0.999,
    apart: float = 0.005,
) -> Outcome:
    """Every row is predicted positive.

    How it is detected
    ------------------
    In the last epoch at least ``almost`` of the validation rows lie above 0.5, by predictions or by the
    fewest that the logged metrics allow; or the recall is at least ``almost`` while the accuracy is within
    ``apart`` of the share of positives.

    When it misleads
    ----------------
    A split that holds nothing but positives (LOG903) masks it. Where most rows truly are positive a network
    that says so may still rank: from a base rate of one half on, the rule passes.

    Why it matters
    --------------
    The decisions hold no information: recall is 1 and precision is the base rate whatever the inputs.

    What to change
    --------------
    One output unit with softmax gives 1 for every row: use sigmoid. Otherwise lower an excessive class
    weight, and check that positives are encoded as 1.

    Source
    ------
    Catalogue B5; measured on Keras 3.15.1: softmax on one unit has accuracy 0.0483 (the base rate), recall 1
    and loss 15.2.
    """
    if base_rate_validation is not None and base_rate_validation.low >= 0.5:
        return Passed(f"{percent(base_rate_validation.value)} of the validation rows are positive")
    if validation_predictions is not None:
        called = float(np.mean(validation_predictions.probability > 0.5))
        if validation_predictions.target.mean() >= 0.5:
            return Passed("most validation rows are positive")
    elif validation_confusion is not None and len(validation_confusion.epochs):
        called = float(validation_confusion.predicted_positive_low[-1]) / validation_confusion.rows
    else:
        called = 0.0
    if called < almost:
        if validation_predictions is not None:
            return Passed(f"{percent(called)} of the validation rows lie above 0.5")
        last_recall, last_accuracy = last_known(validation_recall), last_known(validation_accuracy)
        if last_recall is None:
            return CannotTell("neither recall nor predictions on validation rows are known")
        recall = last_recall[0]
        if recall < almost:
            return Passed(f"{percent(1.0 - recall)} of the positives are not called positive")
        if last_accuracy is None or base_rate_validation is None:
            return CannotTell("every positive is found, but the accuracy or the base rate is not known")
        accuracy = last_accuracy[0]
        if not base_rate_validation.low - apart <= accuracy <= base_rate_validation.high + apart:
            return Passed(
                f"every positive is found with an accuracy of {number(accuracy)}: negatives are told apart"
            )
        # Called are all rows but the negatives told apart and the positives missed.
        rate = base_rate_validation.value
        called = min(1.0 - accuracy + (2.0 * recall - 1.0) * rate, 1.0)
    reason = _reason(layers, class_weight)
    share = (
        f", of which {percent(base_rate_validation.value)} are" if base_rate_validation is not None else ""
    )
    return Fired(
        f"At 0.5 the network calls {percent(called)} of the validation rows positive{share}.{reason[0]}",
        evidence={"share_above_half": called}
        | ({"base_rate": base_rate_validation.value} if base_rate_validation is not None else {}),
        advice=reason[1],
    )


def _reason(
    layers: tuple[LayerFact, ...] | None, class_weight: tuple[float, float] | None
) -> tuple[str, str]:
    """A sentence on what may have done it, and what to do."""
    units = [layer for layer in layers or () if layer.units is not None]
    if (
        layers
        and units
        and units[-1].units == 1
        and "softmax" in (units[-1].activation, layers[-1].activation)
    ):
        return " Its one output unit has softmax, which is 1 whatever comes in.", "Use sigmoid."
    if class_weight is not None and class_weight[1] > class_weight[0]:
        times = class_weight[1] / class_weight[0]
        return (
            f" A positive row weighs {number(times)} times a negative one in training.",
            "Lower the weight of positives, or move the threshold; check that positives are encoded as 1.",
        )
    return "", "Check output activation and loss, and that positives are encoded as 1."
