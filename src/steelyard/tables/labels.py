"""The target column: two labels, one of them positive."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from steelyard.data.schema import Target
from steelyard.errors import DataError, SteelyardWarning, did_you_mean
from steelyard.tables.values import Values, as_labels, first_rows

_SHOWN = 8


def encode_labels(
    values: Values, name: str, positive: object | None, source: str
) -> tuple[NDArray[np.uint8], Target]:
    """1 for the positive label, 0 for the other.

    Without ``positive`` the rarer label is positive, of equally common ones the one that sorts last; two
    numbers other than 0 and 1 need it, because nothing tells which of them is meant. ``positive`` may
    leave out quotes that are part of the labels and may spell a number in another way.
    """
    place = f"{source}: the target column {name!r}"
    labels = _same_spelling_for_equal_numbers(_present_labels(values, place))
    counts = _counts(labels)
    listed = _listed(counts)
    if len(counts) == 1:
        raise DataError(
            f"{place} has one label only: {listed}.",
            help="a classifier needs rows of both classes to learn from",
        )
    if len(counts) > 2:
        continuous = len(counts) > 20 and all(_number(label) is not None for label in counts)
        raise DataError(
            f"{place} has {len(counts):,} different labels: {listed}.",
            help="this looks like a quantity, and Steelyard separates two classes; name another target"
            if continuous
            else "Steelyard separates two classes; keep the rows of two labels, or merge labels into two",
        )
    if positive is None:
        chosen = _default_positive(counts, place, listed)
    else:
        chosen = _find(_spelled(positive), counts, place, listed)
    (negative,) = (label for label in counts if label != chosen)
    target = (labels == chosen).to_numpy().astype(np.uint8)
    return target, Target(name, positive=chosen, negative=negative, positive_by_default=positive is None)


def match_labels(values: Values, target: Target, source: str) -> NDArray[np.uint8]:
    """1 and 0 for the labels of more data, as ``target`` defines them.

    Labels that are spelled otherwise are matched if they are equal as numbers, or once a dot at the end
    and quotes around them are left out (a warning says so); any other label is a ``DataError``.
    """
    place = f"{source}: the target column {target.name!r}"
    labels = _present_labels(values, place)
    known = {target.positive: 1, target.negative: 0}
    counts = _counts(labels)
    codes = {label: _match(label, known) for label in counts}
    foreign = {label: counts[label] for label, code in codes.items() if code is None}
    if foreign:
        raise DataError(
            f"{place} has labels that the training data do not have: {_listed(foreign)}.",
            help=f"the labels must be {target.positive!r} or {target.negative!r}",
        )
    respelled = [label for label in counts if label not in known and _bare(label) != label]
    if respelled:
        pairs = ", ".join(f"{label!r} as {_label_of(known, codes[label])!r}" for label in respelled)
        warnings.warn(f"{place}: took {pairs}.", SteelyardWarning, stacklevel=2)
    spelled = list(codes)
    numbers = labels.replace_strict(spelled, [codes[label] for label in spelled], return_dtype=pl.UInt8)
    return numbers.to_numpy().astype(np.uint8)


def _present_labels(values: Values, place: str) -> pl.Series:
    labels = as_labels(values)
    missing = np.flatnonzero(labels.is_null().to_numpy())
    if len(missing):
        raise DataError(
            f"{place} has no label in {len(missing):,} of {len(labels):,} rows ({first_rows(missing)}).",
            help="leave these rows out, or fill in their labels",
        )
    numbers = labels.unique().cast(pl.Float64, strict=False)
    if numbers.null_count() == 0 and numbers.is_infinite().any():
        infinite = np.flatnonzero(labels.cast(pl.Float64).is_infinite().to_numpy())
        raise DataError(
            f"{place} is infinite in {len(infinite):,} of {len(labels):,} rows ({first_rows(infinite)}).",
            help="leave these rows out, or fill in their labels",
        )
    return labels


def _same_spelling_for_equal_numbers(labels: pl.Series) -> pl.Series:
    """If 1 and 1.00 both occur, they are one label."""
    spelled = sorted(labels.unique().to_list(), key=lambda label: (len(label), label))
    numbers = {label: _number(label) for label in spelled}
    if None in numbers.values() or len(set(numbers.values())) == len(spelled):
        return labels
    first: dict[float | None, str] = {}
    for label in spelled:
        first.setdefault(numbers[label], label)
    return labels.replace_strict(
        spelled, [first[numbers[label]] for label in spelled], return_dtype=pl.String
    )


def _default_positive(counts: Mapping[str, int], place: str, listed: str) -> str:
    numbers = [_number(label) for label in counts]
    rarer = min(sorted(counts, reverse=True), key=lambda label: counts[label])
    if None not in numbers and set(numbers) != {0.0, 1.0}:
        raise DataError(
            f"{place} has the labels {listed}, and nothing tells which number is the positive class.",
            help=f"say which: add --positive {rarer} (the rarer), in Python positive={rarer!r}",
        )
    return rarer


def _find(positive: str, counts: Mapping[str, int], place: str, listed: str) -> str:
    matches = [label for label in counts if label == positive] or [
        label for label in counts if _unquoted(label) == _unquoted(positive)
    ]
    number = _number(positive)
    matches = matches or [label for label in counts if number is not None and _number(label) == number]
    matches = matches or [label for label in counts if label.casefold() == positive.casefold()]
    if len(matches) != 1:
        raise DataError(
            f"{place} has no label {positive!r}{did_you_mean(positive, counts)}; it has {listed}.",
            help="name one of these as the positive label",
        )
    return matches[0]


def _match(label: str, known: Mapping[str, int]) -> int | None:
    if label in known:
        return known[label]
    number = _number(label)
    for spelled, code in known.items():
        if _bare(label) == _bare(spelled) or (number is not None and number == _number(spelled)):
            return code
    return None


def _label_of(known: Mapping[str, int], code: int | None) -> str:
    return next(label for label, known_code in known.items() if known_code == code)


def _counts(labels: pl.Series) -> dict[str, int]:
    """Labels and how many rows have them, the commonest first."""
    table = labels.alias("label").value_counts().sort(["count", "label"], descending=[True, False])
    return dict(zip(table["label"].to_list(), table["count"].to_list(), strict=True))


def _listed(counts: Mapping[str, int]) -> str:
    shown = [
        f"{label!r} ({count:,} row{'s' if count > 1 else ''})"
        for label, count in list(counts.items())[:_SHOWN]
    ]
    return ", ".join(shown) + (", ..." if len(counts) > _SHOWN else "")


def _spelled(positive: object) -> str:
    if isinstance(positive, (bool, np.bool_)):
        return str(bool(positive)).lower()
    if isinstance(positive, (float, np.floating)) and float(positive).is_integer():
        return str(int(positive))
    return str(positive).strip()


def _number(label: str) -> float | None:
    try:
        number = float(label)
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _unquoted(label: str) -> str:
    quoted = len(label) >= 2 and label[0] == label[-1] and label[0] in "'\""
    return label[1:-1].strip() if quoted else label


def _bare(label: str) -> str:
    """Without one dot at the end and without quotes."""
    return _unquoted(label.removesuffix("."))
