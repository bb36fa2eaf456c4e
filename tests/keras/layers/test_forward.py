"""Networks of our layers give what Keras' networks of the same configuration and weights give."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from steelyard.keras import Sequential, activations, layers
from steelyard.keras.layers import Layer

COLUMNS = 6


def stacks() -> list[list[Layer]]:
    hidden: list[list[Layer]] = [
        *([layers.Dense(5, activation=name)] for name in sorted(activations.FUNCTIONS)),
        [layers.Dense(5, activation=layers.LeakyReLU(0.4), use_bias=False)],
        [layers.Dense(5), layers.LeakyReLU()],
        [layers.Dense(5), layers.ReLU(negative_slope=0.25)],
        [layers.Dense(5), layers.ELU()],
        [layers.Dense(5), layers.Activation("leaky_relu"), layers.Dropout(0.5)],
        [
            layers.Flatten(),
            layers.BatchNormalization(epsilon=0.125),
            layers.Dense(5, "selu"),
            layers.Identity(),
        ],
        [layers.Dense(5), layers.BatchNormalization(center=False), layers.Activation("tanh")],
        [layers.Dense(5), layers.BatchNormalization(scale=False)],
    ]
    return [[layers.Input((COLUMNS,)), *stack, layers.Dense(1, activation="sigmoid")] for stack in hidden]


@pytest.mark.parametrize("stack", stacks(), ids=lambda stack: "-".join(map(repr, stack)))
def test_predictions_are_those_of_keras(keras: ModuleType, stack: list[Layer]) -> None:
    generator = np.random.default_rng(8)
    ours = Sequential(stack)
    theirs = keras.Sequential([keras.layers.deserialize(layers.serialize(layer)) for layer in stack])
    weights = [
        np.abs(generator.normal(size=tensor.shape)).astype(np.float32) + 0.5
        if variable.name == "moving_variance"
        else generator.normal(size=tensor.shape).astype(np.float32)
        for layer in ours.layers
        for variable, tensor in zip(layer.weights, layer.get_weights(), strict=True)
    ]
    ours.set_weights(weights)
    names = [variable.name for layer in theirs.layers for variable in layer.weights]
    theirs.set_weights(weights if "seed_generator_state" not in names else with_seeds(theirs, weights))
    rows = generator.normal(scale=2, size=(50, COLUMNS)).astype(np.float32)
    expected = theirs.predict(rows, verbose=0)
    found = ours.predict(rows, verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.ptp(expected) > 0.1, "the network says the same of every row, which shows nothing"


def with_seeds(model: object, weights: list[np.ndarray]) -> list[np.ndarray]:
    """Keras counts the state of dropout's generator among the weights."""
    rest = iter(weights)
    return [
        each.numpy() if each.name == "seed_generator_state" else next(rest)
        for layer in model.layers  # type: ignore[attr-defined]  # a model of Keras
        for each in layer.weights
    ]
