"""One column into the float32 matrix or into codes, as its record in the schema says."""

from __future__ import annotations

import dataclasses
import warnings

import numpy as np
import polars as pl
from numpy.typing import NDArray

from steelyard.data.schema import FIRST_LEVEL, MISSING, UNSEEN, Column, ColumnKind
from steelyard.errors import DataError, SteelyardWarning
from steelyard.tables.values import (
    TRUTH,
    Content,
    Values,
    as_labels,
    first_rows,
    floats,
    refuse_unusable_numbers,
    truth_levels,
)

_LARGE_OFFSET = 256
"""Numbers this many times as large as their spread lose 8 of the 24 bits of a float32."""
_OFFSET_SAMPLE = 100_000


def fit_numbers(
    name: str, kind: ColumnKind, reason: str, values: Values, place: str
) -> tuple[Column, NDArray[np.float64]]:
    """The record of a column of numbers, dates or truth, and its values as :func:`numbers_of` gives them."""
    levels = (truth_levels(values) or ()) if kind is ColumnKind.BOOLEAN else ()
    column = Column(name, kind, reason, 0.0, levels, values.series.null_count())
    numbers = numbers_of(values, column, place)
    offset = _offset(numbers, kind)
    if offset:
        numbers -= offset
        column = dataclasses.replace(column, offset=offset)
    return column, numbers


def fit_category(name: str, reason: str, values: Values) -> tuple[Column, NDArray[np.int32]]:
    """The record of a category, its levels in sorted order, and its codes."""
    levels = as_labels(values).drop_nulls().unique().sort().to_list()
    column = Column(name, ColumnKind.CATEGORY, reason, 0.0, tuple(levels), values.series.null_count())
    return column, codes_of(values, column)


def numbers_of(values: Values, column: Column, place: str, first_row: int = 0) -> NDArray[np.float64]:
    """float64, offset subtracted, NaN where missing, never infinite; ``first_row`` is for messages."""
    if column.kind is ColumnKind.BOOLEAN:
        return _truth(values, column, place, first_row)
    numbers = _numbers(values, column, place, first_row)
    refuse_unusable_numbers(numbers, place, first_row)
    if column.offset:
        numbers -= column.offset
    return numbers


def codes_of(values: Values, column: Column) -> NDArray[np.int32]:
    """A code for each value of a category; levels that the column does not know are ``UNSEEN``."""
    labels = as_labels(values)
    codes = np.full(len(labels), UNSEEN, np.int32)
    if column.levels:
        places = labels.cast(pl.Enum(column.levels), strict=False).to_physical().cast(pl.Int32)
        known = places.is_not_null().to_numpy()
        codes[known] = places.drop_nulls().to_numpy() + FIRST_LEVEL
    codes[labels.is_null().to_numpy()] = MISSING
    return codes


def _numbers(values: Values, column: Column, place: str, first_row: int = 0) -> NDArray[np.float64]:
    wants_moments = column.kind is ColumnKind.DATE
    if wants_moments == (values.content is Content.MOMENT):
        numbers = floats(values)
        if numbers is not None:
            return numbers
    if values.series.null_count() == len(values.series):
        return np.full(len(values.series), np.nan)
    if values.content is Content.TEXT and not wants_moments:
        bad = values.series.is_not_null() & values.series.cast(pl.Float64, strict=False).is_null()
    elif values.content is Content.TEXT:
        bad = ~values.series.str.contains(r"^\d{4}-\d\d-\d\d").fill_null(True)
    else:
        bad = values.series.is_not_null()
    rows = np.flatnonzero(bad.to_numpy())
    example = f", for instance {str(values.series[int(rows[0])])!r}" if len(rows) else ""
    what = "dates" if wants_moments else "numbers"
    raise DataError(
        f"{place} should hold {what}, but {len(rows):,} value{'s are' if len(rows) != 1 else ' is'} not: "
        f"{first_rows(rows, first_row)}{example}.",
        help="write dates like 2026-01-31 or 2026-01-31 12:30:00"
        if wants_moments
        else "mend these values, leave them empty if they are not known, or give the column another kind",
    )


def _truth(values: Values, column: Column, place: str, first_row: int) -> NDArray[np.float64]:
    if values.content in (Content.TRUTH, Content.NUMBER):
        numbers = floats(values)
        assert numbers is not None  # only text has no numbers
        bad = ~np.isin(numbers, (0.0, 1.0)) & ~np.isnan(numbers)
    else:
        words = as_labels(values)
        spelled = words.drop_nulls().unique().to_list()
        own = dict(zip(column.levels, (0.0, 1.0), strict=False))
        meaning = {word: own.get(word, _truth_of(word)) for word in spelled}
        numbers = words.replace_strict(
            list(meaning), list(meaning.values()), default=None, return_dtype=pl.Float64
        ).to_numpy(writable=True)
        numbers[np.isnan(numbers)] = np.nan
        bad = np.isnan(numbers) & words.is_not_null().to_numpy()
    if bad.any():
        rows = np.flatnonzero(bad)
        found = str(values.series[int(rows[0])])
        known = " nor ".join(map(repr, column.levels)) or "true nor false"
        warnings.warn(
            f"{place} holds values that are neither {known}, such as {found!r} "
            f"({first_rows(rows, first_row)}): taken as missing.",
            SteelyardWarning,
            stacklevel=2,
        )
        numbers[bad] = np.nan
    return numbers


def _truth_of(word: str) -> float | None:
    truth = TRUTH.get(word.casefold(), {"0": False, "1": True}.get(word))
    return None if truth is None else float(truth)


def _offset(numbers: NDArray[np.float64], kind: ColumnKind) -> float:
    """What to subtract so that float32 keeps the digits that tell the values apart; mostly 0."""
    if kind is ColumnKind.BOOLEAN or np.isnan(lowest := np.fmin.reduce(numbers)):
        return 0.0
    if kind is ColumnKind.DATE:
        return float(np.floor(lowest))
    # The order of magnitude is all that matters, so some of the values do.
    some = numbers[:: 1 + len(numbers) // _OFFSET_SAMPLE]
    some = some[~np.isnan(some)]
    if not len(some):
        return 0.0
    low, middle, high = np.quantile(some, (0.25, 0.5, 0.75), method="lower")
    spread = high - low or np.fmax.reduce(numbers) - lowest
    return float(middle) if spread > 0 and abs(middle) > _LARGE_OFFSET * spread else 0.0
