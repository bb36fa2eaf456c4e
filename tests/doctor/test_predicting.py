"""Predicting in the midst of a training: what the network says becomes probabilities, and nothing changes."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from steelyard.doctor.predicting import predicted
from steelyard.errors import DataError
from steelyard.log import Facts, LayerFact

Y = np.array([0, 1, 0, 1])


class Keras2:
    """As a model of Keras 2: ``predict`` draws random numbers and puts an empty history in the place of the
    one that ``fit`` fills and returns."""

    def __init__(self, output: Any) -> None:
        self.output = np.asarray(output)
        self.history: object = "of fit"

    def predict(self, x: Any, batch_size: int, verbose: int) -> Any:
        self.history = "of predict"
        random.random()
        np.random.random()
        if self.output.size == 0:
            raise ValueError("the inputs do not fit")
        return self.output


def linear(**facts: Any) -> Facts:
    return Facts(layers=(LayerFact("dense", 1, activation="linear"),), **facts)


@pytest.mark.parametrize("output", [[[0.1], [0.9], [0.2], [0.8]], []], ids=["it predicts", "it fails"])
def test_nothing_changes(output: Any) -> None:
    model = Keras2(output)
    before = random.getstate(), np.random.get_state(legacy=False)["state"]["key"].tolist()
    if output:
        predicted(model, (None, Y), Facts())
    else:
        with pytest.raises(ValueError, match="do not fit"):
            predicted(model, (None, Y), Facts())
    assert model.history == "of fit"
    assert (random.getstate(), np.random.get_state(legacy=False)["state"]["key"].tolist()) == before


@pytest.mark.parametrize(
    ("facts", "logits"),
    [
        (linear(loss="binary_crossentropy", from_logits=True), True),
        (linear(), True),
        (linear(loss="my_loss"), True),
        (linear(loss="binary_crossentropy", from_logits=False), False),
        (linear(loss="mse"), False),
        (Facts(), False),
        (Facts(layers=()), False),
    ],
)
def test_what_is_taken_for_logits(facts: Facts, logits: bool) -> None:
    found = predicted(Keras2([[0.0], [1.0], [0.25], [0.5]]), (None, Y), facts).probability
    plain = np.array([0.0, 1.0, 0.25, 0.5])
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-plain)) if logits else plain)


def test_a_number_beyond_0_and_1_is_no_probability() -> None:
    with pytest.raises(DataError, match=r"between 0 and 1; found -0\.2 to 1\.1"):
        predicted(Keras2([[-0.2], [1.1], [0.3], [0.4]]), (None, Y), linear(loss="mse"))
