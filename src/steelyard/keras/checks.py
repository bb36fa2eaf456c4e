"""Arguments as people write them, made plain numbers or refused by the name they were written under."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence

import numpy as np

from steelyard.keras.codes import refuse


def real(
    where: str,
    value: object,
    *,
    low: float = -math.inf,
    above: float = -math.inf,
    high: float = math.inf,
    below: float = math.inf,
) -> float:
    """A finite number as a Python float: any Python or numpy number, but neither True nor text.

    Bounds: ``low <= value <= high``, ``above < value < below``.

    >>> real("Dropout: rate", np.float32(0.5), low=0, below=1)
    0.5
    """
    number = _scalar(value)
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise refuse("K210", f"{where} is {_shown(value)}; it must be a number", "Write a number.")
    if isinstance(number, int) and abs(number) > sys.float_info.max:
        raise refuse("K210", f"{where} is {_shown(value)}; it must be finite", "Choose another value.")
    if not (math.isfinite(number) and low <= number <= high and above < number < below):
        bounds = [
            f"{words} {bound:g}"
            for words, bound in (
                ("at least", low),
                ("above", above),
                ("at most", high),
                ("below", below),
            )
            if math.isfinite(bound)
        ]
        allowed = " and ".join(bounds) if bounds else "finite"
        raise refuse("K210", f"{where} is {number!r}; it must be {allowed}", "Choose another value.")
    return float(number)


def whole(where: str, value: object, *, low: int, high: int | None = None) -> int:
    """A whole number as a Python int; 64.0 counts as 64, as it comes from grids of numbers.

    >>> whole("Dense: units", np.int64(64), low=1)
    64
    """
    number = _scalar(value)
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int):
        raise refuse(
            "K210", f"{where} is {_shown(value)}; it must be a whole number", "Write a whole number."
        )
    if number < low or (high is not None and number > high):
        allowed = f"at least {low}" if number < low else f"at most {high}"
        raise refuse("K210", f"{where} is {_shown(number)}; it must be {allowed}", "Choose another value.")
    return number


def flag(where: str, value: object) -> bool:
    """True or False; 0 and 1 count, as Keras takes them."""
    number = _scalar(value)
    if isinstance(number, bool) or number in (0, 1):
        return bool(number)
    raise refuse("K210", f"{where} is {_shown(value)}; it must be True or False", "Write True or False.")


def default_only(code: str, where: str, value: object, *allowed: object, why: str, help: str = "") -> None:
    """Refuses a value other than those that leave an unsupported feature off.

    A list counts as a tuple, since files know no tuples.
    """
    value = tuple(value) if isinstance(value, list) else value
    if not any(value is one or (type(value) is type(one) and value == one) for one in allowed):
        raise refuse(code, f"{where}={_shown(value)} is not supported: {why}", help)


def import_hint(value: object, names: Iterable[str], home: str) -> str:
    """What to do about an object of another package that has the name of one of ours, as when one of the
    import lines still says ``keras``; empty if it has none of these names.

    >>> import_hint(__import__("collections").Counter, ["Counter"], "steelyard.keras.layers")
    'Import it from ours: from steelyard.keras.layers import Counter'
    """
    name = getattr(value, "__name__", type(value).__name__)
    return f"Import it from ours: from {home} import {name}" if name in names else ""


LARGEST = 2**31 - 1
"""The largest width of a layer: the engine counts units with 32 bits."""


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them.

    >>> listed(["relu", "tanh", "elu"])
    'relu, tanh and elu'
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _scalar(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value


def _shown(value: object, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
