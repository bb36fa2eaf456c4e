"""What each outcome of a decision costs, as a record and as text; and numbers as names write them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from steelyard.errors import DataError

OUTCOMES = ("fp", "fn", "tp", "tn")
"""What a row can cost for."""


@dataclass(frozen=True)
class CostMatrix:
    """What each outcome of a row costs, in any one unit; a gain is a negative cost.

    The defaults say that a right decision costs nothing. ``str()`` is text that :func:`read_costs` reads.

    >>> str(CostMatrix(fp=1.0, fn=10.0, tp=-2.5))
    'cost fp=1 fn=10 tp=-2.5'
    """

    fp: float
    fn: float
    tp: float = 0.0
    tn: float = 0.0

    def __str__(self) -> str:
        named = ((key, getattr(self, key)) for key in OUTCOMES)
        told = (f"{key}={shortest(value)}" for key, value in named if key in ("fp", "fn") or value != 0.0)
        return " ".join(("cost", *told))


def read_costs(text: str) -> CostMatrix:
    """``cost fp=1 fn=10 tp=-2`` as a record; ``fp`` and ``fn`` must be given.

    Order, capitals, spaces and the signs ``,``, ``;`` and ``:`` do not matter. Raises
    :class:`~steelyard.errors.DataError` for what are no costs.

    >>> read_costs("cost fp=1 fn=10")
    CostMatrix(fp=1.0, fn=10.0, tp=0.0, tn=0.0)
    """
    words = re.sub(r"\s*=\s*", "=", re.sub("[,;:]", " ", text.casefold())).split()
    given: dict[str, float] = {}
    for word in words[1:] if words[:1] == ["cost"] else words:
        key, equals, number = word.partition("=")
        if not equals or key not in OUTCOMES or key in given:
            found = f"{key!r} twice" if key in given else repr(word)
            raise DataError(f"{text!r}: found {found}; costs are written like: cost fp=1 fn=10 tp=0 tn=0")
        given[key] = finite(number, of=text)
    if missing := [key for key in ("fp", "fn") if key not in given]:
        raise DataError(f"{text!r}: {' and '.join(missing)} must be given; write, say: cost fp=1 fn=10")
    return CostMatrix(**given)


def finite(number: str, *, of: str) -> float:
    """The number in a part of the text ``of``; :class:`~steelyard.errors.DataError` if it is none."""
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{of!r}: {number.strip()!r} is not a number")
    return value


def shortest(value: float) -> str:
    """The shortest text that is this very number again.

    >>> shortest(10.0), shortest(0.1), shortest(1 / 3)
    ('10', '0.1', '0.3333333333333333')
    """
    text = f"{value:.12g}"
    return text if float(text) == value else repr(float(value))
