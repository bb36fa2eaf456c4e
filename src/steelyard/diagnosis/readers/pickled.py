"""A history that Python pickled, or numpy did (``np.save`` of a dict); read only where it is trusted.

No code that a pickle names is run even then: only numpy's arrays and numbers are made, and whatever else it
holds (the model of a ``History``) becomes an empty stand-in. What trust is needed for is memory and time: a
pickle of a hundred bytes can ask for all there is.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import warnings
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from steelyard.diagnosis.readers.keras_history import log_of
from steelyard.errors import DataError
from steelyard.log import Log

_NUMPY = b"\x93NUMPY"
_DAMAGE = (
    pickle.UnpicklingError,
    zlib.error,
    ArithmeticError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What ``pickle`` raises on bytes that make no sense."""


def sniff(head: bytes, path: Path) -> bool:
    """A pickle of protocol 2 and later, one of protocol 0 or 1 by its name, an array of objects of numpy."""
    if head.startswith(_NUMPY):
        return b"'|O'" in head[:256]
    if len(head) > 2 and head[0] == 0x80:
        return 2 <= head[1] <= 5
    return path.suffix.lower() in (".pkl", ".pickle", ".p") and head[:1] in b"(}]c"


def read(path: Path) -> tuple[Log, ...]:
    """The log of a history: the dict, the ``History`` it belongs to, or an array that holds the dict."""
    data = path.read_bytes()
    if data.startswith(_NUMPY):
        data = _after_header(data, path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of escapes in texts that make no sense
            _check(data)
            content = _Inert(io.BytesIO(data)).load()
    except _DAMAGE as error:
        raise DataError(f"{path} is no sound pickle: {error}") from None
    if isinstance(content, np.ndarray) and content.dtype == object and content.size == 1:
        content = content.item()
    if isinstance(content, _StandIn):
        content = dict(content.state)
        content.pop("model", None)
    return (log_of(content, str(path)),)


def _after_header(data: bytes, path: Path) -> bytes:
    """What follows the header of numpy's format: version, length of the text (2 or 4 bytes), text."""
    wide = data[6:7] != b"\x01"
    size = int.from_bytes(data[8 : 12 if wide else 10], "little")
    start = (12 if wide else 10) + size
    if start >= len(data):
        raise DataError(f"{path} ends within the header of its array")
    return data[start:]


def _check(data: bytes) -> None:
    """Walks through the instructions, each of which must lie within the file, before any is followed; the
    number of a memory place sizes the table of all."""
    for instruction, argument, _ in pickletools.genops(data):
        if "PUT" in instruction.name and isinstance(argument, int) and argument > len(data):
            raise ValueError(f"it puts something in place {argument:,}")


class _StandIn:
    """An object of a class that is not loaded; keeps the state of a ``History`` and ignores the rest."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.state: dict[str, Any] = {}

    def __setstate__(self, state: Any) -> None:
        if isinstance(state, dict):
            self.state = state

    def __setitem__(self, key: Any, value: Any) -> None:
        """For subclasses of dict."""

    def append(self, value: Any) -> None:
        """For subclasses of list."""

    def extend(self, values: Any) -> None:
        """For subclasses of list."""


class _Inert(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        return _ALLOWED.get((module.replace("numpy._core", "numpy.core"), name), _StandIn)


def _allowed() -> Mapping[tuple[str, str], Any]:
    """What numpy's arrays and numbers are made with, as arrays themselves name it."""
    rebuild = np.empty(0).__reduce__()[0]
    scalar = np.float64(0.0).__reduce__()[0]
    return MappingProxyType(
        {
            ("numpy", "ndarray"): np.ndarray,
            ("numpy", "dtype"): np.dtype,
            ("numpy.core.multiarray", "_reconstruct"): rebuild,
            ("numpy.core.multiarray", "scalar"): scalar,
            ("collections", "defaultdict"): _plain_dict,
            ("collections", "OrderedDict"): _plain_dict,
        }
    )


def _plain_dict(*arguments: Any) -> dict[Any, Any]:
    return {}


_ALLOWED = _allowed()
