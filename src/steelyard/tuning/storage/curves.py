"""The curves of a network as bytes, and back.

Layout 1, all numbers little-endian::

    magic    4 bytes   "SYC1"
    count    uint16    how many series follow
    series   count × { name: uint8 length, UTF-8 bytes;  epochs: uint32 }
    values   float32, series after series, in their order

Nothing else follows. The 4 bytes of the magic name the layout: another layout gets another digit.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

MAGIC = b"SYC1"
_VALUE = np.dtype("<f4")


def curves_to_bytes(curves: Mapping[str, NDArray[np.float32]]) -> bytes:
    """Series by name, each (epochs,), as one value of a table."""
    heads = [MAGIC, struct.pack("<H", len(curves))]
    for name, series in curves.items():
        if series.ndim != 1:
            raise ValueError(f"curves[{name!r}]: must be (epochs,); found {series.shape}")
        written = name.encode()
        heads.append(struct.pack(f"<B{len(written)}sI", len(written), written, len(series)))
    values = np.concatenate([np.zeros(0, _VALUE), *curves.values()], dtype=_VALUE, casting="same_kind")
    return b"".join([*heads, values.tobytes()])


def curves_from_bytes(content: bytes) -> dict[str, NDArray[np.float32]]:
    """What was written; ValueError if these bytes were not.

    >>> curves_from_bytes(curves_to_bytes({"train_loss": np.float32([0.5, 0.25])}))
    {'train_loss': array([0.5 , 0.25], dtype=float32)}
    """
    if content[:4] != MAGIC:
        raise ValueError(f"begin with {content[:4]!r}, not with {MAGIC!r}")
    try:
        (count,) = struct.unpack_from("<H", content, 4)
        position, heads = 6, []
        for _ in range(count):
            (length,) = struct.unpack_from("<B", content, position)
            name = content[position + 1 : position + 1 + length].decode()
            (epochs,) = struct.unpack_from("<I", content, position + 1 + length)
            heads.append((name, epochs))
            position += 1 + length + 4
    except struct.error:
        raise ValueError("end before their series are named") from None
    expected = position + _VALUE.itemsize * sum(epochs for _, epochs in heads)
    if len(content) != expected or len(dict(heads)) != count:
        raise ValueError(f"have {len(content):,} bytes; their series need {expected:,}")
    values = np.frombuffer(content, _VALUE, offset=position).astype(np.float32)
    ends = np.cumsum([epochs for _, epochs in heads])
    return {name: values[end - epochs : end] for (name, epochs), end in zip(heads, ends, strict=True)}
