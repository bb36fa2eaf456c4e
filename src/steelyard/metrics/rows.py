"""Labels, probabilities and row weights that have been checked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.errors import DataError


@dataclass(frozen=True, eq=False)
class Rows:
    """What metrics are computed from; all arrays are (rows,) and there is at least one row."""

    target: NDArray[np.uint8]
    """0 or 1."""
    probability: NDArray[np.float64]
    """Of the positive class, in [0, 1]."""
    weights: NDArray[np.float64] | None
    """Finite, not negative and not all zero; None counts every row as 1."""

    @property
    def base_rate(self) -> float:
        """The (weighted) share of positives."""
        return float(np.average(self.target, weights=self.weights))


def checked(
    target: ArrayLike, probability: ArrayLike, weights: ArrayLike | None = None, where: str = "score"
) -> Rows:
    """The arrays as :class:`Rows`, or a :class:`DataError` that begins with ``where`` and tells."""
    y = np.asarray(target)
    p = np.asarray(probability, np.float64)
    w = None if weights is None else np.asarray(weights, np.float64)
    if y.ndim != 1 or p.shape != y.shape or (w is not None and w.shape != y.shape):
        shapes = f"target {y.shape}, probability {p.shape}" + ("" if w is None else f", weights {w.shape}")
        raise DataError(f"{where}: arrays of one and the same length are needed; found {shapes}")
    if len(y) == 0:
        raise DataError(f"{where}: there are no rows to score")
    if not ((y == 0) | (y == 1)).all():
        raise DataError(f"{where}: the target may hold 0 and 1 only")
    if not ((p >= 0.0) & (p <= 1.0)).all():
        raise DataError(f"{where}: probabilities must lie in [0, 1]; found others or NaN")
    if w is not None and not (np.isfinite(w).all() and (w >= 0.0).all() and w.sum() > 0.0):
        raise DataError(f"{where}: weights must be finite and not negative, and not all zero")
    return Rows(y.astype(np.uint8), p, w)
