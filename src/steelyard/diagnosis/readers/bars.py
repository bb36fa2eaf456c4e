"""What the progress bars of Keras count: rows, as Keras did until 2.2, or batches."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_FULL = re.compile(
    r"(?<![\w./])(?P<length>\d{1,12}) ?/ ?(?P=length) \[=+\] - \d{1,7}m?s"
    r"(?: (?P<time>\d{1,7})(?P<unit>[mu]?s)/(?P<of>step|sample))? - "
)
_FASTEST = 150
"""Microseconds: no step of Keras takes less, a row of a batch may."""
_DIGIT = 0.500001e-4
"""Half of the last digit of a metric that Keras prints."""
_LEAST = 0.01
"""Share of the rows that is left to train on, at least."""
_FINE = 10_000
"""Of so many rows every share of four digits is one."""


@dataclass(frozen=True, slots=True)
class Bars:
    """The full bars of a training, which all count to ``length``; ``of`` is ``sample`` or ``step`` where they
    say it, empty where they do not. ``fastest`` is the least time that one took, in microseconds."""

    length: int
    of: str
    fastest: float


def bars_in(text: str) -> list[Bars]:
    """Every full bar as Keras 1 and 2 draw them, in order; those of ``evaluate`` among them."""
    return [
        Bars(int(one["length"]), one["of"] or "", _microseconds(one["time"], one["unit"]))
        for one in _FULL.finditer(text)
    ]


def together(bars: Iterable[Bars]) -> Bars | None:
    """The bars of one training as one; None if there are none, or if they are not alike."""
    found = list(bars)
    if not found or len({(one.length, one.of) for one in found}) > 1:
        return None
    return Bars(found[0].length, found[0].of, min(one.fastest for one in found))


def rows_of(bars: Bars, accuracies: Sequence[float], arrays: bool | None = None) -> tuple[int, str] | None:
    """How many rows were trained on, and how that is known; None if the bars may count batches.

    ``accuracies`` are those of the training rows: they must be shares of so many rows. ``arrays``: by the
    code ``fit`` is given arrays, in a version that then counts rows (True), or no arrays (False); None if it
    does not tell.
    """
    if not are_shares(accuracies, bars.length):
        return None
    if bars.of == "sample":
        return bars.length, "the bars, which say that they count samples"
    if bars.of == "" and arrays is not False:
        return bars.length, "the bars, which count samples in a Keras that prints no time for each"
    if bars.fastest < _FASTEST:
        return bars.length, f"the bars: no batch takes {bars.fastest:g} microseconds, so they count samples"
    if arrays:
        return bars.length, "the bars, which count samples in a Keras that prints 'acc' for 'accuracy'"
    return None


def are_shares(values: Iterable[float], rows: int) -> bool:
    """Can all of these, as Keras prints them, be shares of so many rows?"""
    if rows < 1:
        return False
    return rows >= _FINE or all(
        0.0 <= value <= 1.0 and abs(round(value * rows) / rows - value) <= _DIGIT
        for value in values
        if math.isfinite(value)
    )


def rows_held_out(rows_train: int, share: float, accuracies: Sequence[float]) -> int | None:
    """How many rows validate where Keras holds back ``share`` of n rows and trains on the first
    ``int(n * (1 - share))``; None if several n fit that and the validation accuracies.

    >>> rows_held_out(472, 0.1, [0.4151])
    53
    """
    kept = 1.0 - share
    if not _LEAST <= kept < 1.0:
        return None
    about = int(rows_train / kept)
    fitting = [
        n - rows_train
        for n in range(max(about - 2, rows_train), about + math.ceil(1.0 / kept) + 2)
        if int(n * kept) == rows_train and are_shares(accuracies, n - rows_train)
    ]
    return fitting[0] if len(fitting) == 1 and fitting[0] > 0 else None


def _microseconds(time: str | None, unit: str | None) -> float:
    if time is None or unit is None:
        return math.inf
    return int(time) * {"s": 1e6, "ms": 1e3, "us": 1.0}[unit]
