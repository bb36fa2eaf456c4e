"""Rows that a resample need not tell apart, counted.

A bootstrap of a million rows would draw a billion row numbers. But a metric only sees how many positives and
negatives lie in each block of the ranking, and the number of rows that a resample takes from a *cell* (rows
of one label, one block and one weight) is multinomial. Drawing those counts is the same bootstrap, exactly,
if a block holds one distinct probability. Where there are too many, neighbouring ones share a block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steelyard.metrics.curves import Blocks, Curves
from steelyard.metrics.merging import blocks, blocks_of_rows, ranking
from steelyard.metrics.rows import Rows

if TYPE_CHECKING:
    from scipy import sparse

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

MOST = 8_192
"""Cells of one ranking. Rows with no more combinations of label, probability and weight are resampled
exactly."""

MOST_OF_TWO = 65_536
"""Cells of two rankings, whose blocks meet in many more cells than there are blocks."""

FEWEST = 256
"""Blocks per ranking, however many cells that makes."""

WEIGHT_CLASSES = 32
"""Rows whose weights differ are in different cells; above so many weights, those of a quantile are one."""

_CHUNK = 1 << 17
"""Counts drawn at a time, resamples times cells: a megabyte stays in the cache, eight take thrice as long."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of one ranking, or of the rankings of several models over the same rows."""

    size: tuple[Places, Places]
    """How many rows each cell of label 0 and of label 1 holds."""
    of_row: Places
    """(rows,) The cell of each row; those of label 1 are numbered after those of label 0."""
    blocks: tuple[Blocks, ...]
    """Of each ranking."""
    into_blocks: tuple[tuple[sparse.csr_array, sparse.csr_array], ...]
    """For each ranking and label: (blocks, cells), the mean weight of a row where its block and cell meet."""

    def curves(self, ranking: int, counts: tuple[Numbers, Numbers]) -> Curves:
        """What the blocks hold, given (..., cells) counts of each label."""
        negative, positive = (
            np.ascontiguousarray((matrix @ c.T).T)
            for matrix, c in zip(self.into_blocks[ranking], counts, strict=True)
        )
        return Curves(self.blocks[ranking], positive, negative)


def cells_of(rankings: Sequence[Rows], thresholds: Sequence[float], bins: int, fine: bool = True) -> Cells:
    """The cells of rows that one or two models rank; labels and weights of the rankings are the same.

    If it is not ``fine`` it need only do for decisions at the thresholds, which no block straddles, and for
    means over rows, of which the variance inside a cell is known.
    """
    rows = rankings[0]
    orders = [ranking(of, threshold) for of, threshold in zip(rankings, thresholds, strict=True)]
    weights = _weight_classes(rows.weights)
    cells = most = MOST_OF_TWO if fine and len(orders) == 2 else MOST
    fewest = FEWEST if fine else FEWEST // 8
    while True:
        places = [blocks_of_rows(order, most) for order in orders]
        key = _key(rows.target, places, weights)
        if most <= fewest or len(np.unique(key)) <= cells:
            break
        most //= 2
    _, of_row, size = np.unique(key, return_inverse=True, return_counts=True)
    negatives = len(np.unique(of_row[rows.target == 0]))
    weight = np.ones(len(size)) if rows.weights is None else np.bincount(of_row, rows.weights) / size
    return Cells(
        size=(size[:negatives], size[negatives:]),
        of_row=of_row,
        blocks=tuple(blocks(order, place, rows, bins) for order, place in zip(orders, places, strict=True)),
        into_blocks=tuple(_into_blocks(place, of_row, weight, negatives) for place in places),
    )


def _into_blocks(
    place: Places, of_row: Places, weight: Numbers, negatives: int
) -> tuple[sparse.csr_array, sparse.csr_array]:
    from scipy import sparse  # slow to load, and only intervals need it

    block = np.empty(len(weight), np.int64)
    block[of_row] = place
    count = int(place.max()) + 1
    of_negatives, of_positives = (
        sparse.csr_array(
            (weight[part], (block[part], np.arange(len(block[part])))), (count, len(block[part]))
        )
        for part in (slice(None, negatives), slice(negatives, None))
    )
    return of_negatives, of_positives


def draws(cells: Cells, resamples: int, seed: int) -> Iterator[tuple[Numbers, Numbers]]:
    """Counts of each label's cells in ``resamples`` resamples, some at a time: (resamples, cells).

    Positives and negatives are resampled apart, so that their numbers stay what they are.
    """
    random = np.random.default_rng(seed)
    chunk = max(1, _CHUNK // max(1, sum(len(size) for size in cells.size)))
    for start in range(0, resamples, chunk):
        count = min(chunk, resamples - start)
        negative, positive = (_counts(random, size, count) for size in cells.size)
        yield negative, positive


def _counts(random: np.random.Generator, size: Places, resamples: int) -> Numbers:
    """(resamples, cells), each row multinomial."""
    rows, cells = int(size.sum()), len(size)
    if rows == 0:
        return np.zeros((resamples, 0))
    if rows <= 8 * cells:
        # A row number costs less than a binomial number, of which the other way draws one per cell.
        chosen = random.integers(0, rows, (resamples, rows))
        if rows > cells:
            chosen = np.repeat(np.arange(cells), size)[chosen]
        chosen += cells * np.arange(resamples)[:, None]
        return (
            np.bincount(chosen.ravel(), minlength=resamples * cells)
            .reshape(resamples, cells)
            .astype(np.float64)
        )
    return random.multinomial(rows, size / rows, resamples).astype(np.float64)


def _key(target: NDArray[np.uint8], places: Sequence[Places], weights: Places) -> Places:
    """One number for each combination, ordered by label first."""
    key = target.astype(np.int64)
    for part in (*places, weights):
        key = key * (int(part.max()) + 1) + part
    return key


def _weight_classes(weights: Numbers | None) -> Places:
    if weights is None:
        return np.zeros(1, np.int64)
    values, which = np.unique(weights, return_inverse=True)
    if len(values) <= WEIGHT_CLASSES or len(weights) <= MOST:
        return which.astype(np.int64)
    return (np.argsort(np.argsort(weights, kind="stable")) * WEIGHT_CLASSES // len(weights)).astype(np.int64)
