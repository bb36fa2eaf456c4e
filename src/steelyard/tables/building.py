"""Frames into tables: kinds decided, labels found, columns written one by one into one matrix."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from steelyard.data.schema import Column, ColumnKind, Schema
from steelyard.data.table import Features, Table
from steelyard.errors import DataError, SteelyardWarning, did_you_mean
from steelyard.tables.columns import codes_of, fit_category, fit_numbers, numbers_of
from steelyard.tables.kinds import Judgement, judge
from steelyard.tables.values import (
    Values,
    as_labels,
    first_rows,
    floats,
    refuse_unusable_numbers,
    values_of,
)

_LEFT_OUT = (ColumnKind.DROPPED, ColumnKind.IDENTIFIER, ColumnKind.CONSTANT)
_NUMBERS = (ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.DATE)


@dataclass(frozen=True)
class Request:
    """What the caller said about the columns. ``target`` is None if the labels come apart from the frame."""

    target: str | None
    drop: tuple[str, ...]
    kinds: Mapping[str, ColumnKind]
    time: str | None
    group: str | None
    weight: str | None = None

    def leaves_out(self, name: str) -> bool:
        """Whether the caller's words alone keep a column from being an input."""
        said = name in self.drop or name in (self.time, self.group, self.weight)
        return said or self.kinds.get(name) in _LEFT_OUT

    def refuse_contradictions(self, names: Sequence[str], source: str, help: str) -> None:
        """Raise one ``DataError`` for all names that are no columns and all roles that exclude each other."""
        roles = [("target", self.target), ("time", self.time), ("group", self.group), ("weight", self.weight)]
        roles += [("drop", name) for name in self.drop] + [("kinds", name) for name in self.kinds]
        problems = [
            f"{source} has no column {name!r}{did_you_mean(name, names)}, which was given as {role}."
            for role, name in roles
            if name is not None and name not in names
        ]
        for role, names_of_role in (("drop", self.drop), ("kinds", tuple(self.kinds))):
            if self.target is not None and self.target in names_of_role:
                problems.append(f"{self.target!r} is the target and was given as {role} too.")
        for role, name in roles[1:4]:
            if name is not None and name == self.target:
                problems.append(f"{name!r} is the target and was given as {role} too.")
        if problems:
            raise DataError(*problems, help=help)


def request_of(
    target: str | None,
    drop: Sequence[str],
    kinds: Mapping[str, ColumnKind],
    time: str | None,
    group: str | None,
    weight: str | None = None,
) -> Request:
    """Check the spelling of kinds, which may be plain text such as ``"category"``."""
    known = [kind.value for kind in ColumnKind]
    wrong = [
        f"Column {name!r} was given the kind {str(kind)!r}{did_you_mean(str(kind), known)}."
        for name, kind in kinds.items()
        if str(kind) not in known
    ]
    if wrong:
        raise DataError(*wrong, help=f"the kinds are {', '.join(known)}")
    spelled = {name: ColumnKind(kind) for name, kind in kinds.items()}
    return Request(target, tuple(drop), spelled, time, group, weight)


def decide(
    name: str, series: pl.Series | None, request: Request, source: str, *, parse_text: bool
) -> tuple[Judgement, Values | None]:
    """The kind of one input column and its tidied values, or no values where the caller leaves it out."""
    if name in request.drop:
        return Judgement(ColumnKind.DROPPED, "as asked"), None
    if name == request.time:
        return Judgement(ColumnKind.DROPPED, "it orders the rows in time"), None
    if name == request.group:
        return Judgement(ColumnKind.DROPPED, "it groups the rows"), None
    if name == request.weight:
        return Judgement(ColumnKind.DROPPED, "it weighs the rows"), None
    given = request.kinds.get(name)
    if series is None or given in _LEFT_OUT:
        return Judgement(given or ColumnKind.DROPPED, "given"), None
    numbers = parse_text or given is ColumnKind.NUMERIC
    values = values_of(
        series, place(source, name), parse_text=numbers, parse_dates=given is not ColumnKind.CATEGORY
    )
    missing = values.series.null_count()
    judgement = judge(name, values) if given is None else Judgement(given, "given")
    judgement = dataclasses.replace(judgement, missing=missing)
    return judgement, None if judgement.kind in _LEFT_OUT else values


def assemble(
    judged: Sequence[tuple[str, Judgement]],
    take: Callable[[str], Values],
    rows: int,
    source: str,
) -> tuple[tuple[Column, ...], Features]:
    """Describe the columns and write them into the matrices, one at a time; ``take`` gives up each once."""
    warn_of_surprises(judged, source)
    inputs = [name for name, judgement in judged if judgement.kind not in _LEFT_OUT]
    if not inputs:
        raise DataError(
            f"{source} has no column left to learn from: every column but the target is left out.",
            help="drop fewer columns, or give kinds to those that were left out",
        )
    in_numbers = [name for name, judgement in judged if judgement.kind in _NUMBERS]
    numeric = np.empty((rows, len(in_numbers)), np.float32)
    codes = np.empty((rows, len(inputs) - len(in_numbers)), np.int32)
    columns: list[Column] = []
    j_numeric = j_code = 0
    for name, judgement in judged:
        if judgement.kind in _LEFT_OUT:
            columns.append(Column(name, judgement.kind, judgement.reason, missing=judgement.missing))
            continue
        if judgement.kind in _NUMBERS:
            column, numbers = fit_numbers(
                name, judgement.kind, judgement.reason, take(name), place(source, name)
            )
            numeric[:, j_numeric] = numbers
            j_numeric += 1
        else:
            column, codes[:, j_code] = fit_category(name, judgement.reason, take(name))
            j_code += 1
        columns.append(column)
    return tuple(columns), Features(numeric, codes)


def features_by_schema(
    frame: pl.DataFrame, schema: Schema, source: str, *, parse_text: bool, first_row: int = 0
) -> Features:
    """The inputs that ``schema`` names, out of a frame that has all of them; others are ignored."""
    numeric = np.empty((frame.height, len(schema.numeric)), np.float32)
    codes = np.empty((frame.height, len(schema.categories)), np.int32)
    for j, column in enumerate(schema.numeric):
        where = place(source, column.name)
        text_is_number = parse_text or column.kind is ColumnKind.NUMERIC
        values = values_of(frame[column.name], where, parse_text=text_is_number)
        numeric[:, j] = numbers_of(values, column, where, first_row)
    for j, column in enumerate(schema.categories):
        values = values_of(
            frame[column.name], place(source, column.name), parse_text=False, parse_dates=False
        )
        codes[:, j] = codes_of(values, column)
    return Features(numeric, codes)


def refuse_missing_columns(schema: Schema, names: Iterable[str], source: str, *, target: bool) -> None:
    """Raise one ``DataError`` that lists every input column of ``schema`` that is not there."""
    present = set(names)
    needed = input_names(schema) + ([schema.target.name] if target else [])
    missing = [name for name in needed if name not in present]
    if not missing:
        return
    listed = ", ".join(f"{name!r}{did_you_mean(name, present - set(needed))}" for name in missing)
    plural = "s" if len(missing) > 1 else ""
    raise DataError(
        f"{source} lacks {len(missing)} column{plural} that the model was trained with: {listed}.",
        help="give the data the columns of the training table, under the same names",
    )


def input_names(schema: Schema) -> list[str]:
    """The columns that must be there to predict."""
    return [column.name for column in schema.columns if column.kind not in _LEFT_OUT]


def sortable_time(series: pl.Series, name: str, source: str, *, parse_text: bool) -> NDArray[np.float64]:
    """Times as float64: numbers as they are, dates in days."""
    values = values_of(series, place(source, name), parse_text=parse_text)
    _refuse_gaps(values, name, source, "time")
    numbers = floats(values)
    if numbers is None:
        raise DataError(
            f"{place(source, name)} holds neither numbers nor dates, for instance {values.series[0]!r}.",
            help="write dates like 2026-01-31 or 2026-01-31 12:30:00 (31/01 and 01/31 are ambiguous)",
        )
    refuse_unusable_numbers(numbers, place(source, name))
    return numbers


def group_codes(series: pl.Series, name: str, source: str, *, parse_text: bool) -> NDArray[np.int64]:
    """One whole number per group, in the sorted order of the groups' names."""
    values = values_of(series, place(source, name), parse_text=parse_text)
    _refuse_gaps(values, name, source, "group")
    return as_labels(values).rank("dense").to_numpy().astype(np.int64) - 1


def weights_in(series: pl.Series, name: str, source: str, *, parse_text: bool) -> NDArray[np.float32]:
    """Row weights out of a column of numbers."""
    values = values_of(series, place(source, name), parse_text=parse_text, parse_dates=False)
    _refuse_gaps(values, name, source, "weight")
    numbers = floats(values)
    if numbers is None:
        raise DataError(
            f"{place(source, name)} holds no numbers, for instance {values.series[0]!r}.",
            help="a weight is a finite number, 0 or larger",
        )
    return row_weights(numbers, len(series))


def row_weights(weights: ArrayLike, rows: int) -> NDArray[np.float32]:
    """One weight per row, checked."""
    array = np.asarray(weights, np.float64)
    if array.shape != (rows,):
        raise DataError(
            f"The weights have the shape {array.shape}, but there are {rows:,} rows.",
            help="pass one weight per row",
        )
    bad = np.flatnonzero(~np.isfinite(array) | (array < 0))
    if len(bad):
        raise DataError(
            f"{len(bad):,} weights are negative, infinite or missing ({first_rows(bad)}).",
            help="a weight is a finite number, 0 or larger",
        )
    return array.astype(np.float32)


def fingerprint(schema: Schema, arrays: Sequence[NDArray[np.generic] | None]) -> str:
    """sha256 of names, kinds, levels, labels and all values, in a byte order of its own."""
    columns = [[c.name, c.kind.value, c.offset, c.levels] for c in schema.columns]
    target = dataclasses.astuple(schema.target)
    digest = hashlib.sha256(json.dumps([columns, target, schema.time, schema.group]).encode())
    for array in arrays:
        if array is None:
            digest.update(b"-")
            continue
        digest.update(f"{array.dtype.kind}{array.dtype.itemsize}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).data)
    return digest.hexdigest()


def table(
    features: Features,
    target: NDArray[np.uint8],
    schema: Schema,
    source: str,
    *,
    weights: NDArray[np.float32] | None = None,
    groups: NDArray[np.int64] | None = None,
    time: NDArray[np.float64] | None = None,
) -> Table:
    """A table with its fingerprint."""
    mark = fingerprint(schema, (features.numeric, features.codes, target, weights, groups, time))
    return Table(features, target, schema, mark, source, weights, groups, time)


def place(source: str, name: str) -> str:
    """How messages name a column."""
    return f"{source}: column {name!r}"


def warn_of_surprises(judged: Sequence[tuple[str, Judgement]], source: str) -> None:
    """One warning for the columns that are left out, one for numbers that are taken as categories."""

    def listed(kinds: Iterable[ColumnKind]) -> list[str]:
        return [
            f"{name!r} ({judgement.reason})"
            for name, judgement in judged
            if judgement.kind in kinds and judgement.reason != "given"
        ]

    if left_out := listed((ColumnKind.IDENTIFIER, ColumnKind.CONSTANT)):
        plural = "s" if len(left_out) > 1 else ""
        warnings.warn(
            f"{source}: left out {len(left_out)} column{plural} that cannot help to predict: "
            f"{', '.join(left_out)}.",
            SteelyardWarning,
            stacklevel=2,
        )
    surprising = [(name, judgement) for name, judgement in judged if judgement.surprising]
    if codes := [f"{name!r} ({j.reason})" for name, j in surprising if j.kind is ColumnKind.CATEGORY]:
        plural = "s of numbers were" if len(codes) > 1 else " of numbers was"
        warnings.warn(
            f"{source}: {len(codes)} column{plural} taken as categories: {', '.join(codes)}. "
            "If they are quantities, give them the kind numeric.",
            SteelyardWarning,
            stacklevel=2,
        )


def _refuse_gaps(values: Values, name: str, source: str, role: str) -> None:
    missing = values.series.null_count()
    if missing:
        raise DataError(
            f"{place(source, name)} was given as {role} and has no value in {missing:,} "
            f"of {len(values.series):,} rows.",
            help="fill in these values or leave the rows out",
        )
