"""REG405."""

from __future__ import annotations

import pytest

from steelyard.diagnosis.rules.regularisation.dropout_starves_layer import dropout_starves_layer
from steelyard.finding import Severity
from steelyard.log import LayerFact
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.networks import dense, dropout, normalization, of_the_question
from tests.diagnosis.signals import curve


def test_the_question_starves_seven_units() -> None:
    finding = fired(dropout_starves_layer, layers=of_the_question())
    assert "Dropout of 0.5 leaves 3.5 of the 7 units of hidden layer 1 on average" in finding.message
    assert "none at all for 0.8% of the rows" in finding.message
    variance = 8 / 7 * (1 + 0.25 / 7) ** 10 - 1
    assert finding.evidence["noise_to_signal"] == pytest.approx(variance**0.5)
    assert finding.severity is Severity.SMELL


def test_it_is_a_warning_where_nothing_was_learned() -> None:
    finding = fired(dropout_starves_layer, layers=of_the_question(), validation_skill=curve([-0.2] * 5))
    assert finding.severity is Severity.WARNING
    assert "learned nothing" in finding.message


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ((dense(64, inputs=30), dropout(0.6), dense(1, "sigmoid", 64)), "rate 0.6 drops more than it keeps"),
        ((dropout(0.2), dense(64, inputs=9), dense(1, "sigmoid", 64)), "blanks 20% of only 9 inputs"),
        (
            (dense(64, "linear", 9), dropout(0.2), normalization(), dense(1, "sigmoid", 64)),
            "normalisation right after dropout",
        ),
    ],
)
def test_other_misplaced_dropout(layers: tuple[LayerFact, ...], said: str) -> None:
    assert said in fired(dropout_starves_layer, layers=layers).message


@pytest.mark.parametrize(
    "layers",
    [
        (dense(64, inputs=9), dropout(0.5), dense(1, "sigmoid", 64)),
        (dropout(0.2), dense(64, inputs=200), dense(1, "sigmoid", 64)),
        (dense(64, inputs=9), dense(1, "sigmoid", 64)),
        (dense(4, inputs=9), dropout(0.0), dense(1, "sigmoid", 4)),
    ],
)
def test_wide_layers_and_none_pass(layers: tuple[LayerFact, ...]) -> None:
    passed(dropout_starves_layer, layers=layers)


def test_other_kinds_of_networks_cannot_tell() -> None:
    assert "only stacks" in not_applicable(
        dropout_starves_layer, layers=(LayerFact("conv1d", 8), dropout(0.5), dense(1, "sigmoid"))
    )
    assert "layers" in not_applicable(dropout_starves_layer)


def test_a_rate_of_one_takes_everything() -> None:
    """Keras admits it."""
    layers = (dense(64, inputs=9), dropout(1.0), dense(1, "sigmoid", 64))
    message = fired(dropout_starves_layer, layers=layers).message
    assert "leaves 0 of the 64 units" in message and "100.0% of the rows" in message


def test_where_no_hidden_layer_has_dropout_no_units_are_counted() -> None:
    finding = fired(
        dropout_starves_layer, layers=(dropout(0.2), dense(64, inputs=9), dense(1, "sigmoid", 64))
    )
    assert "fewest_units_left" not in finding.evidence
