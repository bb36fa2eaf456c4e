"""Protocol buffers without their schema: the fields of a message one after the other.

Source: https://protobuf.dev/programming-guides/encoding/.
"""

from __future__ import annotations

from collections.abc import Iterator


class Malformed(ValueError):
    """Bytes that are no message; only readers see it."""


def fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Number and value of each field: an int for a varint (unsigned), the bytes of anything else.

    :class:`Malformed` where a field does not end within the message.
    """
    at, end = 0, len(message)
    while at < end:
        key, at = varint(message, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(message, at)
            yield key >> 3, value
            continue
        size = {1: 8, 5: 4}.get(kind)
        if kind == 2:
            size, at = varint(message, at)
        if size is None:
            raise Malformed(f"a field of kind {kind} at byte {at}")
        if at + size > end:
            raise Malformed(f"a field of {size} bytes at byte {at} of {end}")
        yield key >> 3, message[at : at + size]
        at += size


def varint(message: memoryview, at: int) -> tuple[int, int]:
    """The number of at most ten bytes that begins there, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            raise Malformed("a number does not end within the message")
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
    raise Malformed(f"a number of more than ten bytes at byte {at - 10}")


def signed(value: int) -> int:
    """A varint as ``int32`` or ``int64`` have it."""
    return value - 2**64 if value >= 2**63 else value
