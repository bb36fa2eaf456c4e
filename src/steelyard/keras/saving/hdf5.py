"""HDF5 from elsewhere, read with suspicion: no links, nothing outside the file, no size nobody asked for."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from steelyard.keras.saving.refusal import Refused

Array = NDArray[np.float32]

DAMAGE = (OSError, RuntimeError, KeyError, ValueError, TypeError, MemoryError)
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
    try:
        file = h5py.File(source, "r")
    except DAMAGE as error:
        raise Refused("K230", f"is not a readable HDF5 file: {_reason(error)}") from None
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
        try:
            if not isinstance(here, h5py.Group) or here.get(step, getlink=True) is None:
                return False
        except DAMAGE:
            return False
        here = _child(here, step)
    return True


def members(parent: h5py.Group) -> list[str]:
    """Names of what a group holds."""
    try:
        return list(parent.keys())
    except DAMAGE as error:
        raise Refused("K230", f"{_place(parent)} cannot be read: {_reason(error)}") from None


def weight(parent: h5py.Group, path: str, shape: tuple[int, ...]) -> Array:
    """The numbers at ``path`` as float32, which must be finite and of this shape.

    The shape is compared before anything is read, so a file cannot ask for more memory than its
    layers do.
    """
    dataset = _dataset(parent, path)
    place = _place(parent, path)
    if dataset.shape != shape:
        raise Refused("K232", f"{place} has shape {dataset.shape}; its layer needs {shape}")
    if dataset.dtype.kind != "f":
        raise Refused("K232", f"{place} holds {dataset.dtype}, not floating-point numbers")
    try:
        values = np.asarray(dataset[()])
    except DAMAGE as error:
        raise Refused("K230", f"{place} cannot be read: {_reason(error)}") from None
    with np.errstate(over="ignore"):  # a float64 beyond float32 becomes infinite, and is told below
        tensor = np.ascontiguousarray(values, dtype=np.float32).reshape(shape)
    wrong = int(np.count_nonzero(~np.isfinite(tensor)))
    if wrong:
        raise Refused("K232", f"{place} has {wrong} of {tensor.size} numbers that are not finite")
    return tensor


def count(parent: h5py.Group, path: str) -> int:
    """A single whole number, at least 0."""
    dataset = _dataset(parent, path)
    place = _place(parent, path)
    if dataset.shape != () or dataset.dtype.kind not in "iu":
        raise Refused("K232", f"{place} is not a single whole number")
    try:
        number = int(dataset[()])
    except DAMAGE as error:
        raise Refused("K230", f"{place} cannot be read: {_reason(error)}") from None
    if not 0 <= number < 2**62:
        raise Refused("K232", f"{place} is {number}, which is no count")
    return number


def shape_of(parent: h5py.Group, path: str) -> tuple[int, ...]:
    """The shape a dataset declares."""
    return tuple(_dataset(parent, path).shape)


def names(parent: h5py.Group, attribute: str) -> list[str]:
    """A list of names kept as an attribute, or as ``attribute0``, ``attribute1``, ... if it was long.

    Keras splits lists above 64 KiB so (``save_attributes_to_hdf5_group`` in
    ``keras/src/legacy/saving/legacy_h5_format.py``).
    """
    if attribute in parent.attrs:
        return _names(parent, attribute)
    found: list[str] = []
    number = 0
    while f"{attribute}{number}" in parent.attrs:
        found += _names(parent, f"{attribute}{number}")
        number += 1
    return found


def text(parent: h5py.Group, attribute: str) -> str | None:
    """An attribute that holds text; None if there is none of that name."""
    if attribute not in parent.attrs:
        return None
    try:
        value = parent.attrs[attribute]
        return value.decode() if isinstance(value, bytes) else str(value)
    except DAMAGE as error:
        raise Refused("K230", f"attribute {attribute!r} cannot be read: {_reason(error)}") from None


def _names(parent: h5py.Group, attribute: str) -> list[str]:
    try:
        values = np.atleast_1d(parent.attrs[attribute]).tolist()
        return [value.decode() if isinstance(value, bytes) else str(value) for value in values]
    except DAMAGE as error:
        where = f"attribute {attribute!r} of {_place(parent)}"
        raise Refused("K230", f"{where} cannot be read: {_reason(error)}") from None


def _dataset(parent: h5py.Group, path: str) -> h5py.Dataset:
    above, _, name = path.rpartition("/")
    found = _child(group(parent, above) if above else parent, name)
    place = _place(parent, path)
    if not isinstance(found, h5py.Dataset):
        raise Refused("K230", f"{place} is not an array")
    if found.external or found.is_virtual:
        raise Refused("K233", f"{place} keeps its numbers in another file")
    declared = math.prod(found.shape or ()) * found.dtype.itemsize
    if declared > _SMALL and declared > _MOST_EXPANSION * found.id.get_storage_size():
        raise Refused("K233", f"{place} declares {declared:,} bytes and stores next to none")
    return found


def _child(parent: h5py.Group, name: str) -> object:
    place = _place(parent, name)
    try:
        link = parent.get(name, getlink=True)
        if link is None:
            raise Refused("K230", f"{place} is missing")
        if not isinstance(link, h5py.HardLink):
            raise Refused("K233", f"{place} is a link ({type(link).__name__})")
        return parent[name]
    except DAMAGE as error:
        raise Refused("K230", f"{place} cannot be read: {_reason(error)}") from None


def _place(parent: h5py.Group, name: str = "") -> str:
    return f"{parent.name}/{name}".replace("//", "/").strip("/") or "the root"


def _reason(error: BaseException) -> str:
    return str(error).strip("\"'") or type(error).__name__
