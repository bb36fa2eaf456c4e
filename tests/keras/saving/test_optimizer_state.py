"""What an optimizer remembers, in Keras' files and in the engine."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import h5py
import numpy as np
import pytest

from steelyard.errors import SteelyardWarning
from steelyard.keras import models
from steelyard.keras.optimizers import SGD, Adam
from steelyard.keras.saving import read_model
from steelyard.keras.saving.optimizer_state import fresh, optimizer_numbers, to_variables
from tests.keras.saving.files import archive, hdf5, small
from tests.keras.saving.test_compiling import OPTIMIZERS

random = np.random.default_rng(0)
X = random.normal(size=(32, 3)).astype(np.float32)
Y = (X[:, :1] > 0).astype(np.float32)


def trained(keras: ModuleType, optimizer: tuple[str, dict[str, Any]], steps: int) -> Any:
    """A Keras model after so many steps, each over all rows."""
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(4, "tanh"),
            keras.layers.BatchNormalization(scale=False),
            keras.layers.Dense(1, "sigmoid"),
        ]
    )
    kind, arguments = optimizer
    model.compile(getattr(keras.optimizers, kind)(**arguments), "binary_crossentropy")
    model.optimizer.build(model.trainable_variables)
    for _ in range(steps):
        model.train_on_batch(X, Y)
    return model


def variables(path: Path) -> list[Any]:
    """Those of the optimizer in a .keras file."""
    with zipfile.ZipFile(path) as members, h5py.File(io.BytesIO(members.read("model.weights.h5"))) as file:
        group = file["optimizer/vars"]
        return [np.asarray(group[str(number)]) for number in range(len(group))]


@pytest.mark.parametrize("steps", [0, 3])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: optimizer[0])
def test_the_state_is_read_as_it_was(
    keras: ModuleType, tmp_path: Path, optimizer: tuple[str, dict[str, Any]], steps: int
) -> None:
    path = tmp_path / "model.keras"
    trained(keras, optimizer, steps).save(path)
    saved = read_model(path)
    assert saved.compiled is not None and saved.optimizer is not None
    assert saved.optimizer.steps == steps
    for mine, theirs in zip(
        to_variables(saved.compiled.optimizer, saved.optimizer), variables(path), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6)
        assert mine.dtype == theirs.dtype
    assert optimizer_numbers(saved.compiled.optimizer, saved.layers, 3) == sum(
        v.size for v in variables(path)
    )
    if steps == 0:
        for slot, start in zip(
            saved.optimizer.slots, fresh(saved.compiled.optimizer, saved.layers, 3).slots, strict=True
        ):
            for mine, theirs in zip(slot, start, strict=True):
                np.testing.assert_allclose(mine, theirs, rtol=1e-6)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: optimizer[0])
def test_training_goes_on_where_keras_stopped(
    keras: ModuleType, tmp_path: Path, optimizer: tuple[str, dict[str, Any]]
) -> None:
    """Two more steps of the engine are two more steps of Keras."""
    path = tmp_path / "model.keras"
    theirs = trained(keras, optimizer, 3)
    theirs.save(path)
    mine = models.load_model(path)
    mine.fit(X, Y, batch_size=len(X), epochs=2, verbose=0)
    for _ in range(2):
        theirs.train_on_batch(X, Y)
    for kept, wanted in zip(mine.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(kept, wanted, atol=2e-5)
    mine.save(path)
    for kept, variable in zip(variables(path), theirs.optimizer.variables, strict=True):
        np.testing.assert_allclose(kept, variable.numpy(), rtol=2e-3, atol=2e-5)
    assert keras.models.load_model(path).optimizer.iterations == 5


def test_the_state_of_other_settings_is_not_read(tmp_path: Path) -> None:
    config = small() | {"compile_config": {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": []}}
    weights = {
        "layers/dense/vars/0": np.ones((2, 1), np.float32),
        "layers/dense/vars/1": np.zeros(1, np.float32),
        **{f"optimizer/vars/{number}": np.int32(number) for number in range(2)},
    }
    path = archive(tmp_path / "model.keras", config, hdf5(weights))
    assert read_model(path).optimizer is None, "two numbers are what an optimizer has before it is built"
    more = {f"optimizer/vars/{number}": np.zeros((2, 1), np.float32) for number in range(2, 4)}
    with pytest.warns(SteelyardWarning, match=r"K132: .*model.keras: .*its 4 arrays are not those of Adam"):
        assert read_model(archive(path, config, hdf5(weights | more))).optimizer is None
    more |= {f"optimizer/vars/{number}": np.zeros((7, 1), np.float32) for number in range(4, 6)}
    with pytest.warns(SteelyardWarning, match=r"K132: .*optimizer/vars/4 has shape"):
        assert read_model(archive(path, config, hdf5(weights | more))).optimizer is None


def test_numbers_of_an_optimizer_that_keeps_nothing() -> None:
    assert optimizer_numbers(SGD(), [], 3) == 2
    assert optimizer_numbers(Adam(), [], 3) == 2
