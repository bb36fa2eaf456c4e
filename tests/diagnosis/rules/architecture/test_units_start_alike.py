"""ARC507."""

from __future__ import annotations

from dataclasses import replace

import pytest

from steelyard.diagnosis.rules.architecture.units_start_alike import units_start_alike
from steelyard.finding import Severity
from steelyard.log import LayerFact
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.networks import dense, dropout, perceptron
from tests.diagnosis.signals import curve


def starting(initializer: str, layer: LayerFact) -> LayerFact:
    return replace(layer, kernel_initializer=initializer)


HIDDEN, OUTPUT = dense(80, "tanh", 9), dense(1, "sigmoid", 80)


def test_constant_throughout_stays_alike() -> None:
    finding = fired(units_start_alike, layers=(starting("ones", HIDDEN), starting("ones", OUTPUT)))
    assert "All 80 units of hidden layer 1 start with the same weights (ones)" in finding.message
    assert "worth one unit" in finding.message
    assert finding.severity is Severity.ERROR


def test_zeros_under_relu_are_stuck() -> None:
    finding = fired(units_start_alike, layers=(starting("zeros", dense(80, "relu", 9)), OUTPUT))
    assert "never leave it" in finding.message
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "layers",
    [
        (starting("ones", HIDDEN), OUTPUT),
        (starting("zeros", HIDDEN), OUTPUT),
        (starting("ones", HIDDEN), dropout(0.2), starting("ones", OUTPUT)),
    ],
)
def test_what_drifts_apart_is_a_smell(layers: tuple[LayerFact, ...]) -> None:
    finding = fired(units_start_alike, layers=layers)
    assert "drift apart" in finding.message
    assert finding.severity is Severity.SMELL


def test_a_run_that_learned_makes_it_a_smell() -> None:
    finding = fired(
        units_start_alike,
        layers=(starting("ones", HIDDEN), starting("ones", OUTPUT)),
        validation_skill=curve([0.3] * 5),
    )
    assert finding.severity is Severity.SMELL


def test_sound_starts_pass() -> None:
    passed(units_start_alike, layers=perceptron(80, 40))
    passed(units_start_alike, layers=(starting("zeros", dense(1, "sigmoid", 9)),))
    passed(units_start_alike, layers=(HIDDEN, starting("zeros", OUTPUT)))


def test_unknown() -> None:
    assert "start is not known" in not_applicable(
        units_start_alike, layers=(replace(HIDDEN, kernel_initializer=None), OUTPUT)
    )


def test_one_start_that_is_not_known_leaves_it_open() -> None:
    layers = (HIDDEN, replace(HIDDEN, kernel_initializer=None), OUTPUT)
    assert "start is not known" in not_applicable(units_start_alike, layers=layers)
