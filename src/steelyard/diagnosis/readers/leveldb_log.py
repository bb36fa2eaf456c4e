"""LevelDB's log format, in which Weights & Biases keeps a run: blocks of 32 KiB with pieces of records.

A piece is: checksum of type and data (uint32), length (uint16), type (uint8), data. A record is one piece, or
several in as many blocks. Source: ``doc/log_format.md`` of LevelDB, whose checksum is a masked CRC-32C; W&B
takes the CRC-32 of zip files.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path

from steelyard.diagnosis.readers.tfrecord import Torn

_BLOCK = 32_768
_HEADER = 7
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_LARGEST = 2**20
"""Bytes of a record that is given; code, tables and pictures may be larger and are passed over."""


def records(path: Path, start: int) -> Iterator[bytes | Torn]:
    """The records from byte ``start`` on, which belongs to the first block; at last a :class:`Torn` where
    the file is not whole. Records of more than 1 MiB are passed over."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        at = start
        file.seek(start)
        pieces: list[bytes] = []
        length_so_far = 0
        while at < size:
            room = _BLOCK - at % _BLOCK
            if room < _HEADER:
                at += room
                file.seek(at)
                continue
            header = file.read(_HEADER)
            if len(header) < _HEADER:
                yield Torn(at, "it ends within a record")
                return
            checksum, length, kind = (
                int.from_bytes(header[:4], "little"),
                int.from_bytes(header[4:6], "little"),
                header[6],
            )
            if kind == 0 and length == 0:  # the rest of the block was never written
                at += room
                file.seek(at)
                continue
            data = file.read(length)
            if len(data) < length:
                yield Torn(at, "it ends within a record")
                return
            if length > room - _HEADER or not _FULL <= kind <= _LAST:
                yield Torn(at, "a piece of a record is none that LevelDB writes")
                return
            if zlib.crc32(data, zlib.crc32(header[6:7])) != checksum:
                yield Torn(at, "the checksum of a record is wrong")
                return
            at += _HEADER + length
            if kind in (_FULL, _FIRST):
                pieces, length_so_far = [], 0
            elif not length_so_far:
                yield Torn(at, "a record has no beginning")
                return
            length_so_far += length + 1
            if length_so_far <= _LARGEST:
                pieces.append(data)
            else:
                pieces = []
            if kind in (_FULL, _LAST):
                if length_so_far <= _LARGEST:
                    yield b"".join(pieces)
                pieces, length_so_far = [], 0
        if length_so_far:
            yield Torn(at, "it ends within a record")
