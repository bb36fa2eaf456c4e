"""ARC501."""

from __future__ import annotations

from steelyard.diagnosis.rules.architecture.softmax_on_one_unit import softmax_on_one_unit
from steelyard.finding import Confidence, Severity
from steelyard.log import LayerFact
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.networks import dense, perceptron
from tests.diagnosis.signals import about, curve, exactly


def test_it_fires_with_the_accuracy_to_expect() -> None:
    finding = fired(
        softmax_on_one_unit, layers=perceptron(8, output="softmax"), base_rate_validation=exactly(0.0483)
    )
    assert "an accuracy of 4.83%" in finding.message
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.CERTAIN)


def test_as_a_layer_of_its_own() -> None:
    layers = (dense(8, inputs=9), dense(1, "linear", 8), LayerFact("activation", activation="softmax"))
    fired(softmax_on_one_unit, layers=layers)


def test_after_layers_that_are_not_looked_at() -> None:
    layers = (LayerFact("conv1d"), LayerFact("flatten"), dense(1, "softmax"))
    fired(softmax_on_one_unit, layers=layers)


def test_a_run_that_learned_cannot_have_had_it() -> None:
    finding = fired(
        softmax_on_one_unit, layers=perceptron(8, output="softmax"), validation_skill=curve([0.3] * 5)
    )
    assert (finding.severity, finding.confidence) == (Severity.SMELL, Confidence.POSSIBLE)


def test_sigmoid_and_two_units_pass() -> None:
    passed(softmax_on_one_unit, layers=perceptron(8))
    passed(softmax_on_one_unit, layers=(dense(8, inputs=9), dense(2, "softmax", 8)))
    assert "--model" in not_applicable(softmax_on_one_unit)


def test_a_base_rate_that_is_not_known_exactly() -> None:
    finding = fired(
        softmax_on_one_unit,
        layers=perceptron(8, output="softmax"),
        base_rate_validation=about(0.05, 0.03, 0.07),
    )
    assert "an accuracy of between 3% and 7%" in finding.message
