"""A Jupyter notebook: its code, its words and what its cells showed, without running any of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from steelyard.diagnosis.readers import jsonfile
from steelyard.diagnosis.readers.post import LARGEST
from steelyard.diagnosis.readers.post.document import Document, Part
from steelyard.diagnosis.readers.typography import typed
from steelyard.errors import DataError
from steelyard.log import Log

_LARGEST_OUTPUT = 2_000_000
"""Characters of one output that are looked at; the middle of a longer one is left out."""
_CONTROL = re.compile(r"\x1b\[[\d;?]{0,20}[A-Za-z]")
_AGAIN = re.compile(r"[\x08\r]+")
_CELLS = re.compile(rb'"(?:cells|worksheets)"\s{0,20}:\s{0,20}\[|"nbformat"\s{0,20}:\s{0,20}\d')
_KINDS = {"code": "code", "markdown": "prose", "raw": "prose", "heading": "prose"}


def sniff(head: bytes, path: Path) -> bool:
    """A JSON object with cells, or one that is named a notebook."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"{") and (path.suffix == ".ipynb" or _CELLS.search(start) is not None)


def read(path: Path) -> tuple[Log, ...]:
    """A log for each training and each search in a notebook (format 3 or 4); () if there is none.

    :class:`~steelyard.errors.DataError` if the file is no notebook, or one with too much text.
    """
    cells = _cells(jsonfile.load(path))
    if cells is None:
        raise DataError(f"{path} is no notebook: it holds no list of cells")
    from steelyard.diagnosis.readers.post.logs import logs_of  # slow to load

    return logs_of(_document(cells, str(path)), "notebook")


def _cells(content: Any) -> list[Any] | None:
    """The cells of a notebook, which format 3 keeps inside of worksheets."""
    if not isinstance(content, dict):
        return None
    if isinstance(cells := content.get("cells"), list):
        return cells
    sheets = content.get("worksheets")
    if not isinstance(sheets, list):
        return None
    return [
        cell
        for sheet in sheets
        if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
        for cell in sheet["cells"]
    ]


def _document(cells: list[Any], source: str) -> Document:
    """All text in order. Where it is too much, the middle of the longest outputs is left out."""
    found = [
        (kind, f"cell {number}", text.rstrip("\n") + "\n\n")
        for number, cell in enumerate(cells, start=1)
        if isinstance(cell, dict)
        for kind, text in _texts(cell)
    ]
    room = LARGEST - sum(len(text) for kind, _, text in found if kind != "output")
    outputs = [len(text) for kind, _, text in found if kind == "output"]
    if room < len(outputs):
        raise DataError(
            f"{source} has more than {LARGEST:,} characters of code and words",
            help="give a notebook with only the cells that build and train",
        )
    longest = _longest(outputs, room)
    pieces: list[str] = []
    parts: list[Part] = []
    length = 0
    for kind, place, text in found:
        if kind == "output":
            text = _without_middle(text, longest)
        parts.append(Part(kind, length, length + len(text), place))
        pieces.append(text)
        length += len(text)
    return Document(source, typed("".join(pieces)), tuple(parts))


def _longest(lengths: Sequence[int], room: int) -> int:
    """How long texts may be so that all together fit, if longer ones are shortened to that.

    >>> _longest([10, 80, 90], 100), _longest([10, 20], 100)
    (45, 100)
    """
    left, room_left = len(lengths), room
    for length in sorted(lengths):
        if length * left > room_left:
            return room_left // left
        left, room_left = left - 1, room_left - length
    return room


def _texts(cell: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a cell says and what it showed."""
    source = _joined(cell.get("source", cell.get("input")))
    if source:
        yield _KINDS.get(str(cell.get("cell_type")), "prose"), source
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        shown = data.get("text/plain") if isinstance(data, dict) else output.get("text")
        if text := _plain(_joined(shown)):
            yield "output", text


def _joined(text: Any) -> str:
    """Text of a notebook, which is a string or a list of lines. JSON may hold halves of characters in it."""
    if isinstance(text, list):
        text = "".join(line for line in text if isinstance(line, str))
    return text.encode("utf-8", "replace").decode("utf-8") if isinstance(text, str) else ""


def _plain(text: str) -> str:
    """Output as a terminal would have left it: of a line that was written again and again, its last state."""
    text = _CONTROL.sub("", _without_middle(text, _LARGEST_OUTPUT))
    return "\n".join(map(_last_state, text.split("\n")))


def _last_state(line: str) -> str:
    if not _AGAIN.search(line):
        return line
    return next((state for state in reversed(_AGAIN.split(line)) if state.strip()), "")


def _without_middle(text: str, longest: int) -> str:
    """A text whose middle is left out if it is too long."""
    if len(text) <= longest:
        return text
    half = max(longest - 1, 0) // 2
    return text[:half] + "\n" + text[len(text) - half :]
