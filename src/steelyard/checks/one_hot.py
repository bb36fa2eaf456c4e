"""Columns of zeros and ones that a method would put something between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.checks.findings import Finding
from steelyard.data import ColumnKind, Table
from steelyard.recipe.imbalance import ADASYN, BorderlineSMOTE, Inventive, Resampling

_MOST_ROWS = 20_000
_MANY, _MANY_SHARE = 5, 0.2


def one_hot_columns(table: Table, rows: NDArray[np.int64], resampling: Resampling) -> list[Finding]:
    """D108: number columns that hold 0 and 1 only, where ``resampling`` invents rows.

    Told if some of them sum to one in every row, or if they are five and a fifth of the numbers.
    True/false columns count only for methods that take them as numbers. Looks at no more than 20,000
    rows, evenly spaced.
    """
    if not isinstance(resampling, Inventive):
        return []
    numbers_too = isinstance(resampling, BorderlineSMOTE | ADASYN)
    sample = rows[:: -(-len(rows) // _MOST_ROWS)] if len(rows) else rows
    binary: dict[int, NDArray[np.bool_]] = {}
    for j, column in enumerate(table.schema.numeric):
        if column.kind is ColumnKind.NUMERIC or (numbers_too and column.kind is ColumnKind.BOOLEAN):
            values = table.features.numeric[sample, j]
            if np.isin(values, (0.0, 1.0)).all() and values.min() != values.max():
                binary[j] = values == 1.0
    groups = _groups(binary)
    if not groups and len(binary) < max(_MANY, _MANY_SHARE * len(table.schema.numeric)):
        return []
    names = tuple(table.schema.numeric[j].name for j in binary)
    in_groups = sum(len(group) for group in groups)
    clause = (
        f", {in_groups} of them in {len(groups)} group{'s' if len(groups) > 1 else ''} of which one is 1 in "
        "every row"
        if groups
        else ""
    )
    shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    return [
        Finding(
            "D108",
            f"{resampling.name} will put fractions into {len(names)} of {len(table.schema.numeric)} columns "
            f"of numbers that hold 0 and 1 only ({shown}){clause}.",
            names,
        )
    ]


def _groups(binary: dict[int, NDArray[np.bool_]]) -> list[list[int]]:
    """Neighbouring columns of which exactly one is true in every row."""
    groups: list[list[int]] = []
    group: list[int] = []
    covered: NDArray[np.bool_] | None = None
    for j, column in binary.items():
        if covered is None or group[-1] != j - 1 or (covered & column).any():
            group, covered = [], np.zeros_like(column)
        group.append(j)
        covered = covered | column
        if covered.all():
            groups.append(group)
            group, covered = [], None
    return groups
