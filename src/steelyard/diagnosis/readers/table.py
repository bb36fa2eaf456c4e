"""Tables in text (CSV), read row by row; only cells that hold something take memory."""

from __future__ import annotations

import csv
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from steelyard.errors import DataError

_MOST_COLUMNS = 4096
_LONGEST_LINE = 2**18
_SEPARATORS = ",;\t|"
_MISSING = frozenset({"", "na", "n/a", "none", "null", "-", "<na>"})


@dataclass(frozen=True, eq=False)
class Numbers:
    """The cells of a column that hold a number, NaN included: int64 rows (from 0) and float64 values.

    ``rows`` is None where every row has one. ``words`` is how many cells hold something else.
    """

    rows: NDArray[np.int64] | None
    values: NDArray[np.float64]
    words: int

    def of(self, by_row: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of some numbers by row that belong to these cells."""
        return by_row if self.rows is None else by_row[self.rows]


@dataclass(frozen=True, eq=False)
class Table:
    """The columns by name. ``notes`` tell of rows that were left out."""

    rows: int
    columns: Mapping[str, Numbers]
    notes: tuple[str, ...]


def header(head: bytes) -> list[str]:
    """The cells of the first line of a file; [] if it is no text."""
    line = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    if b"\0" in line or len(line) > _LONGEST_LINE:
        return []
    try:
        return _cells(line.decode())
    except UnicodeDecodeError:
        return []


def number(cell: str, decimal_comma: bool = False) -> float | None:
    """What a cell holds: NaN if it says so; None if it is empty, ``NA`` or no number.

    Metrics of shape (1,) are written in brackets.

    >>> number("0.5"), number("nan"), number("NA"), number("[0.17]"), number("0,5", decimal_comma=True)
    (0.5, nan, None, 0.17, 0.5)
    """
    text = cell.strip().strip("[]")
    if decimal_comma:
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None


def missing(cell: str) -> bool:
    """Whether a cell says that there is nothing in it."""
    return cell.strip().lower() in _MISSING


def rows(path: Path) -> Iterator[list[str]]:
    """The cells of each line that is not empty, the header first.

    :class:`~steelyard.errors.DataError` if a line is longer than 256 KiB, or no CSV.
    """
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        separator = _separator(file.readline(_LONGEST_LINE))
        file.seek(0)
        lines = csv.reader(_lines(path, file), delimiter=separator)
        try:
            yield from (cells for cells in lines if cells)
        except csv.Error as error:
            raise DataError(f"{path}, line {lines.line_num}: {error}") from None


def read(path: Path) -> Table:
    """The numbers of a table whose first line names its columns.

    A row with another number of cells than the header is left out, and so is the header where it is repeated.
    """
    lines = rows(path)
    names = next(lines, [])
    if len(names) > _MOST_COLUMNS:
        raise DataError(f"{path} has {len(names):,} columns; a log has at most {_MOST_COLUMNS:,}")
    decimal_comma = _separator(_first_line(path)) == ";"
    names = _distinct(names)
    gathered = [_Gathered() for _ in names]
    count = repeated = ragged = 0
    for cells in lines:
        if len(cells) != len(names):
            ragged += 1
            continue
        if cells == names:
            repeated += 1
            continue
        for column, cell in zip(gathered, cells, strict=True):
            value = number(cell, decimal_comma)
            if value is not None:
                column.add(count, value)
            elif not missing(cell):
                column.words += 1
        count += 1
    columns = {name: one.numbers(count) for name, one in zip(names, gathered, strict=True)}
    return Table(count, columns, tuple(_notes(len(names), ragged, repeated)))


class _Gathered:
    """The numbers of a column while it is read; their rows are kept from the first gap on."""

    def __init__(self) -> None:
        self.values = array("d")
        self.rows: array[int] | None = None
        self.words = 0

    def add(self, row: int, value: float) -> None:
        if self.rows is None and row != len(self.values):
            self.rows = array("q", range(len(self.values)))
        if self.rows is not None:
            self.rows.append(row)
        self.values.append(value)

    def numbers(self, rows: int) -> Numbers:
        """Without a copy, except where the last rows are those that are missing."""
        where: NDArray[np.int64] | None = None
        if self.rows is not None:
            where = np.frombuffer(self.rows, np.int64)
        elif len(self.values) < rows:
            where = np.arange(len(self.values))
        values = np.frombuffer(self.values, np.float64) if self.values else np.empty(0)
        return Numbers(where, values, self.words)


def _notes(columns: int, ragged: int, repeated: int) -> Iterator[str]:
    if ragged:
        yield f"{ragged} rows are left out: they do not have the {columns} cells of the header"
    if repeated:
        yield f"the header is repeated {repeated} times"


def _lines(path: Path, file: TextIOWrapper) -> Iterator[str]:
    number_ = 0
    while line := file.readline(_LONGEST_LINE):
        number_ += 1
        if len(line) == _LONGEST_LINE and not line.endswith("\n"):
            raise DataError(f"{path}, line {number_} is longer than {_LONGEST_LINE:,} characters")
        yield line


def _first_line(path: Path) -> str:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return file.readline(_LONGEST_LINE)


def _separator(line: str) -> str:
    return max(_SEPARATORS, key=line.count)


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=_separator(line)), [])
    except csv.Error:
        return []


def _distinct(names: Sequence[str]) -> list[str]:
    """Names without spaces around; one that comes again gets a number, as pandas does (``loss.1``)."""
    seen: Counter[str] = Counter()
    distinct: list[str] = []
    for name in (one.strip() for one in names):
        distinct.append(f"{name}.{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return distinct
