"""JSON from elsewhere: parsed only if what comes of it fits in memory ten times the file's size."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from steelyard.errors import DataError

LARGEST = 512 * 2**20
"""Bytes of a JSON file that is read at all."""
_FREE = 4 * 2**20
"""Bytes that any file may take, however small."""
_MOST_TIMES = 9

_OBJECT, _ARRAY, _ITEM, _PAIR, _QUOTE = 200, 100, 33, 45, 30
"""Bytes of a small dict, a short list, a float in its place, an entry of a dict, and half of those of a
short text, in CPython 3.11; every other version needs less or little more."""


def load(path: Path) -> Any:
    """What a JSON file holds; ``NaN`` and ``Infinity`` are numbers, as Python and JavaScript write them.

    :class:`~steelyard.errors.DataError` if it is no JSON, or so many empty lists and dicts that they would
    take more than ten times its size.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise DataError(f"{path} has {size:,} bytes; a JSON log is read up to {LARGEST:,}")
    return parse(path.read_bytes(), str(path), size)


def parse(data: bytes, place: str, size: int) -> Any:
    """What JSON text at ``place`` holds, which came from a file of ``size`` bytes."""
    allowed = _MOST_TIMES * size + _FREE
    needed = (
        _OBJECT * data.count(b"{")
        + _ARRAY * data.count(b"[")
        + _ITEM * data.count(b",")
        + _PAIR * data.count(b":")
        + _QUOTE * data.count(b'"')
    )
    try:
        text = data.decode(json.detect_encoding(data))
    except UnicodeDecodeError as error:
        raise DataError(f"{place} is no text: byte {error.start} is not {error.encoding}") from None
    except MemoryError:
        raise DataError(f"{place} does not fit in memory as text") from None
    if needed + sys.getsizeof(text) > allowed:
        raise DataError(
            f"{place} would take some {needed:,} bytes of memory as it holds {len(data):,} bytes of text: "
            "it is mostly lists and objects with nothing in them, which no log is"
        )
    del data
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise DataError(f"{place} is no sound JSON: {error.msg} at {where}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise DataError(f"{place} is no sound JSON: {error}") from None


def number(value: Any) -> float | None:
    """A number as JSON has it: also as text (``json.dump(..., default=str)``) or alone in a list (a metric of
    shape (1,)); None for anything else, and for booleans.

    >>> number(0.5), number("nan"), number([0.25]), number(None), number(True)
    (0.5, nan, 0.25, None, None)
    """
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
