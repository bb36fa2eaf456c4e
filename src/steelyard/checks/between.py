"""Rows that lie exactly between two others of their class: invented before the table was read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.checks.findings import Finding
from steelyard.data import ColumnKind, Table

_LOOKED_AT = 200
_MOST_ROWS = 50_000
_NEIGHBOURS = 20
_LEAST_SHARE = 0.05
"""Of real tables it is below a hundredth; after SMOTE between a fifteenth and nine tenths."""
_LEAST_COLUMNS = 3
"""In a plane three points lie in a line now and then by chance."""
_STRAIGHT = 1e-6
"""What 1 + cos may be: an angle of 1.4 thousandths, wider than what float32 leaves of a straight one."""

_EVEN = np.unique([part / whole for whole in range(2, 11) for part in range(1, whole)])
_EVEN_TO = 1e-3
"""Whole numbers and other coarse ones lie halfway, or at a third, between others now and then; of invented
rows, put anywhere between, one in sixteen does."""


def rows_between(table: Table, rows: NDArray[np.int64]) -> list[Finding]:
    """D109: a class many of whose rows lie in a straight line between two of their neighbours.

    SMOTE puts rows there; measured ones are hardly ever found there, and if numbers are coarse, those of
    both classes alike. Looks at 200 rows of each class among at most 50,000 of it, and at numbers only: on
    fewer than three columns of them, or once they have been rounded, invented rows are not recognised.
    """
    numbers = [j for j, column in enumerate(table.schema.numeric) if column.kind is not ColumnKind.BOOLEAN]
    of_class = [rows[table.target[rows] == label] for label in (0, 1)]
    rows = np.concatenate([some[:: _step(len(some), _MOST_ROWS)] for some in of_class])
    values = table.features.numeric[rows][:, numbers].astype(np.float64)
    known = np.isfinite(values).all(axis=1)
    values, labels = values[known], table.target[rows[known]]
    if not len(values) or min(np.bincount(labels, minlength=2)) <= _NEIGHBOURS:
        return []
    spread = values.std(axis=0)
    values = values[:, spread > 0] / spread[spread > 0]
    if values.shape[1] < _LEAST_COLUMNS:
        return []
    shares = [_share_between(values[labels == label]) for label in (0, 1)]
    found = int(shares[1] >= shares[0])
    if shares[found] < _LEAST_SHARE or shares[1 - found] > shares[found] / 4:
        return []
    target = table.schema.target
    name, other = (target.positive, target.negative) if found else (target.negative, target.positive)
    return [
        Finding(
            "D109",
            f"{shares[found]:.0%} of the training rows with {target.name} = {name} lie in a straight line "
            f"between two neighbours of their class, where SMOTE would have put them, and "
            f"{shares[1 - found]:.0%} of those with {target.name} = {other}.",
        )
    ]


def _share_between(points: NDArray[np.float64]) -> float:
    """The share of rows between two of their neighbours, of some evenly spaced ones that are looked at."""
    return float(np.mean([_is_between(point, points) for point in points[:: _step(len(points), _LOOKED_AT)]]))


def _step(count: int, most: int) -> int:
    """The distance between evenly spaced ones, for at most ``most`` of ``count``."""
    return max(1, -(-count // most))


def _is_between(point: NDArray[np.float64], points: NDArray[np.float64]) -> bool:
    away = points - point
    distance = np.einsum("ij,ij->i", away, away)
    near = np.flatnonzero(distance > 0.0)
    if len(near) > _NEIGHBOURS:
        near = near[np.argpartition(distance[near], _NEIGHBOURS)[:_NEIGHBOURS]]
    different = (away[near] != 0.0).sum(axis=1) >= _LEAST_COLUMNS
    near = near[different]
    length = np.sqrt(distance[near])
    directions = away[near] / length[:, None]
    first, second = np.nonzero(directions @ directions.T < -1.0 + _STRAIGHT)
    where = length[first] / (length[first] + length[second])
    return bool((np.abs(where[:, None] - _EVEN).min(axis=1) > _EVEN_TO).any())
