"""Numbers and aligned columns, as plain text that reads the same in a terminal, a pipe and a log."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 80
"""Of what is printed for people, but for tables that need more and lines to be copied."""


def number(value: float | None) -> str:
    """Four decimals; a dash where a score is undefined.

    >>> number(0.91236), number(None)
    ('0.9124', '-')
    """
    return "-" if value is None else f"{value:.4f}"


def percent(share: float | None) -> str:
    """A share with three digits that count.

    >>> percent(0.2319), percent(0.00231), percent(None)
    ('23.2%', '0.231%', '-')
    """
    return "-" if share is None else f"{100 * share:.3g}%"


def count(number: int, thing: str, things: str = "") -> str:
    """A number of things, in the singular where there is one.

    >>> count(1, "row"), count(41188, "row"), count(2, "category", "categories")
    ('1 row', '41,188 rows', '2 categories')
    """
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def columns(rows: Sequence[Sequence[str]], left: int = 1, indent: str = "") -> str:
    """Rows of cells as lines; the first ``left`` columns are aligned left, the others right.

    >>> print(columns([("", "a"), ("long name", "12")]))
                a
    long name  12
    """
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if position < left else cell.rjust(width)
            for position, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append((indent + "  ".join(cells)).rstrip())
    return "\n".join(lines)
