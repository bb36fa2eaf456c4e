"""Tables in which each row is an epoch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.readers.assembling import Column
from steelyard.diagnosis.readers.table import Numbers
from steelyard.errors import DataError

_BYTES = 20
"""Of a cell in a history and on the way there."""
_FREE = 2**22
_LARGEST_EPOCH = 2**53


def epochs_of(
    column: Numbers, rows: int, from_zero: bool = False
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The epoch of each row, from 1: a log that holds an epoch 0 counts from there, and so does every log of
    a framework that counts ``from_zero``.

    Rows without one follow the row before. Epochs may begin again where a log was continued.
    """
    sound = np.isfinite(column.values) & (np.abs(column.values) < _LARGEST_EPOCH)
    if column.rows is None and sound.all():
        epochs = column.values.astype(np.int64)
        epochs += 1 if from_zero else _to_one(epochs)
        return epochs, ()
    given = column.values[sound].astype(np.int64)
    epochs = np.zeros(rows, np.int64)
    known = np.zeros(rows, np.bool_)
    where = np.flatnonzero(sound) if column.rows is None else column.rows[sound]
    epochs[where] = given + (1 if from_zero else _to_one(given))
    known[where] = True
    without = rows - int(known.sum())
    at = np.arange(rows)
    last = np.maximum.accumulate(np.where(known, at, -1))
    epochs = np.where(last >= 0, epochs[last] + (at - last), at + 1)
    return epochs, (f"{without} rows name no epoch; they are taken to follow the row before",)


def _to_one(epochs: NDArray[np.int64]) -> int:
    """What makes the first of epochs that count from 0 the 1st."""
    lowest = int(epochs.min()) if len(epochs) else 1
    return 1 - lowest if lowest <= 0 else 0


def row_columns(path: Path, columns: Mapping[str, Numbers], rows: int) -> dict[str, Column]:
    """Columns over all rows. Those with as many words as numbers are no curves and are left out.

    :class:`~steelyard.errors.DataError` if the table is so empty that it would take ten times its size.
    """
    curves = {name: one for name, one in columns.items() if len(one.values) > one.words}
    needed = _BYTES * rows * len(curves)
    if needed > 9 * path.stat().st_size + _FREE:
        raise DataError(f"{path} has {rows:,} rows of {len(curves):,} columns with next to nothing in them")
    dense: dict[str, Column] = {}
    for name, one in curves.items():
        if one.rows is None:
            dense[name] = Column(one.values, np.ones(rows, np.bool_))
            continue
        values = np.full(rows, np.nan)
        values[one.rows] = one.values
        measured = np.zeros(rows, np.bool_)
        measured[one.rows] = True
        dense[name] = Column(values, measured)
    return dense
