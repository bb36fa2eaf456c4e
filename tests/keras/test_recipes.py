"""A model and the arguments of fit as a Recipe."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from steelyard.errors import RecipeError, SteelyardWarning
from steelyard.keras import recipes
from steelyard.keras.layers import Activation, BatchNormalization, Dense, Dropout, LeakyReLU
from steelyard.recipe.imbalance import ClassWeight
from steelyard.recipe.network import Dense as RecipeDense


@pytest.mark.parametrize(
    "ending",
    [
        [Dense(1, activation="sigmoid")],
        [Dense(1), Activation("sigmoid")],
        [Dense(1, activation="sigmoid"), Activation("linear")][:1],
    ],
)
def test_the_sigmoid_at_the_end_belongs_to_the_loss(ending: list[Any]) -> None:
    layers = [Dense(3, activation="relu"), Dropout(0.5), *ending]
    assert recipes.ends_in_sigmoid(layers)
    last = recipes.stack_of(layers).layers[-1]
    assert isinstance(last, RecipeDense)
    assert (last.units, last.activation) == (1, "linear")
    assert len(recipes.stack_of(layers).layers) == 3
    recipes.check_ending(layers, from_logits=False)
    with pytest.raises(RecipeError, match=r"K255.*the sigmoid would be applied twice"):
        recipes.check_ending(layers, from_logits=True)


def test_a_logit_at_the_end() -> None:
    layers = [Dense(3, activation="relu"), Dense(1)]
    assert not recipes.ends_in_sigmoid(layers)
    recipes.check_ending(layers, from_logits=True)
    with pytest.raises(RecipeError, match=r"K255: the model ends in Dense\(units=1, activation='linear'\)"):
        recipes.check_ending(layers, from_logits=False)


@pytest.mark.parametrize(
    "layers",
    [
        [],
        [Dense(2, activation="sigmoid")],
        [Dense(1, activation="relu")],
        [Dense(1, activation="sigmoid"), Dropout(0.1)],
        [Dense(1), BatchNormalization(), Activation("sigmoid")],
        [Dense(1, activation="tanh"), Activation("sigmoid")],
    ],
    ids=["nothing", "two units", "relu", "dropout", "normalised", "two activations"],
)
def test_other_endings_are_refused(layers: list[Any]) -> None:
    with pytest.raises(RecipeError, match="K255"):
        recipes.stack_of(layers)


def test_linear_stacks_are_told_of() -> None:
    with pytest.warns(SteelyardWarning, match="K104: all 3 dense layers are linear"):
        recipes.warn_if_linear(recipes.stack_of([Dense(7), Dropout(0.2), Dense(7), Dense(1, "sigmoid")]))
    for hidden in ([Dense(7, "relu")], [Dense(7), LeakyReLU()], []):
        recipes.warn_if_linear(recipes.stack_of([*hidden, Dense(1, "sigmoid")]))


def test_class_weights() -> None:
    assert recipes.imbalance_of(None).class_weight == "none"
    assert recipes.imbalance_of({0: 0.5, np.int64(1): 9}).class_weight == ClassWeight(
        negative=0.5, positive=9.0
    )
    assert recipes.imbalance_of({0.0: 1, 1.0: 2}).class_weight == ClassWeight(negative=1.0, positive=2.0)


@pytest.mark.parametrize("given", [np.array([0.5, 9.0]), [0.5, 9.0], (0.5, 9)])
def test_an_array_is_read_in_the_order_of_the_classes(given: Any) -> None:
    with pytest.warns(SteelyardWarning, match=r"K101: class_weight is an array.*\{0: 0\.5, 1: 9\}.*Keras 2"):
        imbalance = recipes.imbalance_of(given)
    assert imbalance.class_weight == ClassWeight(negative=0.5, positive=9.0)


def test_a_missing_class_weighs_1() -> None:
    with pytest.warns(
        SteelyardWarning, match=r"K102: class_weight names class 1 only \(9\); class 0 weighs 1"
    ):
        imbalance = recipes.imbalance_of({1: 9})
    assert imbalance.class_weight == ClassWeight(negative=1.0, positive=9.0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"0": 1, "1": 9}, "the keys '0', '1'; the classes are 0 and 1"),
        ({0: 1, 2: 9}, "the keys 0, 2"),
        ({}, "the keys of no class"),
        ({0: 1, 1: -1}, r"class_weight\[1\] is -1; needs a number above 0"),
        ({0: 1, 1: float("nan")}, r"class_weight\[1\] is nan"),
        ({0: "1", 1: 2}, r"class_weight\[0\] is '1'"),
        ([1.0, 2.0, 3.0], r"a list of shape \(3,\)"),
        ("balanced", r"a str of shape \(\)"),
    ],
)
def test_class_weights_that_cannot_be_used(given: Any, message: str) -> None:
    with pytest.raises(RecipeError, match=f"K254.*{message}"):
        recipes.imbalance_of(given)
