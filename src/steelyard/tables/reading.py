"""Files into polars frames, whole or in batches. No polars exception leaves this module."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from steelyard.errors import DataError
from steelyard.tables.dialect import MISSING_WORDS, Dialect, sniff
from steelyard.tables.scan import Layout, check
from steelyard.tables.source import Container, container, damaged

_POLARS_FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


class TableFile:
    """A file whose layout has been found out and checked. Its column names are known; no row is read yet.

    ``expected`` are column names that ought to be in it: they tell a header from data. ``order`` are the
    names that the columns of a file without a header have if it has exactly that many (prediction data
    without the target column).
    """

    def __init__(self, path: Path, *, expected: Collection[str] = (), order: Sequence[str] = ()) -> None:
        self.path = path
        self.dialect: Dialect | None = None
        self._layout = Layout(0, np.zeros(0, np.int64))
        kind = container(path)
        if kind is Container.PARQUET:
            self.names = self._parquet_names()
            return
        self.dialect = sniff(path, kind, expected)
        self._layout = check(path, self.dialect)
        nameless = not self.dialect.header and len(order) == len(self.dialect.names)
        self.names = tuple(order) if nameless else self.dialect.names

    @property
    def named(self) -> bool:
        """False if the file gives no names, so that its columns are column_1, column_2, ..."""
        return self.dialect is None or self.dialect.header

    def read(self, columns: Sequence[str] | None = None, *, as_text: Collection[str] = ()) -> pl.DataFrame:
        """All rows of some or all columns. A text file's columns ``as_text`` keep their spelling.

        The other columns of a text file get the narrowest type that holds all their values.
        """
        wanted = self.names if columns is None else tuple(columns)
        try:
            if self.dialect is None:
                return pl.read_parquet(self.path, columns=list(wanted))
            return self._read_text(self.dialect, wanted, as_text)
        except _POLARS_FAILURES as error:
            raise self._unreadable(error) from None

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
        """The same rows in the same order, about ``rows`` at a time; a text file's columns are all text."""
        if not columns:
            yield from self._empty_batches(rows)
            return
        blank = self._layout.blank
        seen = 0
        try:
            lazy = self._scan().select(columns)
            for batch in lazy.collect_batches(chunk_size=rows, maintain_order=True):
                here = blank[np.searchsorted(blank, seen) : np.searchsorted(blank, seen + batch.height)]
                yield self._with_points(_without(batch, here - seen))
                seen += batch.height
        except _POLARS_FAILURES as error:
            raise self._unreadable(error) from None

    def _empty_batches(self, rows: int) -> Iterator[pl.DataFrame]:
        try:
            total = self._layout.rows if self.dialect else self._scan().select(pl.len()).collect().item()
        except _POLARS_FAILURES as error:
            raise self._unreadable(error) from None
        for start in range(0, total, rows):
            yield pl.DataFrame(height=min(rows, total - start))

    def _parquet_names(self) -> tuple[str, ...]:
        try:
            return tuple(pl.scan_parquet(self.path).collect_schema().names())
        except _POLARS_FAILURES as error:
            raise self._unreadable(error) from None

    def _scan(self) -> pl.LazyFrame:
        if self.dialect is None:
            return pl.scan_parquet(self.path)
        return pl.scan_csv(
            self.path,
            has_header=False,
            skip_lines=self.dialect.skip_lines,
            separator=self.dialect.separator,
            decimal_comma=self.dialect.decimal_comma,
            schema=dict.fromkeys(self.names, pl.String),
            glob=False,
        )

    def _read_text(self, dialect: Dialect, wanted: Sequence[str], as_text: Collection[str]) -> pl.DataFrame:
        try:
            frame = self._parse(dialect, wanted, as_text, 10_000)
        except pl.exceptions.PolarsError:
            # A later value does not fit the type of the first ones: look at all of them.
            frame = self._parse(dialect, wanted, as_text, None)
        if frame.height != self._layout.records:
            raise DataError(
                f"{self.path}: {self._layout.records} records were counted but {frame.height} were parsed.",
                help="look for misplaced double quotes",
            )
        return self._with_points(_without(frame, self._layout.blank))

    def _parse(
        self, dialect: Dialect, wanted: Sequence[str], as_text: Collection[str], infer_rows: int | None
    ) -> pl.DataFrame:
        lazy = pl.scan_csv(
            self.path,
            has_header=False,
            skip_lines=dialect.skip_lines,
            new_columns=list(self.names),
            separator=dialect.separator,
            decimal_comma=dialect.decimal_comma,
            null_values=list(MISSING_WORDS),
            schema_overrides={name: pl.String for name in wanted if name in as_text},
            infer_schema_length=infer_rows,
            glob=False,
        )
        return lazy.select(wanted).collect()

    def _with_points(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Numbers that are still text, because of padding or by request, get a decimal point."""
        if self.dialect is None or not self.dialect.decimal_comma:
            return frame
        return frame.with_columns(pl.col(pl.String).str.replace(r"^(\s*[+-]?\d+),(\d+\s*)$", "${1}.${2}"))

    def _unreadable(self, error: BaseException) -> DataError:
        if self.dialect is None:
            return damaged(self.path, "parquet", str(error))
        detail = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return DataError(f"{self.path} cannot be parsed: {detail}", help="look for misplaced double quotes")


def _without(frame: pl.DataFrame, rows: NDArray[np.int64]) -> pl.DataFrame:
    if not len(rows):
        return frame
    keep = np.ones(frame.height, np.bool_)
    keep[rows] = False
    return frame.filter(pl.Series(keep))
