"""The small texts inside of a ``.keras`` file, which is a zip.

Keras stores them uncompressed; so they take no more memory than the file has bytes, which is made sure of.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

from steelyard.diagnosis.readers import jsonfile
from steelyard.errors import DataError

_CONFIG, _METADATA = "config.json", "metadata.json"
_END = b"PK\x05\x06"
_LONGEST_END = 22 + 2**16
_LARGEST_DIRECTORY = 2**20
_LARGEST_TEXT = 2**24
_DAMAGE = (
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    LookupError,
    RuntimeError,
    MemoryError,
)
"""What ``zipfile`` raises on bytes that make no sense; RuntimeError where a member is encrypted."""


def is_archive(head: bytes) -> bool:
    """Whether a file that begins like this is a zip."""
    return head.startswith(b"PK\x03\x04")


def config_and_metadata(path: Path) -> tuple[Any, Any]:
    """``config.json`` and ``metadata.json`` as JSON has them, the latter None if it is missing.

    :class:`~steelyard.errors.DataError` if the file is not sound or no model.
    """
    _check_directory(path)
    size = path.stat().st_size
    try:
        with zipfile.ZipFile(path) as archive:
            members = set(archive.namelist())
            if _CONFIG not in members:
                found = ", ".join(sorted(members)[:5]) or "nothing"
                raise DataError(f"{path} is a zip and no Keras model: it has no {_CONFIG}, but {found}")
            config = _member(archive, _CONFIG, path, size)
            metadata = _member(archive, _METADATA, path, size) if _METADATA in members else None
    except _DAMAGE as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path} is no sound zip: {error}") from None
    return config, metadata


def _member(archive: zipfile.ZipFile, name: str, path: Path, size: int) -> Any:
    member = archive.getinfo(name)
    if member.file_size > min(_LARGEST_TEXT, 4 * size):
        raise DataError(f"{name} in {path} says it has {member.file_size:,} bytes, in a file of {size:,}")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError(f"{name} in {path} is compressed in a way that Keras does not use")
    return jsonfile.parse(archive.read(member), f"{name} in {path}", size)


def _check_directory(path: Path) -> None:
    """``zipfile`` makes an object for each of as many entries as the directory has room for."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(max(0, size - _LONGEST_END))
        end = file.read()
    at = end.rfind(_END)
    if at < 0 or len(end) < at + 22:
        raise DataError(f"{path} is no whole zip: its directory, at the end, is missing")
    directory = int.from_bytes(end[at + 12 : at + 16], "little")
    if directory > _LARGEST_DIRECTORY:
        raise DataError(
            f"the directory of {path} says it has {directory:,} bytes; a model's has some hundred"
        )
