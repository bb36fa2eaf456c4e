"""Documentation as text in a terminal: headings, paragraphs, and entries with their meanings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from textwrap import dedent, fill, indent

_BOLD, _DIM = "1", "2"
_CODE = re.compile(r"``([^`]+)``")
_ROLE = re.compile(r":\w+:`~?(?:[\w.]+\.)?(\w+)`")
_ITEM = re.compile(r"^(?:- |\d+\. )")


class Page:
    """Lays text out for so many columns, in colour or without."""

    def __init__(self, width: int, colour: bool) -> None:
        self._width = width
        self._colour = colour

    def bold(self, text: str) -> str:
        """A heading or a name."""
        return self._styled(text, _BOLD)

    def dim(self, text: str) -> str:
        """What is less important."""
        return self._styled(text, _DIM)

    def paragraphs(self, text: str, margin: str = "  ") -> str:
        """The paragraphs of a docstring, each filled; what is indented there, as examples are, stays so."""
        return "\n\n".join(self._paragraph(part, margin) for part in re.split(r"\n\s*\n", text.strip("\n")))

    def entry(self, name: str, text: str, column: int, margin: str = "  ") -> str:
        """A name and, from the given column on, its meaning."""
        first = margin + name.ljust(column)
        lines = self._fill(text, " " * len(first)).strip()
        return self.bold(margin + name) + " " * (len(first) - len(margin + name)) + lines

    def entries(self, rows: Iterable[tuple[str, str]], margin: str = "  ") -> str:
        """Names and meanings in two columns."""
        listed = list(rows)
        column = max((len(name) for name, _ in listed), default=0) + 2
        return "\n".join(self.entry(name, text, column, margin) for name, text in listed)

    def _paragraph(self, text: str, margin: str) -> str:
        lines = text.splitlines()
        if lines[0].startswith("    "):
            return indent(dedent(text), margin + "  ")
        if any(_ITEM.match(line) for line in lines):
            return "\n".join(self._fill(item, margin, margin + "  ") for item in _items(lines))
        return self._fill(text, margin)

    def _fill(self, text: str, first: str, rest: str | None = None) -> str:
        return fill(
            spoken(" ".join(text.split())),
            self._width,
            initial_indent=first,
            subsequent_indent=first if rest is None else rest,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def _styled(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._colour else text


def spoken(text: str) -> str:
    """With the marks of a docstring as people write them.

    >>> spoken("``patience`` of :class:`~steelyard.log.Stopping`")
    '`patience` of Stopping'
    """
    return _ROLE.sub(r"\1", _CODE.sub(r"`\1`", text))


def _items(lines: list[str]) -> list[str]:
    """A list as its items, and what stands before them."""
    items: list[str] = []
    for line in lines:
        if _ITEM.match(line) or not items:
            items.append(line)
        else:
            items[-1] += f" {line.strip()}"
    return items
