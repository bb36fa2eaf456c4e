"""A table, ready to be split, encoded and gathered into batches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.data.schema import Schema


@dataclass(frozen=True, eq=False)
class Features:
    """What the network sees: no scaling, no filling, no copies per fold.

    ``numeric`` is float32 (rows, numeric columns), C-contiguous, NaN where missing, never infinite.
    ``codes`` is int32 (rows, category columns), C-contiguous: see ``steelyard.data.schema`` for codes.
    """

    numeric: NDArray[np.float32]
    codes: NDArray[np.int32]

    def __len__(self) -> int:
        return int(self.numeric.shape[0])


@dataclass(frozen=True, eq=False)
class Table:
    """Features, target and what decides how rows may be split.

    ``target`` is uint8 (rows,), 1 for the positive label. ``weights`` are float32 row weights or None.
    ``groups`` (int64 codes) and ``time`` (float64, sortable) are None unless such a column was named.
    ``fingerprint`` is a hash of schema and contents, the same on every machine.
    ``source`` says where the rows came from, for messages ("bank.csv", "DataFrame").
    """

    features: Features
    target: NDArray[np.uint8]
    schema: Schema
    fingerprint: str
    source: str
    weights: NDArray[np.float32] | None = None
    groups: NDArray[np.int64] | None = None
    time: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.features)
