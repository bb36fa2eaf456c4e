"""Any table in text, by a map that says which column is which curve."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from steelyard.diagnosis.readers import assembling, quantities, table
from steelyard.diagnosis.readers.names import shown
from steelyard.diagnosis.readers.rows import epochs_of, row_columns
from steelyard.errors import DataError, did_you_mean
from steelyard.log import Log


def read(path: Path, columns: Mapping[str, str]) -> tuple[Log, ...]:
    """The log of a table whose columns are named by the curve they hold: ``{"val_loss": "holdout error"}``.

    ``epoch`` names the column with the epoch; without it the rows are epochs 1, 2, ...
    :class:`~steelyard.errors.DataError` if there is no such column, or no number in it.
    """
    found = table.read(path)
    for curve, column in columns.items():
        if column not in found.columns:
            there = ", ".join(map(shown, list(found.columns)[:20])) or "none"
            hint = did_you_mean(column, found.columns)
            raise DataError(f"{path} has no column {column!r} for {curve}{hint}; there are: {there}")
        if not len(found.columns[column].values):
            raise DataError(f"column {column!r} of {path} holds no number; {curve} needs numbers")
    if found.rows == 0:
        raise DataError(f"{path} has a header and no rows")
    epochs, notes = (
        epochs_of(found.columns[columns["epoch"]], found.rows)
        if "epoch" in columns
        else (np.arange(1, found.rows + 1, dtype=np.int64), ())
    )
    chosen = {curve: found.columns[column] for curve, column in columns.items() if curve != "epoch"}
    history, more = assembling.history_of(epochs, row_columns(path, chosen, found.rows), quantities.unknown)
    return (Log(str(path), "table", history, notes=(*found.notes, *notes, *more)),)
