"""Reading what lies at a path: a file, or all logs in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from steelyard.diagnosis.readers import column_map, pickled
from steelyard.diagnosis.readers.registry import READERS, Reader, head_of, reader_of
from steelyard.errors import DataError
from steelyard.log import Log

_MOST_FILES = 10_000
_DEEPEST = 12
"""Folders within folders; a log lies within the first few."""


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
        if not path.is_dir():
            return _read_file(path, head_of(path), trust)
        return _read_folder(path, trust)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error


def _read_file(path: Path, head: bytes, trust: bool) -> tuple[Log, ...]:
    if not head:
        raise DataError(f"{path} is empty", help="a log is written while training runs, or at its end")
    if pickled.sniff(head, path):
        if not trust:
            raise DataError(
                f"{path} is a pickle, which is not read unless you say that you trust it",
                help="--trust (trust=True) reads it; what json.dump(history.history, file) writes needs none",
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
            "if you name its columns: --column val_loss=NAME (columns=)",
        )
    return logs


def _read_folder(folder: Path, trust: bool) -> tuple[Log, ...]:
    """All logs below a folder. What is no log is passed over; logs that are not sound are told of."""
    logs: list[Log] = []
    problems: list[str] = []
    for path, reader in _claims_below(folder, _DEEPEST):
        try:
            if reader is not None:
                logs += reader.read(path)
            elif trust and pickled.sniff(head_of(path), path):
                logs += pickled.read(path)
        except (DataError, OSError) as error:
            problems.append(str(error))
    if not logs:
        if problems:
            raise DataError(*problems)
        raise DataError(
            f"no training log is known in the folder {folder}",
            help=f"known: {', '.join(one.name for one in READERS)}",
        )
    if problems:
        logs[0] = replace(logs[0], notes=(*logs[0].notes, *(f"left out: {one}" for one in problems)))
    return tuple(logs)


def _claims_below(folder: Path, depth: int) -> Iterator[tuple[Path, Reader | None]]:
    """Every file below a folder with its reader, or a folder that one reader reads as a whole.

    Links to folders are not followed; text that may be anything is no log here.
    """
    whole = reader_of(folder, b"")
    if whole is not None:
        yield folder, whole
        return
    with os.scandir(folder) as found:
        entries = sorted((entry for _, entry in zip(range(_MOST_FILES), found, strict=False)), key=_name)
    for entry in entries:
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            if depth and not entry.name.startswith("."):
                yield from _claims_below(path, depth - 1)
        elif entry.is_file():
            reader = reader_of(path, head_of(path))
            yield path, None if reader is not None and reader.name == "post" else reader


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name
