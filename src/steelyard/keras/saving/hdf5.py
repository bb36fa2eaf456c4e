"""HDF5 from elsewhere, read with suspicion: no links, nothing outside the file, no size nobody asked for.

What the HDF5 library does is beyond this: on a damaged heap of texts its version 2.0.0 may never return.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from steelyard.keras.saving.refusal import Refused
from steelyard.keras.saving.shapes import Array

_DAMAGE = (OSError, RuntimeError, KeyError, ValueError, TypeError, MemoryError)
"""What h5py raises when the library below finds bytes that make no sense."""

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_SMALL = 64 * 2**20
_MOST_EXPANSION = 1000
"""A dataset that declares more than ``_SMALL`` bytes must store at least a thousandth of them, as Keras
asks of those above 4 GiB (``safe_get_h5_dataset`` in ``keras/src/saving/saving_lib.py``)."""


def is_hdf5(head: bytes) -> bool:
    """Whether a file that begins like this is HDF5."""
    return head.startswith(_SIGNATURE)


@contextmanager
def opened(source: Path | io.BytesIO) -> Iterator[h5py.File]:
    """The file, for reading; :class:`Refused` if it is damaged."""
    with _reading("the HDF5 file"):
        file = h5py.File(source, "r")
    with file:
        yield file


def group(parent: h5py.Group, path: str) -> h5py.Group:
    """The group at ``path`` below ``parent``, which must lie in this file."""
    here = parent
    for step in path.split("/"):
        found = _child(here, step)
        if not isinstance(found, h5py.Group):
            raise Refused("K230", f"{_place(here, step)} is not a group")
        here = found
    return here


def has(parent: h5py.Group, path: str) -> bool:
    """Whether there is something at ``path``, without following any link."""
    here: object = parent
    for step in path.split("/"):
        if not isinstance(here, h5py.Group):
            return False
        with _reading(_place(here, step)):
            if here.get(step, getlink=True) is None:
                return False
        here = _child(here, step)
    return True


def members(parent: h5py.Group) -> list[str]:
    """Names of what a group holds."""
    with _reading(_place(parent)):
        return list(parent.keys())


def weight(parent: h5py.Group, path: str, shape: tuple[int, ...]) -> Array:
    """The numbers at ``path`` as float32, which must be finite and of this shape.

    The shape is compared before anything is read, so a file cannot ask for more memory than its
    layers do.
    """
    place = _place(parent, path)
    dataset = _dataset(parent, path)
    with _reading(place):
        if dataset.shape != shape:
            raise Refused("K232", f"{place} has shape {dataset.shape}; its layer needs {shape}")
        if dataset.dtype.kind != "f":
            raise Refused("K232", f"{place} holds {dataset.dtype}, not floating-point numbers")
        with np.errstate(over="ignore"):  # a float64 beyond float32 becomes infinite, and is told below
            tensor = np.ascontiguousarray(dataset[()], dtype=np.float32).reshape(shape)
    wrong = int(np.count_nonzero(~np.isfinite(tensor)))
    if wrong:
        raise Refused("K232", f"{place} has {wrong} of {tensor.size} numbers that are not finite")
    return tensor


def count(parent: h5py.Group, path: str) -> int:
    """A single whole number, at least 0."""
    place = _place(parent, path)
    dataset = _dataset(parent, path)
    with _reading(place):
        if dataset.shape != () or dataset.dtype.kind not in "iu":
            raise Refused("K232", f"{place} is not a single whole number")
        number = int(dataset[()])
    if not 0 <= number < 2**62:
        raise Refused("K232", f"{place} is {number}, which is no count")
    return number


def shape_of(parent: h5py.Group, path: str) -> tuple[int, ...]:
    """The shape a dataset declares."""
    dataset = _dataset(parent, path)
    with _reading(_place(parent, path)):
        return tuple(dataset.shape or ())


def names(parent: h5py.Group, attribute: str) -> list[str]:
    """A list of names kept as an attribute, or as ``attribute0``, ``attribute1``, ... if it was long.

    Keras splits lists above 64 KiB so (``save_attributes_to_hdf5_group`` in
    ``keras/src/legacy/saving/legacy_h5_format.py``).
    """
    if has_attribute(parent, attribute):
        return _names(parent, attribute)
    found: list[str] = []
    number = 0
    while has_attribute(parent, f"{attribute}{number}"):
        found += _names(parent, f"{attribute}{number}")
        number += 1
    return found


def text(parent: h5py.Group, attribute: str) -> str | None:
    """An attribute that holds text; None if there is none of that name."""
    if not has_attribute(parent, attribute):
        return None
    with _reading(f"attribute {attribute!r}"):
        value = _attribute(parent, attribute)
        return value.decode() if isinstance(value, bytes) else str(value)


def has_attribute(parent: h5py.Group, attribute: str) -> bool:
    """Whether there is an attribute of that name."""
    with _reading(f"attribute {attribute!r} of {_place(parent)}"):
        return attribute in parent.attrs


def _names(parent: h5py.Group, attribute: str) -> list[str]:
    with _reading(f"attribute {attribute!r} of {_place(parent)}"):
        values = np.atleast_1d(_attribute(parent, attribute)).tolist()
        return [value.decode() if isinstance(value, bytes) else str(value) for value in values]


def _attribute(parent: h5py.Group, attribute: str) -> Any:
    """Its value; h5py would make as many objects as a damaged header says there are."""
    kept = parent.attrs.get_id(attribute)
    size = math.prod(kept.shape) * kept.dtype.itemsize
    if size > _SMALL:
        raise Refused("K233", f"attribute {attribute!r} declares {size:,} bytes")
    return parent.attrs[attribute]


def _dataset(parent: h5py.Group, path: str) -> h5py.Dataset:
    above, _, name = path.rpartition("/")
    found = _child(group(parent, above) if above else parent, name)
    place = _place(parent, path)
    if not isinstance(found, h5py.Dataset):
        raise Refused("K230", f"{place} is not an array")
    with _reading(place):
        if found.external or found.is_virtual:
            raise Refused("K233", f"{place} keeps its numbers in another file")
        declared = math.prod(found.shape or ()) * found.dtype.itemsize
        stored = found.id.get_storage_size()
    if declared > _SMALL and declared > _MOST_EXPANSION * stored:
        raise Refused("K233", f"{place} declares {declared:,} bytes and stores next to none")
    return found


def _child(parent: h5py.Group, name: str) -> object:
    place = _place(parent, name)
    with _reading(place):
        link = parent.get(name, getlink=True)
        if link is None:
            raise Refused("K230", f"{place} is missing")
        if not isinstance(link, h5py.HardLink):
            raise Refused("K233", f"{place} is a link ({type(link).__name__})")
        return parent[name]


def _place(parent: h5py.Group, name: str = "") -> str:
    with _reading("the HDF5 file"):
        return f"{parent.name}/{name}".replace("//", "/").strip("/") or "the root"


@contextmanager
def _reading(place: str) -> Iterator[None]:
    """Tells what the library below found wrong with the bytes at ``place``."""
    try:
        yield
    except _DAMAGE as error:
        reason = str(error).strip("\"'") or type(error).__name__
        raise Refused("K230", f"{place} cannot be read: {reason}") from None
