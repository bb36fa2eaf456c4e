"""A model and the arguments of fit as a Recipe."""

from __future__ import annotations

from typing import Any

import pytest

from steelyard.errors import RecipeError, SteelyardWarning
from steelyard.keras import recipes
from steelyard.keras.layers import Activation, BatchNormalization, Dense, Dropout, LeakyReLU
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
