"""Keras' names and signatures over Steelyard's engine.

Change the import lines of a Keras program and keep the rest::

    from steelyard.keras.models import Sequential       # from keras.models import Sequential
    from steelyard.keras.layers import Dense, Dropout   # from keras.layers import Dense, Dropout

A model is translated to a :class:`~steelyard.recipe.recipe.Recipe` and trained by the engine. What Keras
keeps quiet about is an error or a warning with a code: ``docs/keras.md`` has them all, and what differs.
Names are loaded when they are first used.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from steelyard.keras import activations as activations
    from steelyard.keras import backend as backend
    from steelyard.keras import callbacks as callbacks
    from steelyard.keras import initializers as initializers
    from steelyard.keras import layers as layers
    from steelyard.keras import losses as losses
    from steelyard.keras import metrics as metrics
    from steelyard.keras import models as models
    from steelyard.keras import optimizers as optimizers
    from steelyard.keras import regularizers as regularizers
    from steelyard.keras import saving as saving
    from steelyard.keras import utils as utils
    from steelyard.keras.history import History as History
    from steelyard.keras.layers import Input as Input
    from steelyard.keras.layers import InputLayer as InputLayer
    from steelyard.keras.models import Sequential as Sequential
    from steelyard.keras.models import load_model as load_model
    from steelyard.keras.scan import Scan as Scan

_MODULES = (
    "activations",
    "backend",
    "callbacks",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "regularizers",
    "saving",
    "utils",
)
_HOMES = {
    "History": "history",
    "Input": "layers",
    "InputLayer": "layers",
    "Scan": "scan",
    "Sequential": "models",
    "load_model": "models",
}
"""The module of each name. A test keeps this and the imports for type checkers in step."""

__all__ = sorted([*_HOMES, *_MODULES])

# Type checkers must not see this function: to them it would make every misspelt name an attribute.
if not TYPE_CHECKING:

    def __getattr__(name):
        from importlib import import_module

        if name in _MODULES:
            return import_module(f"steelyard.keras.{name}")
        if name in _HOMES:
            value = getattr(import_module(f"steelyard.keras.{_HOMES[name]}"), name)
            globals()[name] = value
            return value
        raise AttributeError(f"module 'steelyard.keras' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
