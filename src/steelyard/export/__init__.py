"""Models in forms that need no Steelyard: ONNX with its preprocessing, one Python file, Keras.

Each name is loaded when it is used, and with it what its format needs.
"""

from typing import TYPE_CHECKING

from steelyard.lazily import loaded

if TYPE_CHECKING:
    from steelyard.export.keras_file import to_keras as to_keras
    from steelyard.export.numpy_source import to_numpy_source as to_numpy_source
    from steelyard.export.onnx_model import to_onnx as to_onnx

_HOMES = {"to_keras": "keras_file", "to_numpy_source": "numpy_source", "to_onnx": "onnx_model"}
"""The module of each name, within this package."""

__all__ = sorted(_HOMES)

# Type checkers must not see this function: to them it would make every misspelt name an attribute.
if not TYPE_CHECKING:

    def __getattr__(name):
        return loaded(__name__, _HOMES, name)
