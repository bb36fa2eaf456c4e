"""Checks of single columns, on training rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from steelyard.checks.findings import Finding
from steelyard.checks.others import others_together
from steelyard.checks.separation import MOST_OF_A_CLASS, Separation, bins_of, halves, separation
from steelyard.data import MISSING, Column, ColumnKind, Table

GOOD_MODEL = 0.80
"""From here on a whole model's area is called excellent (Hosmer & Lemeshow 2000, section 5.2.4)."""
NEARLY_ALL = 0.95
"""From here on a column is told even if others are as good."""
USEFUL = 0.70
"""From here on an area is called acceptable there; for missing values alone that is much."""
_ERRORS = 3.0
"""So many standard errors below the area a threshold lower by 0.10 must be cleared: with a few dozen
positives noise would pass otherwise."""
_LEAST_OF_A_CLASS = 20
_MANY = 0.25
"""If more than this share of the columns is good alone, the classes are easy to tell apart, not leaked."""

_MOST_OTHERS = 64
"""So many columns, the best alone, are taken together to compare a strong one with."""

_MONOTONE = 0.99
_DISTINCT = 0.95
_LEAST_REPEATS = 20.0
_FEWER = 0.25
_FIRST = 1000


def alone(table: Table, rows: NDArray[np.int64]) -> list[Finding]:
    """D101, D102 and D110: columns, and gaps in columns, that predict without any other."""
    random = np.random.default_rng(0)
    rows = _sample(rows, table.target, random)
    target = table.target[rows]
    rarer = int(np.bincount(target, minlength=2).min())
    if rarer < _LEAST_OF_A_CLASS:
        return []
    half = halves(target, random)
    gaps: dict[str, Separation] = {}
    values: dict[str, Separation] = {}
    for column, bins, missing in _columns(table, rows, rarer):
        if missing.any() and not missing.all():
            gaps[column.name] = separation(missing.astype(np.intp), target, half)
        values[column.name] = separation(bins, target, half)
    told_gaps = _strong(gaps, USEFUL)
    strong = [name for name in _strong(values, GOOD_MODEL) if name not in told_gaps]
    good = sum(column.auc >= GOOD_MODEL for column in values.values())
    if good > max(2.0, _MANY * len(values)):
        strong = [name for name in strong if values[name].auc >= NEARLY_ALL]
    others: dict[str, float] = {}
    if strong:
        rest = sorted(values.keys() - {*strong, *told_gaps}, key=lambda name: (-values[name].auc, name))
        best = [*strong, *rest[: max(0, _MOST_OTHERS - len(strong))]]
        kept = {column.name: bins for column, bins, _ in _columns(table, rows, rarer) if column.name in best}
        others = others_together({name: kept[name] for name in best}, strong, target, half)
    # What was known only afterwards tells more than all that was known before; an honest column seldom does.
    leads = [name for name in strong if values[name].auc >= min(others.get(name, 0.0), NEARLY_ALL)]
    follows = [name for name in strong if name not in leads]
    findings = []
    though = ", though the others together rank better"
    for code, names, clause in (("D101", leads, ""), ("D110", follows, though)):
        if names:
            words = "one column alone ranks" if len(names) == 1 else "each of these columns alone ranks"
            listed = _listed(names, values, others)
            message = f"{words} the training rows well{clause}: {listed}. Known before the outcome?"
            findings.append(Finding(code, message, tuple(names)))
    if told_gaps:
        message = (
            "whether there is a value ranks the training rows well: "
            f"{_listed(told_gaps, gaps, {})}. Is the gap there before the outcome?"
        )
        findings.append(Finding("D102", message, tuple(told_gaps)))
    return findings


def identifiers(table: Table, rows: NDArray[np.int64]) -> list[Finding]:
    """D104: whole numbers that name their row."""
    told: dict[str, str] = {}
    for j, column in enumerate(table.schema.numeric):
        if column.kind is not ColumnKind.NUMERIC:
            continue
        first = table.features.numeric[rows[:_FIRST], j]
        if not np.array_equal(first, np.floor(first), equal_nan=True):
            continue  # most columns of measurements, without a look at all their rows
        if clause := _names_its_row(table.features.numeric[rows, j]):
            told[column.name] = clause
    if not told:
        return []
    listed = "; ".join(f"'{name}' {clause}" for name, clause in told.items())
    return [Finding("D104", f"{listed}. It is used as a number.", tuple(told))]


def _names_its_row(values: NDArray[np.float32]) -> str:
    """Why whole numbers, in the order of the rows, seem to be keys; empty if they do not.

    Keys grow from row to row, or they repeat less often than any quantity of their range could: numbers
    drawn evenly from R have n - R (1 - exp(-n / R)) repetitions, and uneven ones have more.
    """
    present = values[~np.isnan(values)].astype(np.float64)
    count = len(present)
    if count < 2 * _LEAST_OF_A_CLASS or (present != np.floor(present)).any():
        return ""
    distinct = len(np.unique(present))
    steps = np.diff(present)
    orderly = max((steps >= 0).mean(), (steps <= 0).mean())
    if distinct >= _DISTINCT * count and orderly >= _MONOTONE:
        return f"grows or falls from row to row, with {distinct:,} different values in {count:,} rows"
    span = present.max() - present.min() + 1
    by_chance = count + span * np.expm1(-count / span)
    if by_chance >= _LEAST_REPEATS and count - distinct <= _FEWER * by_chance:
        return (
            f"has {distinct:,} different whole numbers in {count:,} rows; any quantity between "
            f"{present.min():.0f} and {present.max():.0f} would repeat in {by_chance:,.0f} rows at least"
        )
    return ""


def _columns(
    table: Table, rows: NDArray[np.int64], rarer: int
) -> Iterator[tuple[Column, NDArray[np.intp], NDArray[np.bool_]]]:
    """Each column with a bin per row and whether its value is missing."""
    for j, column in enumerate(table.schema.numeric):
        values = table.features.numeric[rows, j]
        yield column, bins_of(values, rarer), np.isnan(values)
    for j, column in enumerate(table.schema.categories):
        codes = table.features.codes[rows, j]
        yield column, codes.astype(np.intp), codes == MISSING


def _sample(
    rows: NDArray[np.int64], target: NDArray[np.uint8], random: np.random.Generator
) -> NDArray[np.int64]:
    """All rows of a class, or ``MOST_OF_A_CLASS`` of them."""
    parts = []
    for label in (0, 1):
        of_class = rows[target[rows] == label]
        if len(of_class) > MOST_OF_A_CLASS:
            of_class = random.choice(of_class, MOST_OF_A_CLASS, replace=False)
        parts.append(of_class)
    return np.sort(np.concatenate(parts))


def _strong(found: dict[str, Separation], threshold: float) -> list[str]:
    """The names that reach the threshold, and surely come near it, best first."""
    reach = [
        name
        for name, column in found.items()
        if column.auc >= threshold and column.lower(_ERRORS) >= threshold - 0.1
    ]
    return sorted(reach, key=lambda name: -found[name].auc)


def _listed(names: list[str], found: dict[str, Separation], others: Mapping[str, float]) -> str:
    """``'duration' (ROC AUC 0.809 ± 0.008; all others together 0.785)``, with 95 % intervals, for up to five
    columns."""
    shown = [
        f"'{name}' (ROC AUC {found[name].auc:.3f} ± {1.96 * found[name].error:.3f}"
        + (f"; all others together {others[name]:.3f})" if name in others else ")")
        for name in names[:5]
    ]
    return ", ".join(shown) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
