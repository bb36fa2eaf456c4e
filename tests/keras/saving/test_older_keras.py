"""What is written is read by every Keras 3 from 3.4 on, which refuses settings that it does not know."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from steelyard import keras
from steelyard.export import to_keras
from steelyard.keras.saving.writing import write_model
from tests.export.models import mixed_table, random_model

AFTER_3_4 = {
    *("quantization_config", "input_axes", "output_axes", "optional"),
    *("renorm", "renorm_clipping", "renorm_momentum"),
}
"""keras 3.4.1, ``get_config`` and ``__init__`` of Dense, InputLayer, BatchNormalization and the initializers,
compared with 3.15.1."""


def keys(form: Any) -> Iterator[str]:
    for inner in form.values() if isinstance(form, dict) else form if isinstance(form, list) else ():
        yield from keys(inner)
    if isinstance(form, dict):
        yield from form


@pytest.fixture
def model() -> keras.Sequential:
    """A layer of every kind, compiled with what takes arguments."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(4, kernel_initializer="he_normal", kernel_regularizer="l2"),
            layers.BatchNormalization(renorm_momentum=0.5),
            *(layers.LeakyReLU(), layers.ReLU(), layers.ELU(), layers.Activation("tanh")),
            *(layers.Dropout(0.1), layers.Flatten(), layers.Identity()),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    optimizer = keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True)
    model.compile(optimizer, keras.losses.BinaryFocalCrossentropy(), metrics=["AUC", "Precision"])
    model.fit(np.eye(3), np.array([0, 1, 0]), verbose=0)
    return model


def test_the_settings_that_are_left_out_exist(model: keras.Sequential) -> None:
    """Or there would be nothing to test: layers know them, as those of Keras 3.15 do."""
    assert {key for layer in model.layers for key in keys(layer.get_config())} & AFTER_3_4


def test_files_do_without_later_settings(model: keras.Sequential, tmp_path: Path) -> None:
    write_model(model.saved(), tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        archived = json.loads(archive.read("config.json"))
    write_model(model.saved(), tmp_path / "model.h5")
    with h5py.File(tmp_path / "model.h5") as file:
        kept = [json.loads(file.attrs[name]) for name in ("model_config", "training_config")]
    exported = tmp_path / "exported.keras"
    exported.write_bytes(to_keras(random_model(mixed_table(tmp_path), networks=2)))
    with zipfile.ZipFile(exported) as archive:
        kept.append(json.loads(archive.read("config.json")))
    for form in (archived, json.loads(model.to_json()), *kept):
        assert not AFTER_3_4 & set(keys(form))
        assert "units" in keys(form) or "optimizer_config" in keys(form)
