"""Weights as Keras 2 kept them, and Keras 3 still does in ``.h5``: one group per layer, in order.

A whole model in ``.h5`` has them in ``model_weights`` and its configurations as attributes of the root;
``save_weights("x.h5")`` of Keras 2 has them in the root. Names of layers and tensors are not looked at: as
in Keras, the n-th group with weights belongs to the n-th layer with weights.

Source: ``keras/src/legacy/saving/legacy_h5_format.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import h5py
import numpy as np

from steelyard.keras.layers import Layer
from steelyard.keras.saving import hdf5
from steelyard.keras.saving.refusal import Refused
from steelyard.keras.saving.shapes import Array, Tensors, tensor_shapes

MODEL_WEIGHTS = "model_weights"
MODEL_CONFIG = "model_config"
TRAINING_CONFIG = "training_config"
OPTIMIZER_WEIGHTS = "optimizer_weights"

_LONGEST_ATTRIBUTE = 64512
"""Bytes; HDF5 keeps attributes in a header of 64 KiB. Keras splits longer lists at the same length."""


def weights_group(root: h5py.Group) -> h5py.Group | None:
    """Where the groups of the layers lie; None if the file is not laid out this way."""
    if hdf5.has_attribute(root, _LAYER_NAMES) or hdf5.has_attribute(root, f"{_LAYER_NAMES}0"):
        return root
    return hdf5.group(root, MODEL_WEIGHTS) if hdf5.has(root, MODEL_WEIGHTS) else None


def input_width(weights: h5py.Group) -> int | None:
    """How many inputs the first layer with weights has; None if no layer has any."""
    for layer, tensors in _saved(weights):
        shape = hdf5.shape_of(weights, f"{layer}/{tensors[0]}")
        return shape[0] if shape else None
    return None


def read_tensors(weights: h5py.Group, layers: Sequence[Layer], width: int) -> Tensors:
    """The weights of every layer, each checked; all problems at once."""
    shapes = tensor_shapes(layers, width)
    with_weights = [number for number, tensors in enumerate(shapes) if tensors]
    saved = list(_saved(weights))
    if len(saved) != len(with_weights):
        raise Refused("K232", f"it has weights of {len(saved)} layers; the model has {len(with_weights)}")
    tensors: list[tuple[Array, ...]] = [()] * len(layers)
    problems: list[Refused] = []
    for number, (group, names) in zip(with_weights, saved, strict=True):
        try:
            if len(names) != len(shapes[number]):
                raise Refused(
                    "K232", f"{group} holds {len(names)} arrays; its layer has {len(shapes[number])}"
                )
            tensors[number] = tuple(
                hdf5.weight(weights, f"{group}/{name}", shape)
                for name, shape in zip(names, shapes[number].values(), strict=True)
            )
        except Refused as problem:
            problems.append(problem)
    if problems:
        raise Refused.gathered(*problems)
    return tuple(tensors)


def array_names(group: h5py.Group) -> list[str]:
    """The arrays of a group, in their order."""
    return hdf5.names(group, _WEIGHT_NAMES)


def write_tensors(
    weights: h5py.Group, name: str, layers: Sequence[Layer], tensors: Tensors, attributes: Mapping[str, str]
) -> None:
    """Writes the weights of a model called ``name``; ``attributes`` are the versions Keras notes there."""
    for key, value in attributes.items():
        weights.attrs[key] = value
    _set_names(weights, _LAYER_NAMES, [layer.name or "" for layer in layers])
    for layer, arrays in zip(layers, tensors, strict=True):
        group = weights.create_group(layer.name or "")
        names = layer.tensor_shapes(1) if arrays else {}
        paths = [f"{name}/{layer.name}/{tensor}" for tensor in names]
        _set_names(group, _WEIGHT_NAMES, paths)
        for path, array in zip(paths, arrays, strict=True):
            group[path] = array
    _set_names(weights.create_group("top_level_model_weights"), _WEIGHT_NAMES, [])


_LAYER_NAMES = "layer_names"
_WEIGHT_NAMES = "weight_names"


def _saved(weights: h5py.Group) -> Iterator[tuple[str, list[str]]]:
    """The groups that hold weights, and the names of their arrays."""
    for layer in hdf5.names(weights, _LAYER_NAMES):
        tensors = hdf5.names(hdf5.group(weights, layer), _WEIGHT_NAMES)
        if tensors:
            yield layer, tensors


def _set_names(group: h5py.Group, attribute: str, names: Sequence[str]) -> None:
    array = np.asarray([name.encode() for name in names])
    parts = 1
    while any(part.nbytes > _LONGEST_ATTRIBUTE for part in np.array_split(array, parts)):
        parts += 1
    if parts == 1:
        group.attrs[attribute] = array
    else:
        for number, part in enumerate(np.array_split(array, parts)):
            group.attrs[f"{attribute}{number}"] = part
