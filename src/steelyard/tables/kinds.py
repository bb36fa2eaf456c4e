"""What a column is, judged by its values and, for integers, its name."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import polars as pl

from steelyard.data.schema import ColumnKind
from steelyard.tables.values import Content, Values, is_whole, truth_levels

MOSTLY_UNIQUE = 0.9
"""From this share of distinct values on, text names its row rather than describes it."""
_FEW_ROWS = 20
"""With fewer values than this, being all different says nothing."""

_KEY_WORDS = {"id", "ids", "uuid", "guid", "index", "idx", "rownum", "rowid", "key"}
_CODE_WORDS = {
    *_KEY_WORDS,
    "code",
    "codes",
    "zip",
    "zipcode",
    "postcode",
    "postal",
    "plz",
    "fips",
    "naics",
    "sic",
}

# How integers that are codes look: see `scattered_codes`.
_MIN_LEVELS = 20
_MIN_REPEATS = 3
_MIN_SPAN = 1000
_MIN_SPREAD = 20
_WINDOW = 10
_MIN_SPIKE_ROWS = 5
_SPIKE = 5
_SPIKY_SHARE = 1 / 3
_HEAPED_DIGITS = 0.5


@dataclass(frozen=True)
class Judgement:
    """A kind and one clause that says why. ``surprising``: at first sight one would expect another."""

    kind: ColumnKind
    reason: str
    surprising: bool = False
    missing: int = 0


def judge(name: str, values: Values) -> Judgement:
    """The kind of a column."""
    series = values.series
    present = series.drop_nulls()
    if not len(present):
        return Judgement(ColumnKind.CONSTANT, "no value at all")
    if _is_constant(present) and len(present) == len(series):
        return Judgement(ColumnKind.CONSTANT, f"always {_shown(present[0])}")
    match values.content:
        case Content.TRUTH:
            return Judgement(ColumnKind.BOOLEAN, "true and false")
        case Content.MOMENT:
            return Judgement(ColumnKind.DATE, "dates")
        case Content.TEXT:
            return _judge_text(values, present)
        case Content.NUMBER:
            return _judge_numbers(name, present)


def _judge_text(values: Values, present: pl.Series) -> Judgement:
    if (levels := truth_levels(values)) is not None:
        return Judgement(ColumnKind.BOOLEAN, f"{levels[0]!r} and {levels[1]!r}")
    distinct = present.n_unique()
    if len(present) >= _FEW_ROWS and distinct >= MOSTLY_UNIQUE * len(present):
        return Judgement(
            ColumnKind.IDENTIFIER, f"text, {distinct:,} different values in {len(present):,} rows", True
        )
    return Judgement(ColumnKind.CATEGORY, f"text, {distinct:,} level{'s' if distinct > 1 else ''}")


def _judge_numbers(name: str, present: pl.Series) -> Judgement:
    if not is_whole(present):
        return Judgement(ColumnKind.NUMERIC, "numbers")
    whole = present.cast(pl.Int64, strict=False).drop_nulls()
    if len(whole) < len(present):
        return Judgement(ColumnKind.NUMERIC, "whole numbers, some very large")
    counts = whole.alias("value").value_counts().sort("value")
    level, rows = counts["value"].to_numpy(), counts["count"].to_numpy().astype(np.int64)
    distinct, total, span = len(level), len(whole), int(level[-1]) - int(level[0])
    words = set(re.split(r"[^a-z]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).casefold()))
    if total >= _FEW_ROWS:
        if distinct == total and span == total - 1:
            return Judgement(
                ColumnKind.IDENTIFIER, f"the whole numbers {level[0]} to {level[-1]}, each once", True
            )
        if words & _KEY_WORDS and distinct >= MOSTLY_UNIQUE * total:
            return Judgement(
                ColumnKind.IDENTIFIER, f"named like a key, {distinct:,} values in {total:,} rows", True
            )
        if words & _CODE_WORDS and distinct * _MIN_REPEATS <= total and level[0] >= 0 and distinct > 2:
            return Judgement(
                ColumnKind.CATEGORY, f"named like a code, whole numbers, {distinct:,} levels", True
            )
        if scattered_codes(level, rows):
            clause = f"{distinct:,} whole numbers scattered over a range of {span:,}, repeated like codes"
            return Judgement(ColumnKind.CATEGORY, clause, True)
    return Judgement(ColumnKind.NUMERIC, f"whole numbers, {distinct:,} different")


def scattered_codes(
    level: np.ndarray[tuple[int], np.dtype[np.int64]], rows: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> bool:
    """Whether whole numbers name things rather than count or measure them.

    ``level`` are the distinct values, ascending, and ``rows`` how often each occurs. Quantities that
    repeat do so for one of three reasons: they are dense (ages, counts), they are rounded (prices,
    limits), or one value is special (zero, a cap, 999 for never). Codes repeat although they are none of
    these: a number comes up hundreds of times and its neighbours hardly ever. So the values must be few
    against their range and often repeated, none negative; their last digits must not be heaped as in
    rounded or priced amounts; and a third of the rows must hold a value that is at least five times as
    common as the ten whole numbers on either side are on average, where zero, multiples of ten, and the
    smallest and largest value do not count.

    On real tables the share of such rows is above 0.54 for integer-coded identifiers and below 0.09 for
    amounts, weights, durations and counts.
    """
    total, span = int(rows.sum()), int(level[-1]) - int(level[0])
    few = len(level) * _MIN_REPEATS <= total and span >= max(_MIN_SPAN, _MIN_SPREAD * len(level))
    if len(level) < _MIN_LEVELS or level[0] < 0 or not few:
        return False
    last_digits = np.sort(np.bincount(level % 10, minlength=10))
    if last_digits[-2:].sum() > _HEAPED_DIGITS * len(level):
        return False
    rows_below = np.concatenate((np.zeros(1, np.int64), np.cumsum(rows)))
    first, last = (
        np.searchsorted(level, level - _WINDOW, "left"),
        np.searchsorted(level, level + _WINDOW, "right"),
    )
    neighbours = (rows_below[last] - rows_below[first] - rows) / (2 * _WINDOW)
    special = (level % 10 == 0) | (level == level[0]) | (level == level[-1])
    spikes = ~special & (rows >= _MIN_SPIKE_ROWS) & (rows >= _SPIKE * neighbours)
    return bool(rows[spikes].sum() >= _SPIKY_SHARE * total)


def _is_constant(present: pl.Series) -> bool:
    if present.dtype == pl.String:
        return present.n_unique() == 1
    return bool(present.min() == present.max())


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str) else str(value)
