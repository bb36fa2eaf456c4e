"""What the columns of a table are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ColumnKind(StrEnum):
    """How a column enters the network, if at all."""

    NUMERIC = "numeric"
    BOOLEAN = "boolean"
    """A number, 0 or 1."""
    DATE = "date"
    """A number: days since ``Column.offset``."""
    CATEGORY = "category"
    IDENTIFIER = "identifier"
    """(Almost) every row has its own value: left out."""
    CONSTANT = "constant"
    """One value, or none at all: left out."""
    DROPPED = "dropped"
    """Left out because the caller said so."""


@dataclass(frozen=True)
class Column:
    """One column of the input.

    ``reason`` is one clause that says why this kind was chosen ("41 levels, text", "given").
    ``offset`` is subtracted, in float64, before a number becomes float32, so that dates and large
    numbers keep their last digits; for a date it is in days since 1970-01-01.
    ``levels`` are the texts of a category (for a boolean: of false and true), without the missing
    value; the code of ``levels[i]`` in a table is ``FIRST_LEVEL + i``.
    """

    name: str
    kind: ColumnKind
    reason: str = ""
    offset: float = 0.0
    levels: tuple[str, ...] = ()
    missing: int = 0


UNSEEN = 0
"""Code of a level that the schema does not know."""
MISSING = 1
"""Code of a missing category."""
FIRST_LEVEL = 2
"""Code of a column's first level."""


@dataclass(frozen=True)
class Target:
    """The target column and its two labels, as the file spells them."""

    name: str
    positive: str
    negative: str
    positive_by_default: bool
    """True if nobody said which label is positive and the rarer was taken."""


@dataclass(frozen=True)
class Schema:
    """The columns of a table, in the order of the file, and its target."""

    columns: tuple[Column, ...]
    target: Target
    time: str | None = None
    group: str | None = None

    @property
    def numeric(self) -> tuple[Column, ...]:
        """The columns of ``Table.numeric``, in its order."""
        kinds = (ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.DATE)
        return tuple(column for column in self.columns if column.kind in kinds)

    @property
    def categories(self) -> tuple[Column, ...]:
        """The columns of ``Table.codes``, in its order."""
        return tuple(column for column in self.columns if column.kind is ColumnKind.CATEGORY)
