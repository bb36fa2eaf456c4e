"""The oracle: Keras on its torch backend."""

from tests.engine.conftest import keras as keras
from tests.engine.conftest import pytest_collection_modifyitems as pytest_collection_modifyitems
