"""Tables, and rows to predict, out of files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, overload

import numpy as np
import polars as pl

from steelyard.data.schema import ColumnKind, Schema
from steelyard.data.table import Features, Table
from steelyard.errors import DataError
from steelyard.tables.building import (
    assemble,
    decide,
    features_by_schema,
    group_codes,
    input_names,
    place,
    refuse_missing_columns,
    request_of,
    sortable_time,
    table,
    weights_in,
)
from steelyard.tables.kinds import Judgement
from steelyard.tables.labels import encode_labels, match_labels
from steelyard.tables.reading import TableFile
from steelyard.tables.values import Content, Values, values_of


def read_table(
    path: Path,
    *,
    target: str,
    positive: str | None = None,
    drop: Sequence[str] = (),
    kinds: Mapping[str, ColumnKind] = {},
    time: str | None = None,
    group: str | None = None,
    weight: str | None = None,
) -> Table:
    """Read a CSV, TSV or similar file (also .gz, .zst) or a Parquet file.

    Separator, header and compression are found out. In a file without a header the columns are called
    ``column_1``, ``column_2``, ...; ``target``, ``drop``, ``kinds``, ``time``, ``group`` and
    ``weight`` use these names.
    ``positive`` is the label of the positive class, by default the rarer one. ``kinds`` overrides what is
    inferred for a column. ``time`` and ``group`` serve to split the rows; ``weight`` holds how much each row
    counts in the loss and in the scores, a finite number, 0 or larger. None of the three is an input.

    Raises ``DataError`` for whatever keeps the file from being used as it is. Warns
    (``SteelyardWarning``) of columns that are left out, and of numbers that are taken as categories.
    """
    path = Path(path)
    source = path.name
    request = request_of(target, drop, kinds, time, group, weight)
    said = [target, *drop, *kinds, *(name for name in (time, group, weight) if name is not None)]
    file = TableFile(path, expected=said)
    request.refuse_contradictions(file.names, source, _help_on_names(file))
    roles = [name for name in (target, time, group, weight) if name is not None]
    unread = {name for name in file.names if request.leaves_out(name)} - set(roles)
    spelled = {target} | {name for name, kind in request.kinds.items() if kind is ColumnKind.CATEGORY}
    frame = file.read([name for name in file.names if name not in unread], as_text=spelled)
    series = {column.name: column for column in frame.get_columns()}
    rows = frame.height
    del frame  # from here on a column's memory is freed once it is in the table

    is_text = file.dialect is not None
    labels = values_of(series.pop(target), place(source, target), parse_text=False, parse_dates=False)
    positives, found = encode_labels(labels, target, positive, source)
    times = None if time is None else sortable_time(series[time], time, source, parse_text=is_text)
    groups = None if group is None else group_codes(series[group], group, source, parse_text=is_text)
    weights = None if weight is None else weights_in(series[weight], weight, source, parse_text=is_text)
    judged: list[tuple[str, Judgement]] = []
    values: dict[str, Values] = {}
    for name in file.names:
        if name == target:
            continue
        judgement, tidied = decide(name, series.pop(name, None), request, source, parse_text=is_text)
        judged.append((name, judgement))
        if tidied is not None:
            values[name] = tidied
    if is_text:
        values.update(_respelled_codes(file, judged, values, source))
    columns, features = assemble(judged, values.pop, rows, source)
    schema = Schema(columns, found, time, group)
    return table(features, positives, schema, source, weights=weights, groups=groups, time=times)


@overload
def read_like(path: Path, schema: Schema, *, target: Literal[True]) -> Table: ...
@overload
def read_like(path: Path, schema: Schema, *, target: Literal[False]) -> Features: ...
def read_like(path: Path, schema: Schema, *, target: bool) -> Table | Features:
    """Read a file with the columns of another table: test rows (``target``) or rows to predict.

    Columns that ``schema`` does not use may be there or not. Levels that it does not know get the code
    ``UNSEEN``. Labels that differ from the schema's only by quotes or a dot at the end are matched, with a
    warning. Test rows have neither groups nor times.

    Raises ``DataError`` as :func:`read_table`, and if columns are missing (all of them are listed).
    """
    path = Path(path)
    source = path.name
    file = _open_like(path, schema, target=target)
    wanted = input_names(schema) + ([schema.target.name] if target else [])
    spelled = {schema.target.name} | {column.name for column in schema.categories}
    frame = file.read(wanted, as_text=spelled)
    is_text = file.dialect is not None
    features = features_by_schema(frame, schema, source, parse_text=is_text)
    if not target:
        return features
    name = schema.target.name
    labels = values_of(frame[name], place(source, name), parse_text=False, parse_dates=False)
    return table(features, match_labels(labels, schema.target, source), schema, source)


def read_batches(path: Path, schema: Schema, rows: int = 100_000) -> Iterator[Features]:
    """The rows of a file to predict, in their order, about ``rows`` at a time; the file may exceed memory.

    All checks that need no values (columns, field counts, encoding) are done before the first batch.
    Raises ``DataError`` as :func:`read_like`, for values that do not fit their column when their batch comes.
    """
    path = Path(path)
    file = _open_like(path, schema, target=False)
    return _batches(file, schema, rows, path.name)


def concatenate(train: Table, test: Table) -> Table:
    """The rows of ``train`` and then those of ``test``, which must have the same schema.

    If only ``train`` has row weights, groups or times, the rows of ``test`` get weight 1, group -1 and
    time NaN.
    """
    if train.schema != test.schema:
        raise DataError(
            f"{test.source} was not read with the schema of {train.source}.",
            help="read the test rows with read_like(path, train.schema, target=True)",
        )

    features = Features(
        np.concatenate((train.features.numeric, test.features.numeric)),
        np.concatenate((train.features.codes, test.features.codes)),
    )
    weights = groups = time = None
    if train.weights is not None:
        other = np.ones(len(test), np.float32) if test.weights is None else test.weights
        weights = np.concatenate((train.weights, other))
    if train.groups is not None:
        groups = np.concatenate((train.groups, np.full(len(test), -1, np.int64)))
    if train.time is not None:
        time = np.concatenate((train.time, np.full(len(test), np.nan)))
    target = np.concatenate((train.target, test.target))
    source = f"{train.source} and {test.source}"
    return table(features, target, train.schema, source, weights=weights, groups=groups, time=time)


def _batches(file: TableFile, schema: Schema, rows: int, source: str) -> Iterator[Features]:
    is_text = file.dialect is not None
    first_row = 0
    for frame in file.batches(input_names(schema), rows):
        yield features_by_schema(frame, schema, source, parse_text=is_text, first_row=first_row)
        first_row += frame.height


def _open_like(path: Path, schema: Schema, *, target: bool) -> TableFile:
    names = [column.name for column in schema.columns]
    file = TableFile(path, expected=[*names, schema.target.name], order=[] if target else names)
    refuse_missing_columns(schema, file.names, path.name, target=target)
    return file


def _respelled_codes(
    file: TableFile, judged: Sequence[tuple[str, Judgement]], values: Mapping[str, Values], source: str
) -> dict[str, Values]:
    """Categories whose levels look like numbers, read again as text: the postcode 02134 is not 2134."""
    names = [
        name
        for name, judgement in judged
        if judgement.kind is ColumnKind.CATEGORY and values[name].content is not Content.TEXT
    ]
    if not names:
        return {}
    frame: pl.DataFrame = file.read(names, as_text=names)
    return {
        name: values_of(frame[name], place(source, name), parse_text=False, parse_dates=False)
        for name in names
    }


def _help_on_names(file: TableFile) -> str:
    shown = ", ".join(file.names[:12]) + (", ..." if len(file.names) > 12 else "")
    if file.named:
        return f"its columns are {shown}"
    last = f"column_{len(file.names)}"
    return f"its first line holds values, not names, so its columns are called column_1 to {last}"
