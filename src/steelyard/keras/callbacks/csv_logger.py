"""Writes the logs of every epoch into a CSV file."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from steelyard.errors import OutputError
from steelyard.keras.hooks import Callback, Logs


class CSVLogger(Callback):
    """Writes one row per epoch: ``epoch`` (from 0), then the logs in alphabetical order.

    filename: where. separator: one character. append: go on with an existing file, whose header is kept.

    The form is Keras' to the byte: lines end in CRLF, numbers are Python's, missing ones ``NA``; the
    columns are those of the first epoch, and ``val_`` columns are added if it has none. Each row is in
    the file, and the file closed, before the next epoch begins.
    Source: keras/src/callbacks/csv_logger.py.
    """

    def __init__(self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.filename = os.fspath(filename)
        self.sep = separator
        self.append = append
        self.append_header = True
        self.keys: list[str] | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Empties the file, or looks whether it has a header."""
        self.keys = None
        path = Path(self.filename)
        try:
            if self.append and path.exists():
                with path.open("rb") as file:
                    self.append_header = not file.readline()
            with path.open("a" if self.append else "w"):
                pass  # so that a wrong name fails before the first epoch and not after it
        except OSError as error:
            raise self._cannot_write(error) from error

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Appends a row, and the header before the first."""
        logs = logs or {}
        rows: list[list[Any]] = []
        if self.keys is None:
            self.keys = sorted(logs)
            if not any(key.startswith("val_") for key in self.keys):
                self.keys += [f"val_{key}" for key in self.keys]
            if self.append_header:
                rows.append(["epoch", *self.keys])
        rows.append([epoch, *(_cell(logs.get(key, "NA")) for key in self.keys)])
        try:
            with Path(self.filename).open("a", newline="", encoding="utf-8") as file:
                csv.writer(file, delimiter=self.sep).writerows(rows)
        except OSError as error:
            raise self._cannot_write(error) from error

    def _cannot_write(self, error: OSError) -> OutputError:
        return OutputError(f"CSVLogger: {self.filename!r} cannot be written: {error.strerror}")


def _cell(value: Any) -> Any:
    if isinstance(value, str) or not isinstance(value, Iterable):
        return value
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return value
    return f'"[{", ".join(map(str, value))}]"'
