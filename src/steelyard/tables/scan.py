"""One pass over a text file before it is parsed: are all records whole, and where are the blank ones?

polars fills short records with missing values and takes a blank line for a row of them. Both would be
silent repairs, so this module counts the fields of every record itself, a few megabytes at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from steelyard.errors import DataError
from steelyard.tables.dialect import Dialect
from steelyard.tables.source import chunks

_NEWLINE, _RETURN, _QUOTE = 10, 13, 34
_LINE_END = b"\n"
_LONGEST_RECORD = 64 << 20
_SHOWN = 5


@dataclass(frozen=True, eq=False)
class Layout:
    """``records`` stand after the header, blank ones included; ``blank`` are their indices, ascending."""

    records: int
    blank: NDArray[np.int64]

    @property
    def rows(self) -> int:
        """Records that hold something."""
        return self.records - len(self.blank)


def check(path: Path, dialect: Dialect) -> Layout:
    """Read the whole file once in bounded memory.

    Raises ``DataError`` with line numbers for records with too few or too many fields, misplaced or
    unclosed quotes and bytes that are not UTF-8, and if there is no row at all.
    """
    records = 0
    blank: list[NDArray[np.int64]] = []
    ragged: list[tuple[int, int]] = []
    ragged_count = 0
    for line, block, starts, ends, fields in _blocks(path, dialect):
        length = ends - starts
        empty = (length == 0) | ((length == 1) & (block[starts] == _RETURN))
        if len(dialect.names) == 1:
            fields = np.ones_like(fields)
        wrong = np.flatnonzero(~empty & (fields != len(dialect.names)))
        for i in wrong[: _SHOWN - len(ragged)]:
            ragged.append((line + int(np.count_nonzero(block[: starts[i]] == _NEWLINE)), int(fields[i])))
        ragged_count += len(wrong)
        blank.append(records + np.flatnonzero(empty))
        records += len(ends)
    if ragged:
        raise _ragged_error(path, dialect, ragged, ragged_count)
    layout = Layout(records, np.concatenate(blank) if blank else np.zeros(0, np.int64))
    if layout.rows == 0:
        raise DataError(
            f"{path} has a header ({len(dialect.names)} columns) and no rows.",
            help="a table needs rows below its header",
        )
    return layout


def _ragged_error(path: Path, dialect: Dialect, ragged: list[tuple[int, int]], count: int) -> DataError:
    expected = len(dialect.names)
    where = "the header" if dialect.header else "the first line"
    problems = [
        f"{path}, line {line}: {found} field{'s' if found != 1 else ''} found, "
        f"{expected} expected (as in {where})."
        for line, found in ragged
    ]
    if count > len(ragged):
        problems.append(f"... and {count - len(ragged)} more lines like these.")
    name = {"\t": "tab"}.get(dialect.separator, repr(dialect.separator))
    return DataError(
        *problems,
        help=f"the separator is taken to be {name}; mend these lines, or quote the fields that hold it",
    )


_Block = tuple[int, NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def _blocks(path: Path, dialect: Dialect) -> Iterator[_Block]:
    """Whole records together: their first line, bytes, where each starts and ends, its number of fields."""
    rest, line, skip = b"", 1, dialect.skip_lines
    for chunk in _chunks_and_last_newline(path, dialect):
        rest += chunk
        while skip and (end := rest.find(b"\n")) >= 0:
            rest, skip, line = rest[end + 1 :], skip - 1, line + 1
        if skip:
            continue
        block = np.frombuffer(rest, np.uint8)
        separators, ends = _cut(path, line, block, ord(dialect.separator))
        if len(ends):
            used = int(ends[-1]) + 1
            _check_text(path, line, rest[:used])
            starts = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))
            fields = np.diff(np.searchsorted(separators, ends), prepend=0) + 1
            yield line, block[:used], starts, ends, fields
            line += rest.count(b"\n", 0, used)
            rest = rest[used:]
        if len(rest) > _LONGEST_RECORD:
            raise _unclosed_quote(path, line)
    if rest:
        raise _unclosed_quote(path, line)


def _chunks_and_last_newline(path: Path, dialect: Dialect) -> Iterator[bytes]:
    last = b""
    for chunk in chunks(path, dialect.container):
        yield chunk
        last = chunk[-1:]
    if last not in (b"\n", b""):
        yield b"\n"


def _cut(
    path: Path, line: int, block: NDArray[np.uint8], separator: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of the separators and newlines that stand outside quotes."""
    is_quote = block == _QUOTE
    is_separator, is_newline = block == separator, block == _NEWLINE
    if is_quote.any():
        # An escaped quote is two quotes, so what follows an odd number of quotes is quoted.
        outside = ~np.logical_xor.accumulate(is_quote)
        is_separator &= outside
        is_newline &= outside
    separators, ends = np.flatnonzero(is_separator), np.flatnonzero(is_newline)
    if len(ends) and is_quote.any():
        _check_quotes(path, line, block[: ends[-1] + 1], separator)
    return separators, ends


def _check_quotes(path: Path, line: int, block: NDArray[np.uint8], separator: int) -> None:
    """Quotes open at the start of a field and close at its end; readers disagree about any others."""
    quotes = np.flatnonzero(block == _QUOTE)
    opening, closing = quotes[0::2], quotes[1::2]
    before = block[np.maximum(opening - 1, 0)]
    after = block[closing + 1]  # the block ends with a newline
    fine_before = (opening == 0) | np.isin(before, (separator, _NEWLINE, _QUOTE))
    fine_after = np.isin(after, (separator, _NEWLINE, _RETURN, _QUOTE))
    bad = np.sort(np.concatenate((opening[~fine_before], closing[~fine_after])))
    if not len(bad):
        return
    at = int(bad[0])
    record = bytes(block[:at]).rfind(b"\n") + 1
    shown = bytes(block[record : at + 20]).decode("utf-8", errors="replace").strip()
    raise DataError(
        f"{path}, line {line + int(np.count_nonzero(block[:at] == _NEWLINE))}: a double quote stands inside "
        f"a field that does not begin and end with one, near {shown[-40:]!r}.",
        help='no space may stand between separator and quote; a quote within a field is written ""',
    )


def _check_text(path: Path, line: int, raw: bytes) -> None:
    if raw.isascii():
        return
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line += raw.count(_LINE_END, 0, error.start)
        raise DataError(
            f"{path}, line {line}: the byte 0x{raw[error.start]:02x} is not UTF-8.",
            help="save the file as UTF-8, for instance with: iconv -f latin1 -t utf-8",
        ) from None


def _unclosed_quote(path: Path, line: int) -> DataError:
    return DataError(
        f"{path}, line {line}: a double quote is opened in the record that begins here and never closed.",
        help='close it, or write "" for a quote that belongs to the text',
    )
