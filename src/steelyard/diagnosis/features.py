"""What the inputs of a network are like, from rows of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.log import FeatureFact

_MOST_ROWS = 100_000
"""Figures of more rows would be no others."""


def features_of(
    x: Any, names: Sequence[object] | None = None, *, most_rows: int = _MOST_ROWS
) -> tuple[FeatureFact, ...] | None:
    """Figures of each column of an array or frame (rows, columns), from at most so many rows evenly spaced.

    None if it is not that, has no rows, or holds what is no number: what enters a network is a number.
    ``names`` are those of the columns, by default a frame's own, or numbers from 1.
    """
    names = getattr(x, "columns", None) if names is None else names
    try:
        matrix = np.asarray(x)
        if matrix.ndim != 2 or not matrix.size:
            return None
        sample = matrix[:: max(1, -(-len(matrix) // most_rows))].astype(np.float64)
    except (TypeError, ValueError):
        return None
    named = [f"input {number + 1}" for number in range(sample.shape[1])] if names is None else map(str, names)
    return tuple(feature_of(name, column) for name, column in zip(named, sample.T, strict=True))


def feature_of(name: str, values: NDArray[np.float64]) -> FeatureFact:
    """Figures of one column (rows,), of which NaN is missing."""
    known = values[~np.isnan(values)]
    if not len(known):
        return FeatureFact(name, len(values), np.nan, np.nan, np.nan, np.nan, 0, len(values))
    with np.errstate(invalid="ignore", over="ignore"):
        mean, deviation = float(known.mean()), float(known.std())
    return FeatureFact(
        name,
        rows=len(values),
        minimum=float(known.min()),
        maximum=float(known.max()),
        mean=mean,
        deviation=deviation,
        distinct=len(np.unique(known)),
        missing=len(values) - len(known),
    )


def flags(features: Iterable[FeatureFact]) -> int:
    """How many columns hold 0 and 1 and nothing else."""
    return sum(one.minimum == 0.0 and one.maximum == 1.0 and one.distinct == 2 for one in features)
