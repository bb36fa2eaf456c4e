"""Histories from the names and numbers of a log."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.readers.areas import with_areas
from steelyard.diagnosis.readers.names import shown, split_and_metric, split_and_own_name
from steelyard.diagnosis.readers.quantities import Manner
from steelyard.history import History, Series
from steelyard.log import Facts

UNKNOWN = Facts()
_ROOM = 4
_FREE_CELLS = 100_000
"""A history may have so many cells for each value in the log, and these besides."""


@dataclass(frozen=True, eq=False)
class Column:
    """A curve by rows of a log: float64 and bool (rows,). A value that was measured may be NaN."""

    values: NDArray[np.float64]
    measured: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Points:
    """A curve by the epochs (from 1) at which it was measured, in any order: int64 and float64 (points,)."""

    epochs: NDArray[np.int64]
    values: NDArray[np.float64]


def column_of(values: Sequence[float | None]) -> Column:
    """A curve by rows from a list in which None stands for what was not measured."""
    numbers = np.fromiter((math.nan if one is None else one for one in values), np.float64, len(values))
    measured = np.fromiter((one is not None for one in values), np.bool_, len(values))
    return Column(numbers, measured)


def history_of_points(
    points: Mapping[str, Points], manner: Manner, facts: Facts = UNKNOWN
) -> tuple[History | None, tuple[str, ...]]:
    """A history over all epochs at which something was measured; of two values for one the last counts."""
    return history_of_segments([points], manner, facts)


def history_of_segments(
    segments: Sequence[Mapping[str, Points]], manner: Manner, facts: Facts = UNKNOWN
) -> tuple[History | None, tuple[str, ...]]:
    """A history of several trainings in one log, one after the other; each as in :func:`history_of_points`.

    Where curves have next to no epoch in common, those with the fewest values are left out and noted: a row
    of each for every epoch would take far more memory than the log.
    """
    segments, notes = _fitting(segments)
    epochs = [_epochs(segment) for segment in segments]
    starts = np.cumsum([0, *(len(one) for one in epochs)])
    names = dict.fromkeys(name for segment in segments for name in segment)
    columns: dict[str, Column] = {}
    for name in names:
        values = np.full(starts[-1], np.nan)
        measured = np.zeros(starts[-1], np.bool_)
        for segment, own, start in zip(segments, epochs, starts[:-1], strict=True):
            if name in segment:
                at = start + np.searchsorted(own, segment[name].epochs)
                values[at] = segment[name].values
                measured[at] = True
        columns[name] = Column(values, measured)
    if not columns:
        return None, notes
    history, more = history_of(np.concatenate(epochs), columns, manner, facts)
    return history, (*notes, *more)


def _fitting(
    segments: Sequence[Mapping[str, Points]],
) -> tuple[Sequence[Mapping[str, Points]], tuple[str, ...]]:
    """Segments without the curves for which there is no room, and a note on those."""
    counts: Counter[str] = Counter()
    for segment in segments:
        for name, one in segment.items():
            counts[name] += len(one.epochs)
    room = _ROOM * counts.total() + _FREE_CELLS
    if len(counts) * sum(len(_epochs(segment)) for segment in segments) <= room:
        return segments, ()
    epochs = [np.empty(0, np.int64) for _ in segments]
    kept: set[str] = set()
    for name, _ in counts.most_common():
        wider = [
            np.union1d(known, segment[name].epochs) if name in segment else known
            for known, segment in zip(epochs, segments, strict=True)
        ]
        if (len(kept) + 1) * sum(map(len, wider)) > room:
            break
        kept.add(name)
        epochs = wider
    note = (
        f"{len(counts) - len(kept)} curves with few values are left out: they share no epochs with the others"
    )
    return [{name: one for name, one in segment.items() if name in kept} for segment in segments], (note,)


def _epochs(segment: Mapping[str, Points]) -> NDArray[np.int64]:
    every = [one.epochs for one in segment.values()]
    return np.unique(np.concatenate(every)).astype(np.int64) if every else np.empty(0, np.int64)


def history_of_uneven(
    curves: Mapping[str, Column], manner: Manner, facts: Facts = UNKNOWN
) -> tuple[History | None, tuple[str, ...]]:
    """A history of curves that are not all as long.

    The longest have a value for each epoch 1, 2, ...; a shorter one is taken to be measured every k-th epoch
    (``validation_freq=k``) where that fits its length, and is left out where it does not. Both are noted, and
    so is how many of the shortest are left out where a row of each for every epoch would take far more memory
    than the log.
    """
    length = max((len(curve.values) for curve in curves.values()), default=0)
    if not length:
        return None, ()
    columns: dict[str, Column] = {}
    notes: list[str] = []
    room = (_ROOM * sum(len(curve.values) for curve in curves.values()) + _FREE_CELLS) // length
    if len(curves) > room:
        kept = set(sorted(curves, key=lambda name: -len(curves[name].values))[:room])
        notes.append(f"{len(curves) - room} curves with few values are left out: others have {length:,}")
        curves = {name: curve for name, curve in curves.items() if name in kept}
    for name, curve in curves.items():
        count = len(curve.values)
        if count == length:
            columns[name] = curve
            continue
        every = length // count if count else 0
        if every < 2 or length // every != count:
            notes.append(f"{shown(name)} is left out: it has {count} values where others have {length}")
            continue
        values = np.full(length, np.nan)
        values[every - 1 :: every] = curve.values
        measured = np.zeros(length, np.bool_)
        measured[every - 1 :: every] = curve.measured
        columns[name] = Column(values, measured)
        notes.append(
            f"{shown(name)} is taken to be measured every {every} epochs: it has {count} of {length}"
        )
    history, more = history_of(np.arange(1, length + 1, dtype=np.int64), columns, manner, facts)
    return history, (*notes, *more)


def history_of(
    epochs: NDArray[np.int64], columns: Mapping[str, Column], manner: Manner, facts: Facts = UNKNOWN
) -> tuple[History | None, tuple[str, ...]]:
    """A history from rows in the order of the log; epochs may begin again where a log was continued.

    Columns without any measurement are left out. None if nothing is left.
    """
    measured = {name: column for name, column in columns.items() if column.measured.any()}
    meanings, notes = _meanings(measured)
    series = tuple(
        Series(
            split,
            metric,
            _blank_where_not_measured(measured[name]),
            manner(split, metric, facts),
            measured=measured[name].measured,
        )
        for name, (split, metric) in meanings.items()
    )
    return (with_areas(History(epochs, series), facts) if series else None), notes


def _blank_where_not_measured(column: Column) -> NDArray[np.float64]:
    return column.values if column.measured.all() else np.where(column.measured, column.values, np.nan)


def _meanings(names: Iterable[str]) -> tuple[Mapping[str, tuple[str, str]], tuple[str, ...]]:
    """Split and metric of each name. Where two names mean the same, the first in the log has the meaning and
    the others keep their names; but of two areas under curves, one may be of ROC and one of PR."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in names:
        alike[split_and_metric(name)].append(name)
    meanings: dict[str, tuple[str, str]] = {}
    taken: Counter[tuple[str, str]] = Counter()
    notes: list[str] = []
    for (split, metric), group in alike.items():
        several = len(group) > 1
        if several and metric == "roc_auc":
            notes.append(
                f"{' and '.join(map(shown, group[:4]))} keep their names: which is of the ROC curve and "
                "which of precision and recall the log does not say"
            )
        elif several:
            others = ", ".join(map(shown, group[1:5]))
            notes.append(f"{shown(group[0])} is taken as {split} {shown(metric)}; {others} keep their names")
        for position, name in enumerate(group):
            own = split_and_own_name(name)[1] if several and (position or metric == "roc_auc") else metric
            while (split, own) in taken:
                taken[split, own] += 1
                own = f"{own} ({taken[split, own]})"
            taken[split, own] = 1
            meanings[name] = (split, own)
    return meanings, tuple(notes)
