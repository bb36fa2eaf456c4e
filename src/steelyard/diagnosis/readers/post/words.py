"""Names as Keras writes them: ``GlorotNormal`` and ``glorot_normal`` are one."""

from __future__ import annotations

import re
from typing import Any

from steelyard.diagnosis.readers.post.values import Call, Name

_DIMENSION = re.compile(r"(?<=\d)D\Z")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """``BatchNormalization`` as ``batch_normalization``.

    >>> snake_case("GlorotNormal"), snake_case("ReLU"), snake_case("he_normal"), snake_case("Conv1D")
    ('glorot_normal', 'relu', 'he_normal', 'conv1d')
    """
    whole = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "PReLU": "prelu", "ELU": "elu", "SELU": "selu"}
    return whole.get(name) or _HUMP.sub("_", _DIMENSION.sub("d", name)).lower()


def spoken(value: Any) -> str | None:
    """What a string, a name or a call of a class is called, in lower case; None for anything else."""
    if isinstance(value, str):
        return snake_case(value.strip()) or None
    if isinstance(value, Name):
        return snake_case(value.last)
    if isinstance(value, Call) and value.name:
        return snake_case(value.name)
    return None
