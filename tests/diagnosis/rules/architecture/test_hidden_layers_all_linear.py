"""ARC503."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from steelyard.diagnosis.blocks import blocks, parameters
from steelyard.diagnosis.rules.architecture.hidden_layers_all_linear import hidden_layers_all_linear
from steelyard.finding import Confidence, Severity
from steelyard.log import LayerFact
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.networks import dense, of_the_question, perceptron
from tests.diagnosis.signals import about, curve


def test_eleven_linear_layers_are_one() -> None:
    finding = fired(hidden_layers_all_linear, layers=of_the_question())
    assert "All 11 hidden layers are linear, and linear layers in a row are one" in finding.message
    assert "a logistic regression of 9 weights and a bias, written as 638 parameters" in finding.message
    assert (finding.severity, finding.confidence) == (Severity.SMELL, Confidence.CERTAIN)


def test_it_is_a_warning_where_nothing_was_learned() -> None:
    finding = fired(hidden_layers_all_linear, layers=of_the_question(), validation_skill=curve([0.0] * 5))
    assert finding.severity is Severity.WARNING


def test_a_logistic_regression_that_does_as_well_is_told() -> None:
    finding = fired(
        hidden_layers_all_linear,
        layers=perceptron(8, activation="linear"),
        logistic_auc=0.74,
        validation_auc_interval=about(0.73, 0.70, 0.76),
    )
    assert "The only hidden layer is linear" in finding.message
    assert "ranks as well (ROC AUC 0.740)" in finding.message


def test_an_activation_in_a_layer_of_its_own_passes() -> None:
    layers = (
        dense(8, "linear", 9),
        LayerFact("batch_normalization"),
        LayerFact("activation", activation="leaky_relu"),
        dense(1, "sigmoid", 8),
    )
    passed(hidden_layers_all_linear, layers=layers)


def test_no_hidden_layer_passes_and_unknown_ones_cannot_tell() -> None:
    passed(hidden_layers_all_linear, layers=perceptron())
    assert "not known" in not_applicable(hidden_layers_all_linear, layers=perceptron(8, activation=None))
    assert "only stacks" in not_applicable(
        hidden_layers_all_linear, layers=(dense(8, "linear", 9), LayerFact("lstm"), dense(1, "sigmoid"))
    )


@given(st.lists(st.integers(1, 20), max_size=6), st.integers(1, 30))
def test_parameters_are_those_of_the_matrices(units: list[int], inputs: int) -> None:
    stack = blocks(perceptron(*units, inputs=inputs))
    assert stack is not None
    widths = [inputs, *units, 1]
    matrices = [np.zeros((wide + 1, many)) for wide, many in pairwise(widths)]
    assert parameters(stack) == sum(one.size for one in matrices)


def test_a_normalisation_of_each_row_is_not_linear() -> None:
    layers = (dense(8, "linear", 9), LayerFact("layer_normalization"), dense(1, "sigmoid", 8))
    passed(hidden_layers_all_linear, layers=layers)


def test_inputs_that_the_network_scales_itself() -> None:
    layers = (LayerFact("normalization"), dense(8, "linear", 9), dense(1, "sigmoid", 8))
    assert "logistic regression" in fired(hidden_layers_all_linear, layers=layers).message


def test_without_a_sigmoid_it_is_a_linear_model() -> None:
    layers = (dense(8, "linear", 9), dense(1, "linear", 8))
    assert "no more than a linear model of 9" in fired(hidden_layers_all_linear, layers=layers).message
    logits = fired(hidden_layers_all_linear, layers=layers, from_logits=True)
    assert "no more than a logistic regression of 9" in logits.message
