"""Tables, and rows to predict, out of frames and arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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
    row_weights,
    sortable_time,
    table,
)
from steelyard.tables.frames import Columns, Source, name_of, series_of
from steelyard.tables.kinds import Judgement
from steelyard.tables.labels import encode_labels
from steelyard.tables.values import Values, values_of


def table_from(
    data: Source,
    target: Any,
    *,
    positive: object | None = None,
    drop: Sequence[str] = (),
    kinds: Mapping[str, ColumnKind] = {},
    time: str | None = None,
    group: str | None = None,
    weights: Any = None,
) -> Table:
    """A table out of a pandas or polars frame or a numpy array of two dimensions.

    ``target`` is the name of a column, or one label per row (array, series or list). ``weights`` are one
    finite number ≥ 0 per row. The rest is as in :func:`steelyard.tables.read_table`, except that text
    stays text even if it looks like numbers, and that all columns of an array of numbers are numeric,
    whatever they look like; its columns are called ``column_1``, ``column_2``, ...

    Raises ``DataError`` for whatever keeps the data from being used as they are.
    """
    columns = Columns(data)
    source = columns.source
    target_column = target if isinstance(target, str) else None
    request = request_of(target_column, drop, kinds, time, group)
    request.refuse_contradictions(columns.names, source, f"its columns are {', '.join(columns.names[:12])}")
    labels = columns[target_column] if target_column is not None else series_of(target)
    name = target_column or name_of(target) or "target"
    if len(labels) != columns.rows:
        raise DataError(
            f"{source} has {columns.rows:,} rows, but there are {len(labels):,} labels.",
            help="pass one label per row",
        )
    tidy_labels = values_of(labels, place(source, name), parse_text=False, parse_dates=False)
    positives, found = encode_labels(tidy_labels, name, positive, source)
    times = None if time is None else sortable_time(columns[time], time, source, parse_text=False)
    groups = None if group is None else group_codes(columns[group], group, source, parse_text=False)

    judged: list[tuple[str, Judgement]] = []
    values: dict[str, Values] = {}
    for column in columns.names:
        if column == target_column:
            continue
        if columns.numbers_only and column not in request.kinds and not request.leaves_out(column):
            judged.append((column, Judgement(ColumnKind.NUMERIC, "array of numbers")))
            continue
        series = None if request.leaves_out(column) else columns[column]
        judgement, tidied = decide(column, series, request, source, parse_text=False)
        judged.append((column, judgement))
        if tidied is not None:
            values[column] = tidied

    def take(column: str) -> Values:
        if column in values:
            return values.pop(column)
        return values_of(columns[column], place(source, column), parse_text=False)

    described, features = assemble(judged, take, columns.rows, source)
    schema = Schema(described, found, time, group)
    weighed = None if weights is None else row_weights(weights, columns.rows)
    return table(features, positives, schema, source, weights=weighed, groups=groups, time=times)


def features_from(data: Source, schema: Schema) -> Features:
    """The inputs that ``schema`` names, out of a frame (by name) or an array (by position).

    An array has the columns of the training array without its target, those left out included. Raises
    ``DataError`` for missing columns (all of them are listed) and for values that do not fit.
    """
    columns = Columns(data)
    wanted = input_names(schema)
    if columns.named:
        refuse_missing_columns(schema, columns.names, columns.source, target=False)
        series = [columns[name] for name in wanted]
    else:
        order = [column.name for column in schema.columns]
        if len(columns.names) != len(order):
            raise DataError(
                f"The array has {len(columns.names)} columns, but the model was trained with {len(order)}.",
                help="pass the columns of the training table in their order",
            )
        series = [columns[f"column_{order.index(name) + 1}"].alias(name) for name in wanted]
    frame = pl.DataFrame(series)
    return features_by_schema(frame, schema, columns.source, parse_text=False)
