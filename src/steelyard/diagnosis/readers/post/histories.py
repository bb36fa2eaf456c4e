"""Curves that stand in the text as a dict of lists, or as lists with the names of metrics."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.readers.post.values import Call, Name

_LARGEST = 10**300
_NOT_NUMBERS = frozenset({"nan", "NaN", "NAN", "null", "NA", "None"})


def numbers(value: Any) -> NDArray[np.float64] | None:
    """A list of numbers as an array, ``nan`` and ``inf`` included; None if it holds anything else."""
    if isinstance(value, Call) and value.name in ("array", "list", "asarray") and value.arguments:
        value = value.arguments[0]
    if isinstance(value, np.ndarray):
        return value.astype(np.float64)
    if not isinstance(value, list | tuple) or not value:
        return None
    found = [_number(one) for one in value]
    if any(one is None for one in found):
        return None
    return np.array(found, dtype=np.float64)


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if isinstance(value, float) or abs(value) < _LARGEST else None
    if value is None:
        return math.nan
    if isinstance(value, Name):
        return (
            math.nan
            if value.last in _NOT_NUMBERS
            else math.inf
            if value.last in ("inf", "Infinity")
            else None
        )
    if isinstance(value, Call) and value.name in ("float32", "float64", "float", "float16", "item"):
        return _number(value.argument(0))
    if isinstance(value, Call) and value.name in ("array", "tensor"):
        return _number(value.argument(0))
    if isinstance(value, list | tuple) and len(value) == 1:
        return _number(value[0])
    return None


def curves_of(value: Any) -> Mapping[str, NDArray[np.float64]] | None:
    """The curves of a history dict by their names in it; None if it is none.

    A dict of lists of numbers is one if a name in it is that of a loss or of a validation metric, as no
    grid of hyperparameters has.
    """
    if isinstance(value, Call) and value.name == "DataFrame" and value.arguments:
        value = value.arguments[0]
    if isinstance(value, dict) and len(value) <= 2 and "history" in value:
        value = value["history"]
    if not isinstance(value, dict):
        return None
    found = {
        key: curve
        for key, item in value.items()
        if isinstance(key, str) and (curve := numbers(item)) is not None
    }
    return found if any(names_a_curve(name) for name in found) else None


def names_a_curve(name: str) -> bool:
    """Is it a name that only a curve has?"""
    folded = name.lower()
    return folded in ("loss", "train_loss", "training_loss") or folded.startswith(
        ("val_", "valid_", "validation_")
    )
