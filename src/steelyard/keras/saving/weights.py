"""Weights as Keras 3 keeps them: ``layers/<class>[_<n>]/vars/<i>``, in ``.weights.h5`` and inside ``.keras``.

Source: ``_save_state`` and ``H5IOStore`` in ``keras/src/saving/saving_lib.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

import h5py
import numpy as np
from numpy.typing import NDArray

from steelyard.keras.layers import Layer
from steelyard.keras.saving import hdf5
from steelyard.keras.saving.refusal import Refused
from steelyard.keras.saving.shapes import Array, Tensors, folder_names, tensor_shapes

_FOLDERS = ("layers", "_layer_checkpoint_dependencies")
"""Where the layers lie: in Keras 3, and in the ``.keras`` files of Keras 2.12 to 2.15."""


def is_keras3(root: h5py.Group) -> bool:
    """Whether the file is laid out this way."""
    return any(hdf5.has(root, folder) for folder in _FOLDERS)


def input_width(root: h5py.Group, layers: Sequence[Layer]) -> int | None:
    """How many inputs the first layer with weights has; None if the model was saved without any."""
    for layer, place in zip(layers, _places(root, layers), strict=True):
        if layer.tensor_shapes(1):
            if not hdf5.has(root, f"{place}/0"):
                return None
            shape = hdf5.shape_of(root, f"{place}/0")
            return shape[0] if shape else None
    return None


def read_tensors(root: h5py.Group, layers: Sequence[Layer], width: int) -> Tensors:
    """The weights of every layer, each checked; all problems at once."""
    problems: list[Refused] = []
    tensors: list[tuple[Array, ...]] = []
    for shapes, place in zip(tensor_shapes(layers, width), _places(root, layers), strict=True):
        try:
            _count(root, place, len(shapes))
            tensors.append(
                tuple(
                    hdf5.weight(root, f"{place}/{number}", shape)
                    for number, shape in enumerate(shapes.values())
                )
            )
        except Refused as problem:
            problems.append(problem)
    if problems:
        raise Refused.gathered(*problems)
    return tuple(tensors)


def write_tensors(
    root: h5py.Group,
    name: str,
    layers: Sequence[Layer],
    tensors: Tensors,
    optimizer: tuple[str, Sequence[NDArray[np.generic]]] | None,
) -> None:
    """Writes a model's weights and, where there is one, the optimizer's name and variables."""
    for layer, folder, arrays in zip(layers, folder_names(layers), tensors, strict=True):
        _write(root, f"{_FOLDERS[0]}/{folder}", layer.name or folder, arrays)
    if optimizer is not None:
        _write(root, "optimizer", *optimizer)
    root.create_group("vars").attrs["name"] = name


def _write(root: h5py.Group, path: str, name: str, arrays: Sequence[NDArray[np.generic]]) -> None:
    group = root.create_group(f"{path}/vars")
    group.attrs["name"] = name
    for number, array in enumerate(arrays):
        group[str(number)] = array


def _places(root: h5py.Group, layers: Sequence[Layer]) -> list[str]:
    top = next((folder for folder in _FOLDERS if hdf5.has(root, folder)), _FOLDERS[0])
    return [f"{top}/{folder}/vars" for folder in folder_names(layers)]


def _count(root: h5py.Group, place: str, wanted: int) -> None:
    """A file of a deeper or wider model must not pass for one of this."""
    found = len(hdf5.members(hdf5.group(root, place))) if hdf5.has(root, place) else 0
    if found != wanted:
        raise Refused("K232", f"{place} holds {found} arrays; its layer has {wanted}")
