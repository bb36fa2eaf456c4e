"""A network as its dense layers."""

from __future__ import annotations

from steelyard.diagnosis.blocks import blocks, output, parameters
from steelyard.log import LayerFact
from tests.diagnosis.networks import dense, dropout, normalization, of_the_question


def test_what_follows_a_dense_layer_belongs_to_it() -> None:
    relu = LayerFact("activation", activation="relu")
    stack = blocks((dense(8, "linear", 9), normalization(), relu, dropout(0.3), dense(1, "sigmoid", 8)))
    assert stack is not None
    first, last = stack
    assert (first.activation, first.dropout, first.normalized) == ("relu", (0.3,), True)
    assert (last.activation, last.dropout, last.normalized) == ("sigmoid", (), False)


def test_an_own_activation_is_kept() -> None:
    stack = blocks((dense(8, "tanh", 9), LayerFact("activation", activation="linear")))
    assert stack is not None
    assert stack[0].activation == "tanh"


def test_other_networks_are_none() -> None:
    assert blocks((LayerFact("lstm", 8), dense(1))) is None
    assert blocks((dropout(0.5),)) is None


def test_the_output_of_other_networks_is_known() -> None:
    lstm, softmax = LayerFact("lstm"), LayerFact("activation", activation="softmax")
    last = output((lstm, dense(1, "linear", 8), softmax))
    assert last is not None
    assert (last.units, last.activation) == (1, "softmax")
    assert output((lstm,)) is None
    assert output((dense(1), LayerFact("my_layer"))) is None


def test_the_question() -> None:
    stack = blocks(of_the_question())
    assert stack is not None
    assert len(stack) == 12
    assert parameters(stack) == 70 + 10 * 56 + 8


def test_unknown_widths_have_no_number_of_parameters() -> None:
    stack = blocks((dense(8), dense(1)))
    assert stack is not None
    assert parameters(stack) is None
