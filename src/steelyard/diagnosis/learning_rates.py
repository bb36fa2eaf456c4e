"""Learning rates that are usual, by optimizer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Usual(NamedTuple):
    """From ``least`` up to, but not with, ``most``; ``default`` is Keras'."""

    least: float
    most: float
    default: float


USUAL: Mapping[str, Usual] = MappingProxyType(
    {
        "adam": Usual(1e-4, 1e-2, 1e-3),
        "adamw": Usual(1e-4, 1e-2, 1e-3),
        "nadam": Usual(1e-4, 1e-2, 1e-3),
        "adamax": Usual(1e-4, 2e-2, 1e-3),
        "rmsprop": Usual(1e-4, 1e-2, 1e-3),
        "sgd": Usual(1e-3, 1.0, 1e-2),
    }
)
"""By the name of the optimizer in lower case."""
