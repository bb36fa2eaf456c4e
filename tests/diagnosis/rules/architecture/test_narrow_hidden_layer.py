"""ARC505."""

from __future__ import annotations

from steelyard.diagnosis.rules.architecture.narrow_hidden_layer import narrow_hidden_layer
from steelyard.finding import Severity
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.networks import perceptron
from tests.diagnosis.signals import curve


def test_two_relu_units() -> None:
    finding = fired(narrow_hidden_layer, layers=perceptron(8, 2))
    assert "Hidden layer 2 has 2 ReLU units" in finding.message
    assert finding.severity is Severity.SMELL
    harmed = fired(narrow_hidden_layer, layers=perceptron(1), validation_skill=curve([-0.1]))
    assert "1 ReLU unit: for a row where it is 0" in harmed.message
    assert harmed.severity is Severity.WARNING


def test_wide_other_activations_and_few_inputs_pass() -> None:
    passed(narrow_hidden_layer, layers=perceptron(8, 4))
    passed(narrow_hidden_layer, layers=perceptron(8, 2, activation="tanh"))
    passed(narrow_hidden_layer, layers=perceptron(2, inputs=2))


def test_unknown() -> None:
    assert "layers" in not_applicable(narrow_hidden_layer)
