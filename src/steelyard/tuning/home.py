"""Where a study lies: in a database that was named, or in one of its own that goes when nobody needs it."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path

from steelyard.tuning.storage import Storage, open_storage


class Home:
    """The database of a study. Without a name it is a file in the system's folder for temporary ones, which
    is removed with this object, or when Python ends."""

    def __init__(self, storage: str | Path | None = None) -> None:
        self.temporary = storage is None
        if storage is None:
            folder = tempfile.mkdtemp(prefix="steelyard-")
            weakref.finalize(self, _remove, folder, os.getpid())
            storage = Path(folder, "study.db")
        self.storage = storage

    def open(self) -> Storage:
        """A new connection; :class:`~steelyard.errors.StorageError` if there can be none."""
        return open_storage(self.storage)


def _remove(folder: str, process: int) -> None:
    """Not in a child of the process, which has a copy of all objects and no claim to the file."""
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)
