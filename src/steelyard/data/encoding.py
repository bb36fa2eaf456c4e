"""Preprocessing that has been fitted: numbers that the engine applies while it gathers a batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class CategoryEncoding:
    """One category column.

    ``slots`` is int32 (codes,): the slot of each code of the table, -1 for a code that contributes
    nothing (unseen in training and no rare levels to share a slot with). ``size`` slots exist.
    ``embedding_dim`` is 0 for a one-hot column. ``names`` says what each slot stands for.
    """

    slots: NDArray[np.int32]
    size: int
    embedding_dim: int
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Encoding:
    """How raw features become inputs of the first layer.

    Numeric column j of a row becomes ``z = (x - shift[j]) * scale[j]``, ``fill[j]`` if x is NaN, then
    ``z / sqrt(1 + (z * inverse_clip[j]) ** 2)``. All four are float32 (numeric columns,).
    After them comes one 0/1 input per entry of ``indicators`` (int32: numeric columns whose missing
    values are told), then the embeddings, then the one-hot columns.
    """

    shift: NDArray[np.float32]
    scale: NDArray[np.float32]
    fill: NDArray[np.float32]
    inverse_clip: NDArray[np.float32]
    indicators: NDArray[np.int32]
    categories: tuple[CategoryEncoding, ...]

    @property
    def inputs(self) -> int:
        """Width of the input: numbers, indicators, embeddings and one-hot columns."""
        per_category = sum(c.embedding_dim if c.embedding_dim else c.size for c in self.categories)
        return len(self.shift) + len(self.indicators) + per_category


def identity(numeric_columns: int) -> Encoding:
    """The encoding that leaves numbers as they are (and NaN as 0); for tables without categories."""
    zeros = np.zeros(numeric_columns, np.float32)
    return Encoding(
        shift=zeros,
        scale=np.ones(numeric_columns, np.float32),
        fill=zeros,
        inverse_clip=zeros,
        indicators=np.zeros(0, np.int32),
        categories=(),
    )
