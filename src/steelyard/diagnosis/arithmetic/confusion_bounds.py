"""Which counts of decisions fit the metrics that were logged of them.

Accuracy, precision, recall and F1 are bounds that are linear in three counts: positives, true positives and
false positives. Where these leave few combinations all of them are tried; else the corners of the region say
how far each count can go, rounded inwards to whole rows.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

Interval = tuple[float, float]
Counts = tuple[int, int]
"""The least and the greatest that a number of rows can be."""

_MOST_TRIED = 1 << 16
"""Combinations of two counts; the third follows. A millisecond's work."""
_SLACK = 1e-9
"""Of all rows: rounding of the arithmetic itself."""


@dataclass(frozen=True)
class Reported:
    """What one epoch's metrics can have been before they were rounded; None: not logged.

    ``found`` says whether there was any true positive, where that alone is known (of metrics that were
    averaged over batches).
    """

    accuracy: Interval | None = None
    precision: Interval | None = None
    recall: Interval | None = None
    f1: Interval | None = None
    found: bool | None = None


@dataclass(frozen=True)
class Bounds:
    """The counts that fit, each from least to greatest. ``exact``: each end is attained by whole rows."""

    positives: Counts
    true_positive: Counts
    predicted_positive: Counts
    exact: bool


def confusion_bounds(rows: int, positives: Counts, reported: Reported) -> Bounds | None:
    """The counts of decisions on ``rows`` rows that fit what was reported; None if none does.

    ``positives`` is what the number of positives can be. Bounds are exact where few combinations are left;
    else they are those of real numbers, which hold but may be a few rows wide of what whole rows allow.

    >>> confusion_bounds(100, (5, 5), Reported(accuracy=(0.96, 0.96), recall=(0.4, 0.4)))
    Bounds(positives=(5, 5), true_positive=(2, 2), predicted_positive=(3, 3), exact=True)
    >>> confusion_bounds(100, (5, 5), Reported(accuracy=(0.5, 0.5), recall=(0.0, 0.0), precision=(0.1, 0.1)))
    """
    relaxed = relaxed_bounds(rows, positives, reported)
    if relaxed is None:
        return None
    columns = _combinations(rows, relaxed, reported)
    if columns is None:
        return relaxed
    p, t_low, t_high, shown_low, shown_high = columns
    if not len(p):
        return None
    return Bounds(
        positives=(int(p.min()), int(p.max())),
        true_positive=(int(t_low.min()), int(t_high.max())),
        predicted_positive=(int(shown_low.min()), int(shown_high.max())),
        exact=True,
    )


def contradiction(rows: int, positives: Counts, reported: Reported) -> str:
    """In words, the fewest of the reported metrics that no counts fit together; empty if all fit."""
    names = [
        name for name in ("accuracy", "recall", "precision", "f1") if getattr(reported, name) is not None
    ]
    for size in range(1, len(names) + 1):
        for chosen in itertools.combinations(names, size):
            others = {name: None for name in names if name not in chosen}
            if confusion_bounds(rows, positives, replace(reported, found=None, **others)) is None:
                told = "; ".join(_told(name, rows, positives, getattr(reported, name)) for name in chosen)
                return f"of {rows:,} rows, {_range(*positives)} positive: {told}: no counts fit that"
    if confusion_bounds(rows, positives, reported) is None:
        return f"of {rows:,} rows, {_range(*positives)} positive: no counts fit all metrics together"
    return ""


def _told(name: str, rows: int, positives: Counts, interval: Interval) -> str:
    low, high = interval
    shown = f"{(low + high) / 2.0:.6g}"
    match name:
        case "accuracy":
            return f"accuracy {shown} means {_about(rows * (1.0 - high), rows * (1.0 - low))} wrong decisions"
        case "recall":
            return f"recall {shown} means {_about(low * positives[0], high * positives[1])} positives found"
        case "precision":
            if high <= 0.0:
                return "precision 0 means that no prediction of a positive was right"
            return f"precision {shown} means {1.0 / max(high, 1e-300) - 1.0:.4g} false alarms per hit"
        case _:
            return f"F1 is {shown}"


def _about(low: float, high: float) -> str:
    """Not rounded to whole rows: that no whole number lies between may be the point."""
    first, last = (f"{end:,.1f}".removesuffix(".0") for end in (low, high))
    return first if first == last else f"{first} to {last}"


def _range(low: int, high: int) -> str:
    return f"{low:,}" if low >= high else f"{low:,} to {high:,}"


Columns = tuple[NDArray[np.int64], ...]


def _combinations(rows: int, relaxed: Bounds, reported: Reported) -> Columns | None:
    """For each fitting pair of two counts: positives, least and greatest true positives, least and greatest
    predicted positives. None if there are too many pairs to try."""
    p = np.arange(relaxed.positives[0], relaxed.positives[1] + 1, dtype=np.int64)
    if reported.accuracy is not None:
        slack = _SLACK * rows
        first = math.ceil(rows * (1.0 - reported.accuracy[1]) - slack)
        last = math.floor(rows * (1.0 - reported.accuracy[0]) + slack)
        wrong = np.arange(max(first, 0), min(last, rows) + 1, dtype=np.int64)
        if len(p) * len(wrong) <= _MOST_TRIED:
            return _by_wrong_decisions(rows, *_pairs(p, wrong), reported)
    found = np.arange(relaxed.true_positive[0], relaxed.true_positive[1] + 1, dtype=np.int64)
    if len(p) * len(found) <= _MOST_TRIED:
        return _by_true_positives(rows, *_pairs(p, found), reported)
    return None


def _pairs(
    first: NDArray[np.int64], second: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return np.repeat(first, len(second)), np.tile(second, len(first))


def _by_wrong_decisions(
    rows: int, p: NDArray[np.int64], wrong: NDArray[np.int64], reported: Reported
) -> Columns:
    """Given positives and wrong decisions, each bound is one of true positives: f = wrong - p + t."""
    low, high = np.maximum(0, p - wrong).astype(np.float64), np.minimum(p, rows - wrong).astype(np.float64)
    for ap, at, af, b in _rates(reported):
        # ap p + at t + af (wrong - p + t) <= b
        slope = at + af
        rest = b - ap * p - af * (wrong - p) + _SLACK * rows
        if slope > 0.0:
            high = np.minimum(high, rest / slope)
        elif slope < 0.0:
            low = np.maximum(low, rest / slope)
        else:
            high = np.where(rest < 0.0, -1.0, high)
    t_low, t_high = np.ceil(low).astype(np.int64), np.floor(high).astype(np.int64)
    fits = t_low <= t_high
    p, wrong, t_low, t_high = p[fits], wrong[fits], t_low[fits], t_high[fits]
    return p, t_low, t_high, wrong - p + 2 * t_low, wrong - p + 2 * t_high


def _by_true_positives(rows: int, p: NDArray[np.int64], t: NDArray[np.int64], reported: Reported) -> Columns:
    """Given positives and true positives, each bound is one of false positives."""
    low, high = np.zeros(len(p)), (rows - p).astype(np.float64)
    high = np.where((t < 0) | (t > p), -1.0, high)
    bounds = list(_rates(reported))
    if reported.accuracy is not None:
        bounds += _accuracy_bounds(rows, reported.accuracy)
    for ap, at, af, b in bounds:
        rest = b - ap * p - at * t + _SLACK * rows
        if af > 0.0:
            high = np.minimum(high, rest / af)
        elif af < 0.0:
            low = np.maximum(low, rest / af)
        else:
            high = np.where(rest < 0.0, -1.0, high)
    f_low, f_high = np.ceil(low).astype(np.int64), np.floor(high).astype(np.int64)
    fits = f_low <= f_high
    return p[fits], t[fits], t[fits], t[fits] + f_low[fits], t[fits] + f_high[fits]


Bound = tuple[float, float, float, float]
"""``(ap, at, af, b)``: ap positives + at true positives + af false positives <= b."""


def _rates(reported: Reported) -> Iterator[Bound]:
    """Precision, recall and F1 as bounds. A rate above 0 needs a true positive."""
    some = reported.found
    if reported.recall is not None:
        low, high = reported.recall
        yield low, -1.0, 0.0, 0.0
        yield -high, 1.0, 0.0, 0.0
        some = some or low > 0.0 or None
    if reported.precision is not None:
        low, high = reported.precision
        yield 0.0, low - 1.0, low, 0.0
        yield 0.0, 1.0 - high, -high, 0.0
        some = some or low > 0.0 or None
    if reported.f1 is not None:
        low, high = reported.f1
        yield low, low - 2.0, low, 0.0
        yield -high, 2.0 - high, -high, 0.0
        some = some or low > 0.0 or None
    if some:
        yield 0.0, -1.0, 0.0, -1.0
    if reported.found is False:
        yield 0.0, 1.0, 0.0, 0.0


def _accuracy_bounds(rows: int, accuracy: Interval) -> list[Bound]:
    low, high = accuracy
    return [(1.0, -1.0, 1.0, rows * (1.0 - low)), (-1.0, 1.0, -1.0, -rows * (1.0 - high))]


def relaxed_bounds(rows: int, positives: Counts, reported: Reported) -> Bounds | None:
    """As :func:`confusion_bounds`, for counts that need not be whole; never narrower, and as quick for
    millions of rows. A linear bound is tightest at a corner of the region, where three of its planes meet."""
    bounds: list[Bound] = [
        (0.0, -1.0, 0.0, 0.0),
        (0.0, 0.0, -1.0, 0.0),
        (-1.0, 1.0, 0.0, 0.0),
        (1.0, 0.0, 1.0, rows),
        (1.0, 0.0, 0.0, positives[1]),
        (-1.0, 0.0, 0.0, -positives[0]),
        *_rates(reported),
    ]
    if reported.accuracy is not None:
        bounds += _accuracy_bounds(rows, reported.accuracy)
    # In shares of the rows all numbers are of the same size.
    planes = np.array([[ap, at, af, b / rows] for ap, at, af, b in bounds], np.float64)
    chosen = planes[_triples(len(planes))]
    normals, offsets = chosen[:, :, :3], chosen[:, :, 3]
    across = np.cross(normals[:, 1], normals[:, 2])
    determinant = np.einsum("ki,ki->k", normals[:, 0], across)
    meet = np.abs(determinant) > 1e-15
    normals, offsets, across = normals[meet], offsets[meet], across[meet]
    points = (
        offsets[:, :1] * across
        + offsets[:, 1:2] * np.cross(normals[:, 2], normals[:, 0])
        + offsets[:, 2:] * np.cross(normals[:, 0], normals[:, 1])
    ) / determinant[meet][:, None]
    inside = (points @ planes[:, :3].T <= planes[:, 3] + _SLACK).all(axis=1)
    points = points[inside] * rows
    if not len(points):
        return None
    found = Bounds(
        positives=_whole(points[:, 0], rows),
        true_positive=_whole(points[:, 1], rows),
        predicted_positive=_whole(points[:, 1] + points[:, 2], rows),
        exact=False,
    )
    ends: Mapping[str, Counts] = {
        "positives": found.positives,
        "true": found.true_positive,
        "predicted": found.predicted_positive,
    }
    return found if all(low <= high for low, high in ends.values()) else None


@cache
def _triples(count: int) -> NDArray[np.int64]:
    """Every three of so many planes, (combinations, 3)."""
    return np.array(list(itertools.combinations(range(count), 3)), np.int64)


def _whole(values: NDArray[np.float64], rows: int) -> Counts:
    slack = 2.0 * _SLACK * rows + 1e-6
    low, high = math.ceil(values.min() - slack), math.floor(values.max() + slack)
    return max(low, 0), min(high, rows)
