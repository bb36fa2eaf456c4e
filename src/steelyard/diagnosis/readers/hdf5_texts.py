"""The JSON in the attributes of a Keras ``.h5`` file, found without the HDF5 library.

HDF5 never compresses or splits an attribute, so the text of ``model_config`` lies somewhere in the file as it
was written. Looking for it there cannot follow links, open other files or run into the damage that keeps the
library's version 2.0.0 busy for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from steelyard.diagnosis.readers import jsonfile
from steelyard.errors import DataError

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_BLOCK = 2**16
_LONGEST = 2**22
_MOST_TEXTS = 16
_MARK = re.compile(
    rb'\{"(?:class_name|module|name|loss|optimizer|optimizer_config|metrics|keras_version|config)": '
)
_WIDEST_MARK = 32
_TURN = re.compile(rb'["\\{}\0]')
_MOST_SCANNED = 2**22
"""Bytes looked at in all for where texts end; a file of nothing but beginnings would have no end of that."""


def texts(path: Path) -> Iterator[Any]:
    """What JSON objects the file holds whose first key is one of a model's or of its training's."""
    size = path.stat().st_size
    left = _MOST_SCANNED
    end = found = 0
    with path.open("rb") as file:
        for start in _marks(file):
            if start < end:
                continue  # inside of the text before
            if found == _MOST_TEXTS or left <= 0:
                return
            whole, scanned = _length(file, start, min(left, _LONGEST))
            left -= scanned
            if not whole:
                continue
            end = start + scanned
            file.seek(start)
            try:
                content = jsonfile.parse(file.read(scanned), str(path), size)
            except DataError:
                continue
            found += 1
            yield content


def _marks(file: BinaryIO) -> Iterator[int]:
    """Where such a text may begin, in order."""
    at = 0
    last = -1
    while True:
        file.seek(at)
        block = file.read(_BLOCK + _WIDEST_MARK)
        for mark in _MARK.finditer(block):
            if at + mark.start() > last:
                last = at + mark.start()
                yield last
        if len(block) < _BLOCK + _WIDEST_MARK:
            return
        at += _BLOCK


def _length(file: BinaryIO, start: int, most: int) -> tuple[bool, int]:
    """Whether the object that begins there is closed, and how many bytes it has or were looked at: quotes and
    braces are followed, and a zero byte is in no JSON."""
    file.seek(start)
    depth = scanned = skip = 0
    quoted = False
    while scanned < most and (block := file.read(_BLOCK)):
        for turn in _TURN.finditer(block):
            at, what = turn.start(), turn[0]
            if scanned + at < skip:
                continue
            if what == b"\0":
                return False, scanned + at
            if what == b"\\":
                skip = scanned + at + 2
            elif what == b'"':
                quoted = not quoted
            elif not quoted:
                depth += 1 if what == b"{" else -1
                if not depth:
                    return True, scanned + at + 1
        scanned += len(block)
    return False, scanned
