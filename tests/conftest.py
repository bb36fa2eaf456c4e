"""What all tests share: the backend of Keras, one thread per worker, the real tables beside the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says more about what else the machine does than about the code.
settings.register_profile("steelyard", deadline=None)
settings.load_profile("steelyard")

# Before anything imports Keras, torch or a BLAS: the oracle runs on PyTorch, and the two workers of
# pytest-xdist share two cores. The engine does not read these; its threads are an argument.
os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def _folder_beside_the_project(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"needs {name} of the folder 'shared' beside the project, which is not part of it")
    return folder


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The root of the project."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real tables, one folder each; the test is skipped where they are not at hand."""
    return _folder_beside_the_project("data")


@pytest.fixture(scope="session")
def shared_logs() -> Path:
    """Real training logs of other frameworks; the test is skipped where they are not at hand."""
    return _folder_beside_the_project("logs")
