"""Keras' names for files, where Keras has them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from steelyard.keras import models, saving


def test_keras_names() -> None:
    assert saving.load_model is models.load_model
    assert saving.save_model is models.save_model


def test_every_name_is_there() -> None:
    for name in dir(saving):
        assert getattr(saving, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'lode_model'"):
        saving.lode_model  # noqa: B018  # the access is what fails


def test_h5py_is_loaded_when_a_file_is() -> None:
    script = "import sys; from steelyard.keras import models, saving; sys.exit('h5py' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0
