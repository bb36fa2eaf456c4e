"""A file that is complete under its name, or not there at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from steelyard.errors import OutputError


@contextmanager
def writing(target: Path, *, make_folder: bool = False, help: str = "choose another place") -> Iterator[Path]:
    """Yields the path of a draft beside ``target``, which takes its name once the body has ended well.

    If the body fails or is interrupted, the draft is removed and what was at ``target`` stays.

    Raises:
        OutputError: The folder is missing (and not to be made) or cannot be written, or the disk is full;
            its advice is ``help``.
    """
    folder = target.parent
    try:
        if make_folder:
            folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=target.suffix, dir=folder)
    except OSError as error:
        raise _unwritable(target, error, help) from error
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        draft.chmod(0o666 & ~_umask())  # mkstemp lets nobody else read
        draft.replace(target)
    except OSError as error:
        if isinstance(error, OutputError) or error.filename not in (None, name, str(target)):
            raise
        raise _unwritable(target, error, help) from error
    finally:
        draft.unlink(missing_ok=True)


def _unwritable(target: Path, error: OSError, help: str) -> OutputError:
    in_the_way = target.parent.exists() and not target.parent.is_dir()
    reason = f"{target.parent} is not a folder" if in_the_way else error.strerror or error
    return OutputError(f"{target}: cannot be written: {reason}", help=help)


def _umask() -> int:
    mask = os.umask(0)  # there is no way to ask without setting it
    os.umask(mask)
    return mask
