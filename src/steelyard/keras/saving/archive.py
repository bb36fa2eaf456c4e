"""The ``.keras`` format of Keras 3: a zip of ``metadata.json``, ``config.json`` and ``model.weights.h5``.

Source: ``keras/src/saving/saving_lib.py``. Keras stores the members uncompressed and does not read the
metadata; so does this.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from steelyard.keras.saving.refusal import Refused

CONFIG = "config.json"
METADATA = "metadata.json"
WEIGHTS = "model.weights.h5"

_LONGEST_CONFIG = 16 * 2**20
_SPARE = 64 * 2**20
_COPIES = 8
"""An optimizer keeps at most a handful of arrays for each weight; the rest of a weights file is small."""

_DAMAGE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, MemoryError)
"""What zipfile raises on bytes that make no sense; RuntimeError also where a member is encrypted or
compressed in a way that Python does not know."""


def is_archive(head: bytes) -> bool:
    """Whether a file that begins like this is a zip archive."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive, for reading; :class:`Refused` if it is damaged."""
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGE as error:
        raise Refused("K230", f"is not a complete zip archive: {error}") from None
    with archive:
        yield archive


def read_config(archive: zipfile.ZipFile) -> str:
    """The text of ``config.json``."""
    try:
        return _member(archive, CONFIG, _LONGEST_CONFIG).decode()
    except UnicodeDecodeError as error:
        raise Refused("K230", f"{CONFIG} is not UTF-8 text: {error}") from None


def read_weights(archive: zipfile.ZipFile, parameters: int) -> io.BytesIO:
    """The HDF5 file within, no larger than a network of so many ``parameters`` can make it."""
    return io.BytesIO(_member(archive, WEIGHTS, _SPARE + 4 * parameters * _COPIES))


def write(target: io.BytesIO, metadata: str, config: str, weights: bytes) -> None:
    """Writes the three members in Keras' order."""
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(METADATA, metadata)
        archive.writestr(CONFIG, config)
        archive.writestr(WEIGHTS, weights)


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    try:
        member = archive.getinfo(name)
    except KeyError:
        found = ", ".join(archive.namelist()[:8]) or "nothing"
        raise Refused("K230", f"has no {name}; it holds {found}") from None
    if member.file_size > most:
        raise Refused(
            "K233", f"{name} says it unpacks to {member.file_size:,} bytes; at most {most:,} make sense"
        )
    try:
        return archive.read(member)
    except _DAMAGE as error:
        raise Refused("K230", f"{name} cannot be read: {error}") from None
