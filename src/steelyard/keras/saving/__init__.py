"""Models as files: Keras' ``.keras``, ``.h5``, ``.weights.h5`` and JSON, read and written without Keras.

Reading and writing speak of :class:`SavedModel`, a record; Keras' own names (``load_model``, ``save_model``)
are loaded from :mod:`steelyard.keras.models` when they are used, as are those here that need h5py.
"""

from typing import TYPE_CHECKING

from steelyard.lazily import loaded

if TYPE_CHECKING:
    from steelyard.keras.saving.optimizer_state import OptimizerState as OptimizerState
    from steelyard.keras.saving.optimizer_state import optimizer_numbers as optimizer_numbers
    from steelyard.keras.saving.reading import read_architecture as read_architecture
    from steelyard.keras.saving.reading import read_json as read_json
    from steelyard.keras.saving.reading import read_model as read_model
    from steelyard.keras.saving.reading import read_weights as read_weights
    from steelyard.keras.saving.record import Compiled as Compiled
    from steelyard.keras.saving.record import SavedModel as SavedModel
    from steelyard.keras.saving.writing import to_json as to_json
    from steelyard.keras.saving.writing import write_model as write_model
    from steelyard.keras.saving.writing import write_weights as write_weights

_HOMES = {
    "Compiled": "saving.record",
    "OptimizerState": "saving.optimizer_state",
    "SavedModel": "saving.record",
    "load_model": "models",
    "optimizer_numbers": "saving.optimizer_state",
    "read_architecture": "saving.reading",
    "read_json": "saving.reading",
    "read_model": "saving.reading",
    "read_weights": "saving.reading",
    "save_model": "models",
    "to_json": "saving.writing",
    "write_model": "saving.writing",
    "write_weights": "saving.writing",
}
"""The module of each name, within :mod:`steelyard.keras`."""

# Type checkers must not see this function: to them it would make every misspelt name an attribute.
if not TYPE_CHECKING:

    def __getattr__(name):
        return loaded(__name__, _HOMES, name, within="steelyard.keras")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
