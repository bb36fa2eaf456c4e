"""The columns of a table as inputs of an ONNX graph, and their preprocessing as its first nodes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, ValueInfoProto, helper

from steelyard.data.encoding import CategoryEncoding, Encoding
from steelyard.data.schema import FIRST_LEVEL, MISSING, UNSEEN, Column, ColumnKind, Schema
from steelyard.export.onnx_graph import ML, GraphBuilder
from steelyard.export.stages import one_hot_columns
from steelyard.tables.dialect import MISSING_WORDS
from steelyard.tables.values import TRUTH

ROWS = "rows"
"""The name of the dimension that is left open."""

_FAR = np.float32(1e12)
"""As in the engine: beyond it a square would leave float32, and the smooth clip has long been reached."""


@dataclass(frozen=True)
class EncodedColumns:
    """Names of the tensors in the graph that hold the encoded columns; None where there are none.

    ``dense`` (rows, numbers and indicators) is float32. ``embedded`` maps the position of a category with an
    embedding to its slots, int64 (rows,). ``hot`` (rows, one-hot columns), int64, holds rows of the one-hot
    block of the first kernel. A category without a slot points to the row after the last, which is for zeros.
    """

    dense: str | None
    embedded: Mapping[int, str]
    hot: str | None


def input_of(column: Column) -> ValueInfoProto:
    """The declaration of a column as an input of shape (rows, 1), with what it takes in as its doc string."""
    kind = TensorProto.FLOAT
    text = "number; NaN: missing"
    if column.kind is ColumnKind.CATEGORY:
        kind, text = (
            TensorProto.STRING,
            "text without blanks around it; empty: missing; an unknown level may come",
        )
    elif column.kind is ColumnKind.BOOLEAN and column.levels:
        kind, text = TensorProto.STRING, f"{column.levels[0]} or {column.levels[1]}; empty: missing"
    elif column.kind is ColumnKind.BOOLEAN:
        text = "0 or 1; NaN: missing"
    elif column.kind is ColumnKind.DATE:
        kind, text = TensorProto.DOUBLE, "days since 1970-01-01 in universal time; NaN: missing"
    elif column.offset:
        kind, text = (
            TensorProto.DOUBLE,
            "number, which float32 would not tell from its neighbours; NaN: missing",
        )
    return helper.make_tensor_value_info(column.name, kind, [ROWS, 1], doc_string=text)


def add_columns(builder: GraphBuilder, schema: Schema, encoding: Encoding) -> EncodedColumns:
    """Adds what leads from the inputs to numbers and slots, shared by all networks of the model."""
    dense = _dense(builder, schema, encoding) if schema.numeric else None
    embedded = {}
    for j, (column, category) in enumerate(zip(schema.categories, encoding.categories, strict=True)):
        if category.embedding_dim:
            slots = _slots(builder, column, category, 0, category.size)
            embedded[j] = builder.node("Squeeze", [slots, _axis_1(builder)], f"{column.name}/row")
    hot = _hot(builder, schema, encoding) if one_hot_columns(encoding) else None
    return EncodedColumns(dense, embedded, hot)


def _dense(builder: GraphBuilder, schema: Schema, encoding: Encoding) -> str:
    raw = [_number(builder, column) for column in schema.numeric]
    x = builder.node("Concat", raw, "numbers", {"axis": 1})
    missing = builder.node("IsNaN", [x], "numbers/missing")
    shifted = builder.node("Sub", [x, builder.constant("numbers/shift", encoding.shift)], "numbers/shifted")
    z = builder.node("Mul", [shifted, builder.constant("numbers/scale", encoding.scale)], "numbers/scaled")
    z = builder.node("Where", [missing, builder.constant("numbers/fill", encoding.fill), z], "numbers/filled")
    if encoding.inverse_clip.any():
        z = _clipped(builder, z, encoding.inverse_clip)
    if not len(encoding.indicators):
        return z
    chosen = builder.constant("indicators/columns", encoding.indicators.astype(np.int64))
    told = builder.node("Gather", [missing, chosen], "indicators/missing", {"axis": 1})
    told = builder.node("Cast", [told], "indicators", {"to": TensorProto.FLOAT})
    return builder.node("Concat", [z, told], "dense_inputs", {"axis": 1})


def _number(builder: GraphBuilder, column: Column) -> str:
    """A column as float32 (rows, 1), the offset subtracted while it is still float64; NaN where missing."""
    if column.kind is ColumnKind.BOOLEAN:
        return _truth(builder, column)
    if column.kind is not ColumnKind.DATE and not column.offset:
        return column.name
    offset = builder.constant(f"{column.name}/offset", np.array([column.offset], np.float64))
    exact = builder.node("Sub", [column.name, offset], f"{column.name}/without_offset")
    return builder.node("Cast", [exact], f"{column.name}/float", {"to": TensorProto.FLOAT})


def _truth(builder: GraphBuilder, column: Column) -> str:
    if column.levels:
        words = _words_of_truth(column)
        attributes = {
            "keys_strings": list(words),
            "values_floats": list(words.values()),
            "default_float": float("nan"),
        }
        return builder.node("LabelEncoder", [column.name], f"{column.name}/truth", attributes, domain=ML)
    zero, one = (builder.constant(f"{column.name}/{n}", np.array([n], np.float32)) for n in (0, 1))
    is_zero = builder.node("Equal", [column.name, zero], f"{column.name}/is_0")
    is_one = builder.node("Equal", [column.name, one], f"{column.name}/is_1")
    known = builder.node("Or", [is_zero, is_one], f"{column.name}/known")
    nan = builder.constant(f"{column.name}/nan", np.array([np.nan], np.float32))
    return builder.node("Where", [known, column.name, nan], f"{column.name}/truth")


def _words_of_truth(column: Column) -> dict[str, float]:
    """The column's own two words and, as when a file is read, the usual ones in any mixture of capitals."""
    words = {"0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0}
    for word, truth in TRUTH.items():
        spellings = itertools.product(*((letter, letter.upper()) for letter in word))
        words.update(("".join(spelling), float(truth)) for spelling in spellings)
    return words | dict(zip(column.levels, (0.0, 1.0), strict=True))


def _clipped(builder: GraphBuilder, z: str, inverse_clip: NDArray[np.float32]) -> str:
    """``z / sqrt(1 + (z * inverse_clip) ** 2)``; far values are drawn in first, to keep the square finite."""
    far = np.where(inverse_clip == 0, np.float32(np.inf), _FAR)
    z = builder.node("Min", [z, builder.constant("clip/high", far)], "clip/below_high")
    z = builder.node("Max", [z, builder.constant("clip/low", -far)], "clip/bounded")
    ratio = builder.node("Mul", [z, builder.constant("clip/inverse", inverse_clip)], "clip/ratio")
    square = builder.node("Mul", [ratio, ratio], "clip/square")
    one = builder.constant("clip/one", np.ones(1, np.float32))
    root = builder.node("Sqrt", [builder.node("Add", [square, one], "clip/sum")], "clip/root")
    return builder.node("Div", [z, root], "numbers/clipped")


def _hot(builder: GraphBuilder, schema: Schema, encoding: Encoding) -> str:
    columns = one_hot_columns(encoding)
    none = sum(encoding.categories[j].size for j in columns)
    start = 0
    places = []
    for j in columns:
        places.append(_slots(builder, schema.categories[j], encoding.categories[j], start, none))
        start += encoding.categories[j].size
    return builder.node("Concat", places, "one_hot/rows", {"axis": 1})


def _slots(builder: GraphBuilder, column: Column, category: CategoryEncoding, start: int, none: int) -> str:
    """``start`` plus the slot of each level, int64 (rows, 1); ``none`` for what has no slot."""
    slots = [none if slot < 0 else start + slot for slot in category.slots.tolist()]
    places = dict.fromkeys(MISSING_WORDS, slots[MISSING])
    for level, slot in zip(column.levels, slots[FIRST_LEVEL:], strict=True):
        places.update((spelling, slot) for spelling in _spellings(level))
    attributes = {
        "keys_strings": list(places),
        "values_int64s": list(places.values()),
        "default_int64": slots[UNSEEN],
    }
    return builder.node("LabelEncoder", [column.name], f"{column.name}/slot", attributes, domain=ML)


def _spellings(level: str) -> Iterator[str]:
    """A level and, for a whole number, what becomes of it where gaps have made a column of floats."""
    yield level
    if re.fullmatch(r"[+-]?\d+", level):
        yield f"{level}.0"


def _axis_1(builder: GraphBuilder) -> str:
    return builder.constant("axis_1", np.array([1], np.int64))
