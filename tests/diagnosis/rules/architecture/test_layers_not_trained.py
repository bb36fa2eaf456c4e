"""ARC508."""

from __future__ import annotations

from dataclasses import replace

from steelyard.diagnosis.rules.architecture.layers_not_trained import layers_not_trained
from steelyard.finding import Confidence, Severity
from steelyard.log import LayerFact
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.networks import perceptron
from tests.diagnosis.signals import curve

FIRST, SECOND, LAST = perceptron(8, 8)


def frozen(layer: LayerFact) -> LayerFact:
    return replace(layer, trainable=False)


def test_nothing_is_trained() -> None:
    finding = fired(layers_not_trained, layers=(frozen(FIRST), frozen(SECOND), frozen(LAST)))
    assert "None of the 3 dense layers is trained" in finding.message
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.CERTAIN)


def test_the_last_is_frozen() -> None:
    layers = (FIRST, SECOND, frozen(LAST))
    assert fired(layers_not_trained, layers=layers).severity is Severity.SMELL
    harmed = fired(layers_not_trained, layers=layers, validation_skill=curve([-0.1]))
    assert harmed.severity is Severity.ERROR


def test_a_frozen_beginning_passes() -> None:
    assert "2 of 3" in passed(layers_not_trained, layers=(frozen(FIRST), SECOND, LAST))


def test_unknown() -> None:
    assert "layers" in not_applicable(layers_not_trained)
    assert "only stacks" in not_applicable(layers_not_trained, layers=(LayerFact("lstm"), LAST))


def test_a_model_that_was_frozen_after_it_had_learned() -> None:
    layers = (frozen(FIRST), frozen(SECOND), frozen(LAST))
    finding = fired(layers_not_trained, layers=layers, validation_skill=curve([0.3] * 5))
    assert (finding.severity, finding.confidence) == (Severity.SMELL, Confidence.POSSIBLE)
    assert "something was learned" in finding.message
    alone = fired(layers_not_trained, layers=(frozen(LAST),))
    assert alone.message.startswith("The only dense layer is not trained")
