"""TensorFlow's records: length, its checksum, data, its checksum.

Source: https://www.tensorflow.org/tutorials/load_data/tfrecord. The last record of a running training may be
torn.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from steelyard.diagnosis.readers.crc32c import masked

_LARGEST = 2**20
"""Bytes of a record that is looked at: a scalar has 50, the JSON of a model some thousand; pictures, graphs
and histograms are passed over."""


@dataclass(frozen=True)
class Torn:
    """Where the sound part of a file ends, and why."""

    at: int
    why: str


def is_record(head: bytes) -> bool:
    """Whether a file begins with a record: its length has the right checksum."""
    return len(head) >= 12 and masked(head[:8]) == int.from_bytes(head[8:12], "little")


def records(path: Path) -> Iterator[memoryview | Torn]:
    """The data of each record up to 1 MiB whose checksum is right; at last a :class:`Torn` where the file is
    not whole. What follows a damaged record cannot be found."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        at = 0
        while at < size:
            head = file.read(12)
            if len(head) < 12:
                yield Torn(at, "it ends within a record")
                return
            if not is_record(head):
                yield Torn(at, "the checksum of a record's length is wrong")
                return
            length = int.from_bytes(head[:8], "little")
            if at + 16 + length > size:
                yield Torn(at, "it ends within a record")
                return
            if length > _LARGEST:
                file.seek(length + 4, os.SEEK_CUR)
            else:
                data = file.read(length + 4)
                if len(data) < length + 4:
                    yield Torn(at, "it ends within a record")
                    return
                body = memoryview(data)[:length]
                if masked(body) != int.from_bytes(data[length:], "little"):
                    yield Torn(at, "the checksum of a record is wrong")
                    return
                yield body
            at += 16 + length
