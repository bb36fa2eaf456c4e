"""What is kept of a model beside what Keras has words for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from steelyard import keras
from steelyard.errors import DataError
from steelyard.keras import models
from steelyard.keras.saving.own import KEY, own_part
from tests.keras.saving import files


def test_a_model_that_keras_has_words_for_has_no_such_part(tmp_path: Path) -> None:
    model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid", input_dim=2)])
    model.compile("adam", "binary_crossentropy")
    assert own_part(model.saved()) == {}
    model.threshold = 0.25
    assert own_part(model.saved()) == {"threshold": 0.25}
    model.save(tmp_path / "model.keras")
    assert KEY not in json.loads(model.to_json()), "an architecture has no threshold"


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (3, "'steelyard' in it is no object"),
        ({"threshold": "0.5"}, "its threshold is '0.5', not a number"),
        ({"threshold": True}, "its threshold is True, not a number"),
        ({"threshold": float("nan")}, "its threshold is nan, which decides nothing"),
    ],
)
def test_a_part_that_makes_no_sense_is_refused(tmp_path: Path, part: Any, message: str) -> None:
    archive = files.archive(tmp_path / "model.keras", {**files.small(), KEY: part})
    tensors = {"dense": {"kernel": np.ones((2, 1), np.float32), "bias": np.zeros(1, np.float32)}}
    legacy = files.legacy(tmp_path / "model.h5", files.small(), tensors, **{KEY: part})
    for path in (archive, legacy):
        with pytest.raises(DataError, match=f"K230.*{path.name}.*{message}"):
            models.load_model(path)


def test_further_keys_are_left_alone(tmp_path: Path) -> None:
    """A later version may keep more."""
    path = files.archive(tmp_path / "model.keras", {**files.small(), KEY: {"threshold": 1, "more": []}})
    assert models.load_model(path).threshold == 1.0
