"""Writes that are on the disk when they return."""

from __future__ import annotations

import errno
import os
from pathlib import Path

_NO_FOLDER_SYNC = (errno.EINVAL, errno.ENOTSUP)


def write_durably(path: Path, content: bytes) -> None:
    """Makes a new file and waits until its bytes are on the disk."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Waits until the names in a folder are on the disk, where the file system knows how to."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if (
            error.errno not in _NO_FOLDER_SYNC
        ):  # some network file systems cannot, and then nobody can help it
            raise
    finally:
        os.close(descriptor)


def move_durably(source: Path, destination: Path) -> None:
    """Renames a folder in one step, within its parent. The destination must not exist, or be empty."""
    sync_folder(source)
    source.rename(destination)
    sync_folder(destination.parent)
