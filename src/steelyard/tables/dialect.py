"""How a text file is to be read: separator, header, decimal mark. Found out from its beginning."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from steelyard.errors import DataError
from steelyard.tables.source import Container, chunks

MISSING_WORDS = (
    *("", "?", "NA", "N/A", "n/a", "NaN", "nan", "-NaN", "-nan", "NULL", "null", "None", "NaT"),
    *("#N/A", "#N/A N/A", "#NA", "<NA>", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
)
"""What a missing value may look like in a text file: pandas' list and ``?``."""

SEPARATORS = ("\t", ";", "|", ",")
"""In the order in which they win if several would do: text has commas in it more often than tabs."""

_SAMPLE_RECORDS = 200
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_MADE_UP = re.compile(r"column_\d+")


@dataclass(frozen=True)
class Dialect:
    """How a text file is laid out.

    ``names`` are the columns in order; a file without a header has ``column_1`` to ``column_N``, and so
    has a column whose field in the header is empty. ``skip_lines`` physical lines come before the data.
    """

    container: Container
    separator: str
    header: bool
    names: tuple[str, ...]
    skip_lines: int
    decimal_comma: bool


def sniff(path: Path, kind: Container, expected: Collection[str] = ()) -> Dialect:
    """The dialect of a file. ``expected`` are column names that ought to be there, the best clue of all.

    The separator is the one that cuts the first records into the same number of fields, more than one.
    There is a header if an expected name stands in the first record; if not, there is none where the
    first record holds a number or a missing value, or where all columns are text and a value of the
    first record comes again below it.
    """
    sample, whole = _sample(path, kind)
    separator = _separator(sample, whole, expected)
    records, line_numbers = _records(sample, whole, separator)
    if not records:
        raise DataError(f"{path} is empty: it holds nothing but blank lines.", help="a table needs rows")
    rows = [[field.strip() for field in record] for record in records]
    decimal_comma = separator != "," and _has_decimal_commas(rows)
    header = _has_header(rows, expected, decimal_comma)
    first = rows[0]
    made_up = [f"column_{i}" for i in range(1, len(first) + 1)]
    names = [name or made_up[i] for i, name in enumerate(first)] if header else made_up
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        listed = ", ".join(f"{name!r} ({names.count(name)} times)" for name in repeated)
        raise DataError(
            f"{path}, line {line_numbers[0]}: the header names columns more than once: {listed}.",
            help="give every column a name of its own",
        )
    skip_lines = _lines_before_data(sample, line_numbers[0] if header else 0)
    return Dialect(kind, separator, header, tuple(names), skip_lines, decimal_comma)


def _sample(path: Path, kind: Container) -> tuple[str, bool]:
    """The beginning of the file, and whether that is the whole of it."""
    stream = chunks(path, kind)
    head = next(stream, b"")
    whole = next(stream, None) is None
    if len(head) > 1 << 20:
        head, whole = head[: 1 << 20], False
    if b"\r" in head and b"\n" not in head:
        raise DataError(
            f"{path} ends its lines with a carriage return alone, as old Macintosh programs did.",
            help="save it with the line ends of Unix or Windows",
        )
    # Bytes that are not UTF-8 are found with their line number when the whole file is checked.
    return head.decode("utf-8", errors="replace"), whole


def _lines_before_data(sample: str, header_lines: int) -> int:
    """The header's lines and the blank ones that follow: polars must not begin with a blank line."""
    lines = io.StringIO(sample, newline="\n")
    for _ in range(header_lines):
        next(lines)
    blank = itertools.takewhile(lambda line: not line.strip("\r\n"), lines)
    return header_lines + sum(1 for _ in blank)


def _records(sample: str, whole: bool, separator: str) -> tuple[list[list[str]], list[int]]:
    """The first records that are not blank, and the physical line on which each ends."""
    records: list[list[str]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
    try:
        for record in reader:
            if record:
                records.append(record)
                lines.append(reader.line_num)
            if len(records) > _SAMPLE_RECORDS:
                break
    except csv.Error:  # a field longer than the module accepts: what came before it must do
        return records, lines
    cut_off = not whole and len(records) > 1  # the last record may be half a record
    return (records[:-1], lines[:-1]) if cut_off else (records, lines)


def _separator(sample: str, whole: bool, expected: Collection[str]) -> str:
    best, best_score = ",", (-1, 0.0)
    for separator in SEPARATORS:
        records, _ = _records(sample, whole, separator)
        if not records:
            continue
        width, agreeing = Counter(len(record) for record in records).most_common(1)[0]
        known = len({field.strip() for field in records[0]} & set(expected))
        if width == 1 and len(records[0]) == 1:
            continue
        score = (known, agreeing / len(records))
        if score > best_score:
            best, best_score = separator, score
    return best


def _is_number(field: str, decimal_comma: bool) -> bool:
    return _NUMBER.fullmatch(field.replace(",", ".") if decimal_comma else field) is not None


def _has_decimal_commas(rows: Sequence[Sequence[str]]) -> bool:
    fields = [field for row in rows for field in row]
    with_point = any("." in field and _NUMBER.fullmatch(field) for field in fields)
    return not with_point and any(_DECIMAL_COMMA.fullmatch(field) for field in fields)


def _has_header(rows: Sequence[Sequence[str]], expected: Collection[str], decimal_comma: bool) -> bool:
    first, rest = rows[0], rows[1:]
    if set(first) & set(expected):
        return True
    if expected and all(_MADE_UP.fullmatch(name) for name in expected):
        return False
    if any(_is_number(field, decimal_comma) or field in MISSING_WORDS[1:] for field in first):
        return False
    columns = list(zip(*(row for row in rest if len(row) == len(first)), strict=True))
    for column in columns:
        present = [field for field in column if field not in MISSING_WORDS]
        if present and all(_is_number(field, decimal_comma) for field in present):
            return True
    return not any(name in column for name, column in zip(first, columns, strict=False))
