"""Tables as pandas prints them, also where columns are left out (``...``) or lines were joined into one.

A printed table is a run of words: names of columns, then for each row its index and a cell for each column.
Its width is the one at which the words in the place of the index count up from 0, or are whole numbers at
the beginnings of lines.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\S+")
_NAME = re.compile(r"\.\.\.|(?![-+.\d])[\w./%()-]{1,80}")
_CELL = re.compile(
    r"[-+]?(?:\d[\d.]*(?:[eE][-+]?\d+)?|\.\d+)%?|nan|NaN|None|inf|\.\.\.|[A-Za-z_][\w./-]{0,60}|<\S{0,80}"
)
_SIZE = re.compile(r"\[(\d{1,9}) rows x (\d{1,6}) columns\]")
_WIDEST = 60
_MOST_ROWS = 10_000


@dataclass(frozen=True, eq=False)
class PrintedTable:
    """Columns by name, cells as text. ``rows`` and ``columns`` are what the print says there are in all, None
    if it does not. ``start`` and ``end`` are places in the text."""

    cells: Mapping[str, Sequence[str]]
    start: int
    end: int
    rows: int | None
    columns: int | None

    @property
    def shown(self) -> int:
        """How many rows can be seen."""
        return len(next(iter(self.cells.values())))


class _Words:
    """The words of a text: where each starts and ends, and whether it is the first of its line. Two numbers
    for each, as a text may have nothing but words of one letter."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.starts, self.ends = array("i"), array("i")
        self.first = bytearray()
        end = 0
        for word in _WORD.finditer(text):
            self.first.append(not self.starts or "\n" in text[end : word.start()])
            end = word.end()
            self.starts.append(word.start())
            self.ends.append(end)

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, i: int) -> str:
        return self._text[self.starts[i] : self.ends[i]]


def printed_tables(text: str) -> Iterator[PrintedTable]:
    """Tables of at least two rows and two columns, in order."""
    words = _Words(text)
    i = 0
    while i < len(words):
        table, after = _table_at(text, words, i)
        if table is not None:
            yield table
        i = after


def _table_at(text: str, words: _Words, i: int) -> tuple[PrintedTable | None, int]:
    """The table whose first row's index is word i, and the word to go on from."""
    first = words.first
    if (
        not _is_index(words[i])
        or not (words[i] == "0" or first[i])
        or i < 2
        or not _NAME.fullmatch(words[i - 1])
    ):
        return None, i + 1
    lined_up = bool(first[i])
    if lined_up:
        width = next((k for k in range(1, _WIDEST) if i + k >= len(words) or first[i + k]), 0) - 1
        begins = i - width
        if width < 2 or begins < 0 or not (first[begins] or _names_the_index(words, begins - 1)):
            return None, i + 1
    else:
        width = _width(words, i)
        begins = i - width
        if width < 2 or begins < 0:
            return None, i + 1
    names = [words[at] for at in range(begins, i)]
    if not all(_NAME.fullmatch(name) for name in names):
        return None, i + 1
    of_epochs = lined_up and not first[begins]
    index: list[str] = []
    rows: list[list[str]] = []
    at = i
    while len(rows) < _MOST_ROWS and _is_row(words, at, width, lined_up, len(rows)):
        index.append(words[at])
        rows.append([words[cell] for cell in range(at + 1, at + 1 + width)])
        at += width + 1
    if len(rows) < 2:
        return None, i + 1
    end = words.ends[at - 1]
    size = _SIZE.match(text, words.starts[at]) if at < len(words) else None
    cells = {name: [row[j] for row in rows] for j, name in enumerate(names) if name != "..."}
    if len(cells) < 2:
        return None, i + 1
    return PrintedTable(
        {"epoch": index} | cells if of_epochs else cells,
        words.starts[begins - of_epochs],
        size.end() if size else end,
        int(size[1]) if size else None,
        int(size[2]) if size else len(names) if "..." not in names else None,
    ), at


def _names_the_index(words: _Words, at: int) -> bool:
    """Does the line begin with a name for its first column, which counts epochs, as web pages have it?"""
    return at >= 0 and bool(words.first[at]) and words[at].lower() in ("epoch", "epochs", "#")


def _is_index(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 9


def _width(words: _Words, i: int) -> int:
    """How many cells a row has, if the row with index 0 begins at word i; 0 if nothing fits."""
    for width in range(2, _WIDEST):
        if i + width + 1 >= len(words):
            break
        if words[i + width + 1] != "1" or not _are_cells(words, i + 1, width):
            continue
        third = i + 2 * (width + 1)
        if _are_cells(words, i + width + 2, width) and (
            third >= len(words) or words[third] in ("2", "...") or not _is_index(words[third])
        ):
            return width
    return 0


def _are_cells(words: _Words, start: int, width: int) -> bool:
    return start + width <= len(words) and all(
        _CELL.fullmatch(words[at]) for at in range(start, start + width)
    )


def _is_row(words: _Words, at: int, width: int, lined_up: bool, number: int) -> bool:
    if at + width >= len(words) or not _is_index(words[at]) or not _are_cells(words, at + 1, width):
        return False
    if lined_up:
        first = words.first
        ends_the_line = at + width + 1 >= len(words) or bool(first[at + width + 1])
        return bool(first[at]) and ends_the_line and not any(first[at + 1 : at + 1 + width])
    return words[at] == str(number)
