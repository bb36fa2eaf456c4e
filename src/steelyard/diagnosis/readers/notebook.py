"""A Jupyter notebook: its code, its words and what its cells showed, without running any of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from steelyard.diagnosis.readers import jsonfile
from steelyard.diagnosis.readers.post import LARGEST
from steelyard.diagnosis.readers.post.document import Document, Part
from steelyard.diagnosis.readers.post.logs import logs_of
from steelyard.errors import DataError
from steelyard.log import Log

_LARGEST_OUTPUT = 100_000
"""Characters of one output; the middle of a longer one is left out."""
_CONTROL = re.compile(r"\x1b\[[\d;?]{0,20}[A-Za-z]")
_AGAIN = re.compile(r"[\x08\r]+\n?")
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
    pieces: list[str] = []
    parts: list[Part] = []
    length = 0
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict):
            continue
        for kind, text in _texts(cell):
            text = text.rstrip("\n") + "\n\n"
            if length + len(text) > LARGEST:
                raise DataError(
                    f"{source} has more than {LARGEST:,} characters of text up to cell {number}",
                    help="clear long outputs",
                )
            parts.append(Part(kind, length, length + len(text), f"cell {number}"))
            pieces.append(text)
            length += len(text)
    return Document(source, "".join(pieces), tuple(parts))


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
    """Text of a notebook, which is a string or a list of lines."""
    if isinstance(text, list):
        return "".join(line for line in text if isinstance(line, str))
    return text if isinstance(text, str) else ""


def _plain(text: str) -> str:
    """Output as a terminal would have left it, but with lines that were overwritten still there."""
    if len(text) > _LARGEST_OUTPUT:
        half = _LARGEST_OUTPUT // 2
        text = text[:half] + "\n" + text[-half:]
    return _AGAIN.sub("\n", _CONTROL.sub("", text))
