"""Keras on its torch backend, imported once: the backend must be chosen before the import."""

from __future__ import annotations

import importlib
import os
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def keras() -> ModuleType:
    os.environ["KERAS_BACKEND"] = "torch"
    module = importlib.import_module("keras")
    assert module.backend.backend() == "torch", "something imported keras with another backend first"
    importlib.import_module("torch").set_num_threads(1)
    return module


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Torch tensors given to numpy by Keras itself warn under NumPy 2; neither is ours to mend."""
    ignore = pytest.mark.filterwarnings(
        "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
    )
    for item in items:
        if "keras" in getattr(item, "fixturenames", ()):
            item.add_marker(ignore)
