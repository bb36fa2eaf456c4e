"""Class weights as they were asked for: what kind of object, and how heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from steelyard.diagnosis.readers.post.values import ABSENT, Call, ancestry, number


@dataclass(frozen=True)
class ClassWeights:
    """``kind`` is as in :class:`~steelyard.log.Facts`, or ``string``, which Keras takes without using it.

    ``pair`` is of a negative and a positive row; ``balanced``: scikit-learn's formula was asked for, rows /
    (2 x rows of the class); ``written`` is how the weights were made.
    """

    kind: str | None = None
    pair: tuple[float, float] | None = None
    balanced: bool = False
    written: str = ""


def class_weights(value: Any) -> ClassWeights:
    """What was given as ``class_weight``."""
    if value is ABSENT or value is None:
        return ClassWeights("none")
    if isinstance(value, str):
        return ClassWeights("string", balanced=True, written=repr(value))
    source = next(
        (
            one
            for one in ancestry(value)
            if isinstance(one, Call) and one.name.endswith("compute_class_weight")
        ),
        None,
    )
    balanced = source is not None and source.argument(0, "class_weight") in ("balanced", "auto")
    written = source.written if source is not None else ""
    if isinstance(value, dict):
        inside = (one for item in value.values() for one in ancestry(item, most=50))
        source = next((one for one in inside if isinstance(one, Call) and "class_weight" in one.name), None)
        balanced = source is not None and source.argument(0, "class_weight") in ("balanced", "auto")
        keys = "string keys" if any(isinstance(key, str) for key in value) else "dict"
        by_class = {str(key).removesuffix(".0"): item for key, item in value.items()}
        return ClassWeights(
            keys,
            _pair(by_class.get("0"), by_class.get("1")),
            balanced,
            source.written if source else str(value)[:80],
        )
    if isinstance(value, list | tuple):
        return ClassWeights("list", _pair(*value) if len(value) == 2 else None, balanced, str(value)[:80])
    if isinstance(value, Call):
        if value.name in ("dict", "to_dict"):
            return ClassWeights("dict", None, balanced, written or value.written)
        if value.name in ("array", "asarray"):
            given = value.argument(0)
            pair = _pair(*given) if isinstance(given, list | tuple) and len(given) == 2 else None
            return ClassWeights("array", pair, balanced, written or value.written)
        if value.name.endswith("compute_class_weight"):
            return ClassWeights("array", None, balanced, written)
    return ClassWeights(None, None, balanced, written)


def _pair(negative: Any, positive: Any) -> tuple[float, float] | None:
    low, high = number(negative), number(positive)
    return None if low is None or high is None else (low, high)
