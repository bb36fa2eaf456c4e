"""Reading what lies at a path: a file, or all logs in a folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from steelyard.diagnosis.readers import column_map, pickled
from steelyard.diagnosis.readers.registry import READERS, head_of, reader_of
from steelyard.errors import DataError
from steelyard.log import Log

_MOST_FILES = 10_000
_DEEPEST = 12
"""Folders within folders; a log lies within the first few."""
_MOST_TOLD = 20
"""Files in a folder that could not be read."""


def read(path: Path, *, trust: bool = False, columns: Mapping[str, str] | None = None) -> tuple[Log, ...]:
    """The logs in a file, or in a folder and all folders below it.

    ``trust``: a pickle may be read; a hostile one can use up memory and time. ``columns``: the file is a
    table (CSV), and these of its columns are read, by the name that each has as a curve:
    ``{"val_loss": "error on holdout"}``; ``epoch`` is the column with the epoch, if there is one.

    :class:`~steelyard.errors.DataError` names the path, what was found there and what is allowed.
    """
    if columns is not None:
        return column_map.read(path, columns)
    try:
        if stat.S_ISDIR(kind := path.stat().st_mode):
            return _read_folder(path, trust)
        if not stat.S_ISREG(kind):
            raise DataError(
                f"{path} is neither a file nor a folder, and can be read only once",
                help="save what comes out of it to a file",
            )
        return _read_file(path, head_of(path), trust)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error


def _read_file(path: Path, head: bytes, trust: bool) -> tuple[Log, ...]:
    if not head:
        raise DataError(f"{path} is empty", help="a log is written while training runs, or at its end")
    if pickled.sniff(head, path):
        if not trust:
            raise DataError(
                f"{path} is a pickle, which is not read unless you say that you trust it",
                help="--trust reads it; what json.dump(history.history, file) writes needs none",
            )
        return pickled.read(path)
    reader = reader_of(path, head)
    logs = reader.read(path) if reader is not None else ()
    if not logs:
        found = (
            f"it begins with {head[:40]!r}" if reader is None else f"read as a {reader.name} it shows none"
        )
        raise DataError(
            f"{path} is no training log that is known here: {found}",
            help=f"known: {', '.join(one.name for one in READERS)}; any other table of numbers can be read "
            "if you name its columns: --column val_loss=NAME",
        )
    return logs


def _read_folder(folder: Path, trust: bool) -> tuple[Log, ...]:
    """All logs below a folder. What is no log is passed over; logs that are not sound are told of."""
    logs: list[Log] = []
    problems: list[str] = []
    _gather(folder, _DEEPEST, trust, logs, problems)
    if not logs:
        if problems:
            raise DataError(*problems[:_MOST_TOLD])
        raise DataError(
            f"no training log is known in the folder {folder}",
            help=f"known: {', '.join(one.name for one in READERS)}",
        )
    if problems:
        more = len(problems) - _MOST_TOLD
        told = [f"left out: {one}" for one in problems[:_MOST_TOLD]]
        told += [f"left out: {more} more files"] if more > 0 else []
        logs[0] = replace(logs[0], notes=(*logs[0].notes, *told))
    return tuple(logs)


def _gather(path: Path, depth: int, trust: bool, logs: list[Log], problems: list[str]) -> None:
    """The logs of a file, of a folder that one reader reads as a whole, or of all that is in a folder.

    Links to folders are not followed; text that may be anything is no log here.
    """
    try:
        head = head_of(path)
        reader = reader_of(path, head)
        if path.is_dir() and reader is None:
            for entry in _entries(path):
                folder = entry.is_dir(follow_symlinks=False)
                if entry.is_file() or (folder and depth and not entry.name.startswith(".")):
                    _gather(Path(entry.path), depth - 1, trust, logs, problems)
        elif reader is not None and reader.name != "post":
            logs += reader.read(path)
        elif trust and head and pickled.sniff(head, path):
            logs += pickled.read(path)
    except (DataError, OSError) as error:
        problems.append(str(error))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        first = (entry for _, entry in zip(range(_MOST_FILES), found, strict=False))
        return sorted(first, key=lambda entry: entry.name)
