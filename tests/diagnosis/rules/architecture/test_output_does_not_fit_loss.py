"""ARC502."""

from __future__ import annotations

import math

import pytest

from steelyard.diagnosis.rules.architecture.output_does_not_fit_loss import output_does_not_fit_loss
from steelyard.finding import Confidence, Severity
from steelyard.log import LayerFact
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.networks import dense
from tests.diagnosis.signals import curve, exactly

BCE = "binary_crossentropy"
CCE = "categorical_crossentropy"
SPARSE = "sparse_categorical_crossentropy"


@pytest.mark.parametrize(
    ("units", "activation", "loss", "from_logits", "said"),
    [
        (1, "linear", BCE, False, "below 0 or above 1 is clipped"),
        (1, "relu", BCE, False, "relu, which is no probability"),
        (1, "tanh", BCE, None, "tanh, which is no probability"),
        (1, "sigmoid", BCE, True, "between 0.50 and 0.73"),
        (2, "softmax", CCE, True, "applies it once more"),
        (1, "relu", BCE, True, "wants a linear one"),
        (1, "sigmoid", CCE, False, "needs a unit for each class"),
        (1, "sigmoid", SPARSE, False, "a class that it does not have"),
        (2, "linear", SPARSE, False, "clipped"),
        (3, "sigmoid", CCE, False, "3 units with sigmoid"),
        (3, "sigmoid", SPARSE, None, "add up to 1"),
        (1, "sigmoid", "hinge", None, "never goes below 0"),
        (1, "relu", "mse", None, "no gradient"),
    ],
)
def test_what_does_not_fit(
    units: int, activation: str, loss: str, from_logits: bool | None, said: str
) -> None:
    layers = (dense(8, inputs=9), dense(units, activation, 8))
    finding = fired(output_does_not_fit_loss, layers=layers, loss=loss, from_logits=from_logits)
    assert said in finding.message
    assert finding.severity is Severity.SMELL


@pytest.mark.parametrize(
    ("units", "activation", "loss", "from_logits"),
    [
        (1, "sigmoid", BCE, False),
        (1, "sigmoid", BCE, None),
        (1, "linear", BCE, True),
        (2, "softmax", BCE, False),
        (2, "softmax", CCE, False),
        (2, "linear", SPARSE, True),
        (1, "tanh", "hinge", None),
        (1, "linear", "mse", None),
        (1, "sigmoid", "mse", None),
        (1, "softmax", BCE, False),
    ],
)
def test_what_fits_or_is_another_rules(
    units: int, activation: str, loss: str, from_logits: bool | None
) -> None:
    layers = (dense(8, inputs=9), dense(units, activation, 8))
    passed(output_does_not_fit_loss, layers=layers, loss=loss, from_logits=from_logits)


def test_the_least_loss_of_a_sigmoid_of_a_sigmoid() -> None:
    finding = fired(
        output_does_not_fit_loss,
        layers=(dense(1, "sigmoid", 9),),
        loss=BCE,
        from_logits=True,
        base_rate_train=exactly(0.05),
    )
    least = 0.05 * -math.log(1 / (1 + math.exp(-1))) + 0.95 * math.log(2)
    assert f"cannot fall below {least:.3f}" in finding.message


def test_it_is_an_error_where_nothing_was_learned() -> None:
    finding = fired(
        output_does_not_fit_loss,
        layers=(dense(1, "relu", 9),),
        loss=BCE,
        validation_skill=curve([-0.1] * 5),
    )
    assert finding.severity is Severity.ERROR


def test_a_linear_output_is_possible_where_logits_are_not_known() -> None:
    finding = fired(output_does_not_fit_loss, layers=(dense(1, "linear", 9),), loss=BCE)
    assert finding.confidence is Confidence.POSSIBLE
    assert "from_logits" in finding.settle


def test_unknown() -> None:
    assert "loss" in not_applicable(output_does_not_fit_loss, layers=(dense(1, "linear", 9),))
    assert "activation" in not_applicable(output_does_not_fit_loss, layers=(dense(1, None, 9),), loss=BCE)


def test_several_classes_are_told_of_softmax() -> None:
    layers = (LayerFact("lstm"), dense(3, "sigmoid"))
    finding = fired(output_does_not_fit_loss, layers=layers, loss=CCE, from_logits=False)
    assert finding.advice.startswith("Use softmax on the 3 units")


def test_what_a_strange_loss_needs_is_not_known() -> None:
    said = not_applicable(output_does_not_fit_loss, layers=(dense(1, "relu", 9),), loss="my_loss")
    assert "my_loss" in said


def test_a_sigmoid_of_a_sigmoid_is_what_the_loss_sees_and_not_what_the_network_says() -> None:
    """The network's own output goes from 0 to 1 all the same, and rows are called negative."""
    finding = fired(output_does_not_fit_loss, layers=(dense(1, "sigmoid", 9),), loss=BCE, from_logits=True)
    assert "negative" not in finding.message and "unless the framework" in finding.message
