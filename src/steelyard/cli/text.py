"""Numbers, paragraphs and aligned columns, as text that reads the same in a terminal, a pipe and a log."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

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


def duration(seconds: float) -> str:
    """A length of time in its two largest units, as people say it.

    >>> duration(0.0421), duration(7.5), duration(200), duration(3_900), duration(200_000)
    ('42 ms', '7.5 s', '3 min 20 s', '1 h 5 min', '2 days 7 h')
    """
    if seconds < 0.9995:
        return f"{1000 * max(seconds, 0.0):.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for size, unit, smaller, part in (
        (86_400, "day", 3_600, "h"),
        (3_600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            amount, rest = whole // size, whole % size // smaller
            name = f"{unit}s" if unit == "day" and amount > 1 else unit
            return f"{amount} {name} {rest} {part}" if rest else f"{amount} {name}"
    return f"{whole} s"


def size(amount: float) -> str:
    """A number of bytes.

    >>> size(740), size(1_260_000), size(41_000_000_000)
    ('740 bytes', '1.3 MB', '41 GB')
    """
    for power, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if amount >= power:
            return f"{amount / power:.2g} {unit}" if amount < 100 * power else f"{amount / power:.0f} {unit}"
    return f"{amount:.0f} bytes"


def entry(name: str, text: str) -> str:
    """One labelled paragraph: ``split      stratified at random ...``."""
    return fill(
        text,
        WIDTH,
        initial_indent=f"{name:<10} ",
        subsequent_indent=" " * 11,
        break_long_words=False,
        break_on_hyphens=False,
    )


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
