"""The list of what was written into a run folder, by which damage is recognised."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from steelyard.errors import RunFolderError
from steelyard.store.layout import FILES, FORMAT, MANIFEST

REPAIR = "restore the run from a copy, or train again; its environment.json holds the command"


@dataclass(frozen=True)
class Entry:
    """A file as it was written: size in bytes and SHA-256 in hexadecimal."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """``manifest.json``. ``series`` is what the columns of ``history.csv`` mean."""

    format: int
    files: Mapping[str, Entry]
    series: Mapping[str, Mapping[str, Any]]


_MANIFEST = TypeAdapter(Manifest)


def entry_of(content: bytes) -> Entry:
    """The entry of a file with this content."""
    return Entry(len(content), hashlib.sha256(content).hexdigest())


def manifest_to_bytes(manifest: Manifest) -> bytes:
    """The content of ``manifest.json``."""
    return _MANIFEST.dump_json(manifest, indent=2)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a run folder; :class:`RunFolderError` if there is none that this version can use."""
    path = folder / MANIFEST
    content = _read(path)
    try:
        document = json.loads(content)
        version = document["format"]
        if isinstance(version, int) and version > FORMAT:
            raise RunFolderError(
                f"{path}: was written by a newer Steelyard (format {version}; this one reads up to {FORMAT})",
                help="update Steelyard",
            )
        manifest = _MANIFEST.validate_python(document)
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise damaged(path, f"is not a manifest ({_first_line(error)})") from None
    absent = [name for name in FILES if name not in manifest.files]
    if absent:
        raise damaged(path, f"does not list {', '.join(absent)}")
    return manifest


def read_listed(folder: Path, name: str, manifest: Manifest) -> bytes:
    """The content of a file, exactly as it was written; :class:`RunFolderError` if it has changed since."""
    path, entry = folder / name, manifest.files[name]
    check_size(folder, name, manifest)
    content = _read(path)
    if entry_of(content) != entry:
        raise damaged(path, "does not hold what was written (its SHA-256 differs)")
    return content


def check_size(folder: Path, name: str, manifest: Manifest) -> None:
    """The quick check: the file exists and has its size."""
    path, entry = folder / name, manifest.files[name]
    try:
        size = path.stat().st_size
    except OSError as error:
        raise _unreadable(path, error) from None
    if size != entry.bytes:
        raise damaged(path, f"has {size:,} bytes, {entry.bytes:,} were written")


def damaged(path: Path, what: str) -> RunFolderError:
    """The error for a file that is not as it was written."""
    return RunFolderError(f"{path}: {what}: the run is damaged", help=REPAIR)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> RunFolderError:
    if isinstance(error, FileNotFoundError):
        return damaged(path, "is missing")
    return RunFolderError(f"{path}: cannot be read: {error.strerror or error}")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
