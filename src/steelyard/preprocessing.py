"""Fit the scaling of numbers and the slots of categories on training rows; apply them outside the engine.

The engine applies an :class:`~steelyard.data.Encoding` while it gathers a batch. :func:`encode` does the
same with plain numpy, for models that want a matrix (logistic regression) and to check the engine.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from steelyard.data.encoding import CategoryEncoding, Encoding
from steelyard.data.schema import FIRST_LEVEL, UNSEEN, Column, Schema
from steelyard.data.table import Features
from steelyard.recipe.preprocessing import Preprocessing

_NEGLIGIBLE = 1e-9
"""A quartile range this small against the whole range counts as zero: dividing by it would leave float32."""


def fit_encoding(
    features: Features, schema: Schema, rows: NDArray[np.int64], spec: Preprocessing
) -> Encoding:
    """Learn from the rows ``rows`` (int64 indices of the training rows), and from no others, how to encode.

    Numbers: :class:`~steelyard.recipe.preprocessing.Preprocessing` says how they are scaled; a missing one
    becomes the median of its column. A column that is constant in these rows, or has no value, becomes
    zero. An indicator is added for a column that has missing and other values in these rows.

    Categories: a level with at least ``spec.min_level_rows`` rows has a slot of its own, and so has the
    missing value. All others share one slot with levels never seen, provided that it has any training
    row; otherwise these contribute nothing.
    """
    count = len(schema.numeric)
    shift, scale, fill = (np.zeros(count, np.float32) for _ in range(3))
    indicators: list[int] = []
    for j in range(count):
        # One column at a time in float64: exact quantiles, and little memory beside the table.
        column = features.numeric[rows, j].astype(np.float64)
        present = column[~np.isnan(column)]
        if spec.missing_indicator and 0 < len(present) < len(column):
            indicators.append(j)
        shift[j], scale[j], fill[j] = _fit_numbers(present, spec.scaling)
    clip = 1.0 / spec.smooth_clip if isinstance(spec.smooth_clip, float) else 0.0  # else it is off
    categories = tuple(
        _fit_category(features.codes[rows, j], column, spec) for j, column in enumerate(schema.categories)
    )
    return Encoding(
        shift=shift,
        scale=scale,
        fill=fill,
        inverse_clip=np.full(count, clip, np.float32),
        indicators=np.array(indicators, np.int32),
        categories=categories,
    )


def encode(
    features: Features, encoding: Encoding, rows: NDArray[np.int64] | None = None
) -> sparse.csr_array[np.float32]:
    """The inputs of the network as a sparse float32 matrix (rows, inputs).

    In the order of :class:`~steelyard.data.Encoding`: numbers, indicators, embedded columns, one-hot columns;
    but an embedded column appears as one 0/1 input per slot, as if it were one-hot.
    """
    numeric = features.numeric if rows is None else features.numeric[rows]
    codes = features.codes if rows is None else features.codes[rows]
    dense = np.empty((len(numeric), len(encoding.shift) + len(encoding.indicators)), np.float32)
    for j in range(len(encoding.shift)):
        dense[:, j] = _scaled(numeric[:, j], encoding, j)
    for k, j in enumerate(encoding.indicators, start=len(encoding.shift)):
        dense[:, k] = np.isnan(numeric[:, j])
    blocks = [sparse.csr_array(dense)]
    columns = sorted(range(len(encoding.categories)), key=lambda j: encoding.categories[j].embedding_dim == 0)
    blocks += [_one_hot(codes[:, j], encoding.categories[j]) for j in columns]
    return sparse.csr_array(sparse.hstack(blocks, format="csr", dtype=np.float32))


def _fit_numbers(
    present: NDArray[np.float64], scaling: Literal["robust", "standard", "none"]
) -> tuple[float, float, float]:
    """Shift, scale and fill (the scaled median) of one column, given its values that are not missing."""
    if not len(present) or present.min() == present.max():
        return (float(present[0]) if len(present) else 0.0), 0.0, 0.0
    low, median, high = np.quantile(present, (0.25, 0.5, 0.75))
    spread = present.max() - present.min()
    if scaling == "none":
        shift, width = 0.0, 1.0
    elif scaling == "standard":
        shift, width = present.mean(), present.std()
    else:
        shift, width = median, high - low
        if width <= _NEGLIGIBLE * spread:
            width = spread / 2
    scale = 1.0 / width
    if scale > np.finfo(np.float32).max:  # the values differ by less than float32 can tell
        return float(shift), 0.0, 0.0
    # What the engine will subtract is the rounded shift, so the fill is measured from that.
    return float(shift), float(scale), float((median - float(np.float32(shift))) * scale)


def _fit_category(codes: NDArray[np.int32], column: Column, spec: Preprocessing) -> CategoryEncoding:
    rows_of_code = np.bincount(codes, minlength=FIRST_LEVEL + len(column.levels))
    frequent = rows_of_code >= spec.min_level_rows
    frequent[UNSEEN] = False  # a level that is not in the schema never has a slot of its own
    own = np.flatnonzero(frequent)
    rest_has_rows = bool(rows_of_code[~frequent].sum() > 0)
    slots = np.full(len(rows_of_code), len(own) if rest_has_rows else -1, np.int32)
    slots[own] = np.arange(len(own))
    names = [column.levels[code - FIRST_LEVEL] if code >= FIRST_LEVEL else "(missing)" for code in own]
    size = len(own) + rest_has_rows
    return CategoryEncoding(
        slots=slots,
        size=size,
        embedding_dim=0 if size <= spec.one_hot_levels else spec.embedding_dim,
        names=(*names, "(rare)") if rest_has_rows else tuple(names),
    )


def _scaled(x: NDArray[np.float32], encoding: Encoding, j: int) -> NDArray[np.float64]:
    z = (x.astype(np.float64) - encoding.shift[j]) * encoding.scale[j]
    z[np.isnan(z)] = encoding.fill[j]
    clipped: NDArray[np.float64] = z / np.sqrt(1.0 + np.square(z * encoding.inverse_clip[j]))
    return clipped


def _one_hot(codes: NDArray[np.int32], category: CategoryEncoding) -> sparse.csr_array[np.float32]:
    slot = category.slots[codes]
    rows = np.flatnonzero(slot >= 0)
    ones = np.ones(len(rows), np.float32)
    return sparse.csr_array((ones, (rows, slot[rows])), shape=(len(codes), category.size))
