"""Damage to files, by a seed: what a reader must survive."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

LARGEST = 2**20
"""Bytes of a damaged file; slices repeated a hundred thousand times make the long ones. They are rare, as one
takes a reader as long as a thousand others."""

_TOKENS = (
    *(b"NaN", b"-Infinity", b"1e999", b"-1", b"0", b"null", b"true", b'""', b"[", b"]", b"{", b"}", b"{}"),
    *(
        b"[]",
        b",",
        b":",
        b'"',
        b"\\",
        b"\n",
        b"\r",
        b"\t",
        b";",
        b"NA",
        b"nan",
        b"\x00",
        b"\xff",
        b"\xef\xbb\xbf",
    ),
    *(b"9" * 400, b"9" * 5000, b"1e308", b"0.1.2", b"\\ud800", b"\xf0\x9f\x92\xa9", b"\x1b[31m", b"\x08\x08"),
    *(b"[" * 5000, b'{"a":' * 3000, b"2147483648", b"9223372036854775808", b"-9223372036854775809"),
)
_VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        0,
        -1,
        0.5,
        1e308,
        2**53,
        2**63,
        10**400,
        float("nan"),
        float("inf"),
        "",
        "NaN",
        "nan",
        "val_loss",
    ),
    *(
        [],
        {},
        [0.5],
        [[]],
        {"class_name": "Dense", "config": {}},
        {"config": {"layers": []}},
        "\ud800",
        "\x1b[31m",
    ),
    *("loss", "l2", [None, 5], ["dense", 0, 0, {}], {"0": 0.5, "1": None}, "x" * 1000, [0.5, None, "a"]),
)
_NUMBERS = (
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
    2**63 - 1,
    2**63,
    2**64 - 1,
)


_TIMES = (*(2,) * 200, *(10,) * 60, *(100,) * 30, 100_000)
_FEW_TIMES = _TIMES[:-1]


def whole(parts: Sequence[bytes]) -> bytes:
    """A file of one part."""
    return b"".join(parts)


@dataclass(frozen=True)
class Sample:
    """A valid file in parts; ``join`` makes the file of them, with lengths and checksums that are right."""

    reader: str
    file_name: str
    parts: tuple[bytes, ...]
    join: Callable[[Sequence[bytes]], bytes] = whole

    @property
    def content(self) -> bytes:
        """The file, not damaged."""
        return self.join(self.parts)


def damaged(sample: Sample, seed: int) -> bytes:
    """The file with damage in it: in one of its parts before they are joined, or in the whole."""
    rng = random.Random(seed)
    if len(sample.parts) > 1 and rng.random() < 0.5:
        parts = list(sample.parts)
        for _ in range(rng.randint(1, 3)):
            chosen = rng.randrange(len(parts))
            parts[chosen] = mutated(parts[chosen], rng)
        return sample.join(parts)[:LARGEST]
    return mutated(sample.content, rng)


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Bytes with one to eight changes; of JSON as often with another value somewhere in it."""
    if data[:1] in (b"{", b"[") and rng.random() < 0.5:
        try:
            content = json.loads(data)
        except (ValueError, RecursionError):
            pass
        else:
            return json.dumps(_with_another_value(content, rng)).encode()[:LARGEST]
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        data = rng.choice(_CHANGES)(data, rng)[:LARGEST]
    return data


def _with_another_value(content: Any, rng: random.Random) -> Any:
    """JSON in which a value, or a key, has become another."""
    if not isinstance(content, dict | list) or not content or rng.random() < 0.1:
        return rng.choice(_VALUES)
    if isinstance(content, list):
        at = rng.randrange(len(content))
        changed = [*content]
        changed[at] = _with_another_value(content[at], rng)
        return changed if rng.random() < 0.9 else changed * rng.choice(_FEW_TIMES)
    key = rng.choice(list(content))
    if rng.random() < 0.1:
        return {str(rng.choice(_VALUES)) if name == key else name: value for name, value in content.items()}
    return {**content, key: _with_another_value(content[key], rng)}


def _flip(data: bytes, rng: random.Random) -> bytes:
    if not data:
        return data
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def _cut(data: bytes, rng: random.Random) -> bytes:
    start, end = _slice(data, rng)
    return data[:start] + data[end:]


def _truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _repeat(data: bytes, rng: random.Random) -> bytes:
    start, end = _slice(data, rng)
    times = min(rng.choice(_TIMES), LARGEST // max(1, end - start))
    return data[:start] + data[start:end] * times + data[end:]


def _insert(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(_TOKENS) + data[at:]


def _replace_number(data: bytes, rng: random.Random) -> bytes:
    width = rng.choice((1, 2, 4, 8))
    if len(data) < width:
        return data
    at = rng.randrange(len(data) - width + 1)
    number = rng.choice(_NUMBERS) & (2 ** (8 * width) - 1)
    return data[:at] + number.to_bytes(width, rng.choice(("little", "big"))) + data[at + width :]


def _overwrite(data: bytes, rng: random.Random) -> bytes:
    start, end = _slice(data, rng)
    return data[:start] + rng.randbytes(min(end - start, 200)) + data[end:]


def _move(data: bytes, rng: random.Random) -> bytes:
    start, end = _slice(data, rng)
    rest = data[:start] + data[end:]
    at = rng.randrange(len(rest) + 1)
    return rest[:at] + data[start:end] + rest[at:]


def _replace_token(data: bytes, rng: random.Random) -> bytes:
    start, end = _slice(data, rng, longest=12)
    return data[:start] + rng.choice(_TOKENS) + data[end:]


_CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_flip, _cut, _truncate, _repeat, _insert, _replace_number, _overwrite, _move, _replace_token),
    *(_flip, _replace_number, _insert, _replace_token),
)


def _slice(data: bytes, rng: random.Random, longest: int = 400) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.randint(0, longest))
