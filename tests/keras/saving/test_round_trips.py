"""Keras -> ours -> Keras -> ours: the same network, the same predictions, the same configuration."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from steelyard import keras as ours
from steelyard.keras import models
from tests.keras.saving.files import CLOSE, predicted, save
from tests.keras.saving.stacks import Stack, stacks

few = settings(
    max_examples=20,
    deadline=None,
    # tmp_path is one for all examples, which write the same names again.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def described(model: Any) -> list[tuple[str, Any]]:
    return [(type(layer).__name__, layer.get_config()) for layer in model.layers]


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@few
@given(stack=stacks())
def test_whole_models(keras: ModuleType, tmp_path: Path, stack: Stack, ending: str) -> None:
    first, second = tmp_path / f"first{ending}", tmp_path / f"second{ending}"
    theirs = stack.build(keras)
    expected = predicted(theirs, stack.x)

    save(theirs, first)
    mine = models.load_model(first)
    np.testing.assert_allclose(mine.predict(stack.x, verbose=0), expected, atol=CLOSE, rtol=0)

    mine.save(second)
    again = keras.models.load_model(second)
    np.testing.assert_allclose(predicted(again, stack.x), expected, atol=CLOSE, rtol=0)
    assert described(again) == described(theirs)
    assert [tuple(w.shape) for w in again.weights] == [tuple(w.shape) for w in theirs.weights]

    save(again, first)
    last = models.load_model(first)
    assert described(last) == described(mine)
    for kept, original in zip(last.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, original)


@few
@given(stack=stacks())
def test_architectures_as_json(keras: ModuleType, stack: Stack) -> None:
    theirs = stack.build(keras)
    mine = models.model_from_json(theirs.to_json())
    again = keras.models.model_from_json(mine.to_json())
    assert described(again) == described(theirs)
    assert again.input_shape == theirs.input_shape
    assert json.loads(again.to_json())["config"]["layers"] == json.loads(theirs.to_json())["config"]["layers"]


@few
@given(stack=stacks())
def test_weights_alone(keras: ModuleType, tmp_path: Path, stack: Stack) -> None:
    theirs, mine = stack.build(keras), stack.build(ours)
    originals = theirs.get_weights()

    theirs.save_weights(tmp_path / "theirs.weights.h5")
    mine.set_weights([np.zeros_like(w) for w in mine.get_weights()])
    mine.load_weights(tmp_path / "theirs.weights.h5")
    for name in ("mine.weights.h5", "mine.h5"):
        mine.save_weights(tmp_path / name)
        theirs.set_weights([np.zeros_like(w) for w in originals])
        theirs.load_weights(tmp_path / name)
        for kept, original in zip(theirs.get_weights(), originals, strict=True):
            np.testing.assert_array_equal(kept, original)


def test_weights_of_a_whole_model(keras: ModuleType, tmp_path: Path) -> None:
    """load_weights takes a whole model too, as in Keras."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    for name in ("whole.keras", "whole.h5"):
        save(model, tmp_path / name)
        mine = ours.Sequential([ours.Input((3,)), ours.layers.Dense(1)])
        mine.load_weights(tmp_path / name)
        np.testing.assert_array_equal(mine.get_weights()[0], model.get_weights()[0])


def test_a_model_that_was_not_built(keras: ModuleType, tmp_path: Path) -> None:
    """The width of the input is not known; weights are made when it is."""
    path = tmp_path / "unbuilt.keras"
    with pytest.warns(UserWarning, match="not yet been built"):
        keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(1)]).save(path)
    mine = models.load_model(path)
    assert not mine.built
    mine.save(path)
    assert not keras.models.load_model(path).built
    mine.build((None, 4))
    mine.save(path)
    assert keras.models.load_model(path).input_shape == (None, 4)


def test_the_width_follows_from_the_weights(keras: ModuleType, tmp_path: Path) -> None:
    """Keras builds a model at its first call; the configuration then has no input layer in Keras 2."""
    path = tmp_path / "weights.keras"
    model = keras.Sequential([keras.layers.BatchNormalization(), keras.layers.Dense(1)])
    model(np.zeros((2, 5), np.float32))
    model.save(path)
    assert models.load_model(path).input_shape == (None, 5)
