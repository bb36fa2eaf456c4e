"""The layers that the short form of a network stands for."""

from __future__ import annotations

from hypothesis import given, settings

from steelyard.recipe.network import BatchNormalization, Dense, Dropout, MultilayerPerceptron, Stack
from tests.recipe.strategies import PERCEPTRON


def test_the_default_perceptron() -> None:
    kinds = [layer.layer for layer in MultilayerPerceptron().stack()]
    assert kinds == ["dense", "dropout", "dense", "dropout", "dense"]


def test_normalization_stands_between_product_and_activation() -> None:
    network = MultilayerPerceptron(
        hidden_units=(5,), batch_normalization=True, dropout=0.2, activation="silu"
    )
    product, normalization, activation, dropout, logit = network.stack()
    assert isinstance(product, Dense)
    assert (product.units, product.activation) == (5, "linear")
    assert isinstance(normalization, BatchNormalization)
    assert activation.layer == "activation"
    assert activation.activation == "silu"
    assert isinstance(dropout, Dropout)
    assert isinstance(logit, Dense)
    assert (logit.units, logit.activation, logit.bias_initializer.name) == (1, "linear", "log_odds")


def test_no_hidden_units_make_a_logistic_regression() -> None:
    assert [layer.layer for layer in MultilayerPerceptron(hidden_units=()).stack()] == ["dense"]


@given(PERCEPTRON)
@settings(max_examples=60, deadline=None)
def test_every_perceptron_is_a_stack(network: MultilayerPerceptron) -> None:
    layers = network.stack()
    assert Stack(layers=layers).stack() == layers, "the long form accepts what the short form stands for"
    dense = [layer for layer in layers if isinstance(layer, Dense)]
    assert [layer.units for layer in dense] == [*network.hidden_units, 1]
    assert all((layer.l1, layer.l2) == (network.l1, network.l2) for layer in dense[:-1])
    dropouts = [layer.rate for layer in layers if isinstance(layer, Dropout)]
    hidden = [network.dropout] * len(network.hidden_units) if network.dropout else []
    assert dropouts == ([network.input_dropout] if network.input_dropout else []) + hidden
