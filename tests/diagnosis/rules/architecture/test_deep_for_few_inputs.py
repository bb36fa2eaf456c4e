"""ARC504."""

from __future__ import annotations

from steelyard.diagnosis.rules.architecture.deep_for_few_inputs import deep_for_few_inputs
from steelyard.finding import Severity
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.networks import dense, normalization, perceptron
from tests.diagnosis.signals import curve

DEEP = perceptron(*[7] * 7, activation="tanh")


def test_eight_layers_on_nine_inputs() -> None:
    finding = fired(deep_for_few_inputs, layers=DEEP)
    assert "8 dense layers stand on 9 inputs, with tanh" in finding.message
    assert finding.severity is Severity.SMELL


def test_it_is_a_warning_where_nothing_was_learned() -> None:
    assert fired(deep_for_few_inputs, layers=DEEP, validation_skill=curve([0.0])).severity is Severity.WARNING


def test_shallow_wide_and_normalised_pass() -> None:
    passed(deep_for_few_inputs, layers=perceptron(7, 7))
    passed(deep_for_few_inputs, layers=perceptron(*[64] * 7, inputs=200))
    assert "normalised" in passed(deep_for_few_inputs, layers=(DEEP[0], normalization(), *DEEP[1:]))


def test_unknown_width_cannot_tell() -> None:
    assert "inputs" in not_applicable(deep_for_few_inputs, layers=tuple(dense(7) for _ in range(8)))
