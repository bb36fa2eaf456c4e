"""The values of one column, whatever type they came in: text, numbers, yes or no, moments."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
import polars as pl
from numpy.typing import NDArray

from steelyard.errors import DataError
from steelyard.tables.dialect import MISSING_WORDS

MICROSECONDS_PER_DAY = 86_400_000_000
LARGEST = float(np.finfo(np.float32).max)

TRUTH = {
    **dict.fromkeys(("true", "t", "yes", "y", "on"), True),
    **dict.fromkeys(("false", "f", "no", "n", "off"), False),
}
"""Words for true and false, without regard to capitals."""
_TRUTH_PAIRS = ({"true", "false"}, {"t", "f"}, {"yes", "no"}, {"y", "n"}, {"on", "off"})

_DATE_FORMATS = tuple(
    day + time
    for day in ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y")
    for time in ("", "T%H:%M:%S%.f", " %H:%M:%S%.f", "T%H:%M", " %H:%M")
)
_ZONED_FORMATS = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z")
# 03/04/2021 is a day in March or in April, depending on who reads it, so such text stays text.


class Content(Enum):
    """What the values of a column are, before anyone decides what the column is for."""

    TEXT = auto()
    NUMBER = auto()
    TRUTH = auto()
    MOMENT = auto()


@dataclass(frozen=True, eq=False)
class Values:
    """One column: text without padding, Int64, Float64 without NaN, Boolean, Datetime; null is missing."""

    content: Content
    series: pl.Series


def values_of(series: pl.Series, place: str, *, parse_text: bool, parse_dates: bool = True) -> Values:
    """Tidy a column. Text that holds nothing but numbers (``parse_text``) or dates becomes such."""
    dtype = series.dtype
    if dtype == pl.Boolean:
        return Values(Content.TRUTH, series)
    if dtype.is_numeric():
        return Values(Content.NUMBER, _plain_numbers(series))
    if dtype in (pl.Date, pl.Datetime):
        return Values(Content.MOMENT, _utc(series))
    if dtype in (pl.Duration, pl.Time):
        seconds = series.cast(pl.Duration("us")).to_physical().cast(pl.Float64) / 1e6
        return Values(Content.NUMBER, seconds)
    if dtype == pl.Null:
        return Values(Content.TEXT, series.cast(pl.String))
    if dtype == pl.String or dtype in (pl.Categorical, pl.Enum):
        text = tidy_text(series.cast(pl.String))
        if text.null_count() == len(text):
            return Values(Content.TEXT, text)
        if parse_text and (numbers := parse_numbers(text)) is not None:
            return Values(Content.NUMBER, numbers)
        if parse_dates and (moments := parse_moments(text)) is not None:
            return Values(Content.MOMENT, moments)
        return Values(Content.TEXT, text)
    raise DataError(
        f"{place} holds values of the type {dtype}, which no network can take in.",
        help="leave the column out (drop it), or turn it into numbers, text or dates",
    )


def tidy_text(text: pl.Series) -> pl.Series:
    """Without padding; words for a missing value are null."""
    stripped = text.str.strip_chars()
    return stripped.set(stripped.is_in(MISSING_WORDS), None) if len(stripped) else stripped


def parse_numbers(text: pl.Series) -> pl.Series | None:
    """Int64 or Float64 if all of the text is numbers, else None."""
    for dtype in (pl.Int64, pl.Float64):
        numbers = text.cast(dtype, strict=False)
        if numbers.null_count() == text.null_count():
            return numbers
    return None


def parse_moments(text: pl.Series) -> pl.Series | None:
    """Datetime if all of the text has one of the unambiguous formats for dates, else None."""
    present = text.drop_nulls()
    if not len(present) or not present.head(100).str.contains(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}").all():
        return None
    for form in _DATE_FORMATS:
        moments = text.str.to_datetime(form, strict=False, time_unit="us")
        if moments.null_count() == text.null_count():
            return moments
    zoned = text.str.replace(r"Z$", "+0000")
    for form in _ZONED_FORMATS:
        moments = zoned.str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC")
        if moments.null_count() == text.null_count():
            return _utc(moments)
    return None


def as_labels(values: Values) -> pl.Series:
    """Text, as a person would write the value: 3 also for 3.0, true and false, dates in ISO form."""
    series = values.series
    if values.content is Content.TRUTH:
        return series.cast(pl.String)
    if values.content is Content.NUMBER and series.dtype == pl.Float64 and is_whole(series):
        return series.cast(pl.Int64, strict=False).cast(pl.String).fill_null(series.cast(pl.String))
    text = series.cast(pl.String)
    if values.content is Content.MOMENT:
        return text.str.replace(r" 00:00:00(\.0+)?$", "")
    return text.str.replace(r"^([+-]?\d+)\.0+$", "${1}")


def truth_levels(values: Values) -> tuple[str, str] | None:
    """The column's own words for false and true if it has both and no others, else None."""
    if values.content is Content.TRUTH:
        return ("false", "true") if values.series.drop_nulls().n_unique() == 2 else None
    if values.content is not Content.TEXT:
        return None
    words = values.series.drop_nulls().unique().head(3).to_list()
    if len(words) != 2 or {word.casefold() for word in words} not in _TRUTH_PAIRS:
        return None
    false, true = sorted(words, key=lambda word: TRUTH[word.casefold()])
    return false, true


def days(moments: pl.Series) -> NDArray[np.float64]:
    """Days since 1970-01-01, NaN where missing."""
    return _floats(moments.dt.epoch("us").cast(pl.Float64) / MICROSECONDS_PER_DAY)


def floats(values: Values) -> NDArray[np.float64] | None:
    """Numbers as float64 with NaN for missing (moments in days, truth as 0 and 1); None for text."""
    match values.content:
        case Content.TEXT:
            return np.full(len(values.series), np.nan) if _all_missing(values.series) else None
        case Content.MOMENT:
            return days(values.series)
        case Content.NUMBER | Content.TRUTH:
            return _floats(values.series.cast(pl.Float64))


def is_whole(numbers: pl.Series) -> bool:
    """Whether all numbers are integers, of whatever type."""
    if numbers.dtype.is_integer():
        return True
    if not _whole(numbers.head(1000)):
        return False
    return _whole(numbers)


def refuse_unusable_numbers(array: NDArray[np.float64], place: str, first_row: int = 0) -> None:
    """Raise ``DataError`` for infinite values and for those that float32 cannot hold."""
    if not len(array) or max(np.fmax.reduce(array), -np.fmin.reduce(array)) <= LARGEST:
        return
    bad = np.flatnonzero(np.abs(array) > LARGEST)
    if not len(bad):  # all values are missing
        return
    what = "infinite values" if np.isinf(array[bad]).any() else f"values beyond ±{LARGEST:.1e}"
    raise DataError(
        f"{place} holds {what} in {len(bad):,} row{'s' if len(bad) > 1 else ''} "
        f"({first_rows(bad, first_row)}).",
        help="replace them by numbers, or leave the fields empty if the values are not known",
    )


def first_rows(indices: NDArray[np.int64], offset: int = 0) -> str:
    """``row 3`` or ``rows 3, 7, 9, ...``, counted from 1."""
    shown = ", ".join(f"{int(i) + 1 + offset:,}" for i in indices[:5])
    return f"row{'s' if len(indices) > 1 else ''} {shown}{', ...' if len(indices) > 5 else ''}"


def _plain_numbers(series: pl.Series) -> pl.Series:
    dtype = series.dtype
    if dtype.is_float() or dtype.is_decimal():
        return series.cast(pl.Float64).fill_nan(None)
    if dtype in (pl.UInt64, pl.Int128, pl.UInt128):
        narrow = series.cast(pl.Int64, strict=False)
        return narrow if narrow.null_count() == series.null_count() else series.cast(pl.Float64)
    return series.cast(pl.Int64)


def _utc(series: pl.Series) -> pl.Series:
    moments = series.cast(pl.Datetime("us")) if series.dtype == pl.Date else series
    if isinstance(moments.dtype, pl.Datetime) and moments.dtype.time_zone is not None:
        moments = moments.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return moments.cast(pl.Datetime("us"))


def _floats(series: pl.Series) -> NDArray[np.float64]:
    array = series.to_numpy(writable=True)
    # Every missing value gets the same bits, so that equal tables have equal fingerprints.
    array[np.isnan(array)] = np.nan
    return np.asarray(array, np.float64)


def _all_missing(series: pl.Series) -> bool:
    return series.null_count() == len(series)


def _whole(numbers: pl.Series) -> bool:
    present = numbers.drop_nulls()
    return bool((present.is_finite() & (present == present.floor())).all())
