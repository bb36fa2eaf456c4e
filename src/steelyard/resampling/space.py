"""The space in which rows are neighbours and new ones are put between them, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from steelyard.data import FIRST_LEVEL, UNSEEN, ColumnKind, Encoding, Features, Schema

_MISSING_TRUTH = 2.0
"""State of a missing true/false value, after those of false and true."""
_NARROW = 500


@dataclass(frozen=True, eq=False)
class Space:
    """Rows as points: numbers in units of the encoding's scale, and states that have no in-between.

    ``numbers`` is float64 (rows, numbers): ``(x - shift) * scale``, a missing value filled as the network
    will see it. The smooth clip is left out: it bends lines, and what is put between two rows should lie
    between them. ``states`` is float64 (rows, states): true/false columns as 0, 1 or missing, then the
    slots of the category columns. ``number_columns`` and ``truth_columns`` are positions in
    ``Features.numeric``.
    """

    numbers: NDArray[np.float64]
    states: NDArray[np.float64]
    number_columns: NDArray[np.intp]
    truth_columns: NDArray[np.intp]

    @property
    def matrix(self) -> NDArray[np.float64]:
        """Numbers, then states."""
        return np.hstack((self.numbers, self.states))


def enter(
    features: Features,
    rows: NDArray[np.int64],
    encoding: Encoding,
    schema: Schema,
    *,
    truths_are_states: bool,
) -> Space:
    """The rows ``rows`` as points. ``encoding`` must have been fitted on these rows.

    With ``truths_are_states`` true/false columns are states, else numbers.
    """
    truth = np.array([c.kind is ColumnKind.BOOLEAN and truths_are_states for c in schema.numeric], bool)
    number_columns, truth_columns = np.flatnonzero(~truth), np.flatnonzero(truth)
    numbers = np.empty((len(rows), len(number_columns)))
    for position, j in enumerate(number_columns):
        z = (features.numeric[rows, j].astype(np.float64) - encoding.shift[j]) * encoding.scale[j]
        numbers[:, position] = np.where(np.isnan(z), encoding.fill[j], z)
    states = np.empty((len(rows), len(truth_columns) + len(encoding.categories)))
    for position, j in enumerate(truth_columns):
        values = features.numeric[rows, j].astype(np.float64)
        states[:, position] = np.where(np.isnan(values), _MISSING_TRUTH, values)
    for position, category in enumerate(encoding.categories, start=len(truth_columns)):
        states[:, position] = category.slots[features.codes[rows, position - len(truth_columns)]]
    if (states < 0).any():
        raise ValueError("the encoding was not fitted on these rows: one of their levels has no slot")
    return Space(numbers, states, number_columns, truth_columns)


def missing_as_nearest(
    points: NDArray[np.float64], space: Space, numeric: NDArray[np.float32], rare: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether each number (points, numbers) is missing in the row of the class ``rare`` that is nearest.

    ``numeric`` are the numbers of the rows of ``space`` in the table, NaN where missing; distance is
    measured on the numbers alone.
    """
    holes = np.isnan(numeric[rare][:, space.number_columns])
    if not len(points) or not holes.any():
        return np.zeros((len(points), len(space.number_columns)), bool)
    from sklearn.neighbors import NearestNeighbors

    nearest = NearestNeighbors(n_neighbors=1).fit(space.numbers[rare])
    row = nearest.kneighbors(points[:, : len(space.number_columns)], return_distance=False)[:, 0]
    return np.asarray(holes[row], bool)


def leave(
    points: NDArray[np.float64], missing: NDArray[np.bool_], space: Space, encoding: Encoding
) -> Features:
    """Points, laid out as ``Space.matrix``, in the units and codes of the table, numbers ``missing`` NaN.

    Levels that share a slot cannot be told apart any more: such a value becomes a level that the schema
    does not know, which has the same slot. A whole number may become a fraction.
    """
    width = len(space.number_columns)
    numbers, states = points[:, :width], points[:, width:]
    count = width + len(space.truth_columns)
    numeric = np.empty((len(points), count), np.float32)
    for position, j in enumerate(space.number_columns):
        scale = float(encoding.scale[j])
        shift = float(encoding.shift[j])
        values = numbers[:, position] / scale + shift if scale else np.full(len(points), shift)
        numeric[:, j] = np.where(missing[:, position], np.nan, values)
    for position, j in enumerate(space.truth_columns):
        truth = states[:, position]
        numeric[:, j] = np.where(truth == _MISSING_TRUTH, np.nan, truth)
    codes = np.empty((len(points), len(encoding.categories)), np.int32)
    for position, category in enumerate(encoding.categories):
        slots = states[:, len(space.truth_columns) + position].astype(np.intp)
        codes[:, position] = _codes_of_slots(category.slots)[slots]
    return Features(numeric, codes)


def for_distances(points: NDArray[np.float64], width: int, rare: NDArray[np.bool_]) -> sparse.csr_array:
    """Points with every state as 0/1 columns, for Euclidean distances between numbers and states alike.

    Two different states of a column are as far apart as the median standard deviation of the first
    ``width`` columns, the numbers, over the rows ``rare``: the rule of SMOTENC (Chawla et al. 2002).
    """
    spread = float(np.median(points[rare, :width].std(axis=0))) if width else 0.0
    height = (spread or 1.0) / np.sqrt(2.0)
    blocks = [sparse.csr_array(points[:, :width])]
    for column in points[:, width:].T:
        _, state = np.unique(column, return_inverse=True)
        heights = np.full(len(points), height)
        blocks.append(sparse.csr_array((heights, (np.arange(len(points)), state))))
    return sparse.csr_array(sparse.hstack(blocks, format="csr"))


def dense_if_narrow(points: sparse.csr_array) -> sparse.csr_array | NDArray[np.float64]:
    """Distances are computed many times faster on a dense matrix, if there is room for one."""
    return points.toarray() if points.shape[1] <= _NARROW else points


def _codes_of_slots(slots: NDArray[np.int32]) -> NDArray[np.int32]:
    """For each slot a code that has it: its level, or ``UNSEEN`` for the slot of the rare ones."""
    codes = np.full(int(slots.max()) + 1, UNSEEN, np.int32)
    with_slot = np.flatnonzero(slots >= 0)[::-1]  # so that of several codes the lowest stays
    codes[slots[with_slot]] = with_slot
    assert UNSEEN < FIRST_LEVEL
    return codes
