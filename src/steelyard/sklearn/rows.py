"""Which rows train and which choose the epoch, whatever their order, copies or weights.

A fit with a row of weight 2 should be the fit with that row twice, a row of weight 0 should be no row, and
the order of the rows should not matter: to the last bit, so that nothing but the data decides.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from steelyard.data import Features, Split, Table
from steelyard.errors import SteelyardWarning
from steelyard.recipe import Change, Recipe, apply
from steelyard.recipe.schedule import ReduceOnPlateau
from steelyard.splitting import split_rows

Rows = NDArray[np.int64]

_MOST_COPIES = 10
"""Whole-number weights are taken as copies up to this many a row, on average."""
_FEWEST_JUDGES = 2
"""Rows of each class that a validation part must hold to be worth having."""


def rows_that_count(weights: NDArray[np.float64]) -> tuple[Rows, NDArray[np.float64] | None]:
    """Row numbers to train on, and what multiplies their loss, if anything.

    Whole-number weights become copies of the row. Others, and those that would make the table more than
    ten times as long, are scaled to a mean of 1.

    >>> rows_that_count(np.array([2.0, 0.0, 1.0]))
    (array([0, 0, 2]), None)
    >>> rows_that_count(np.array([0.5, 0.0, 0.25, 0.75]))
    (array([0, 2, 3]), array([1. , 0.5, 1.5]))
    """
    rows = np.flatnonzero(weights)
    whole = bool((weights == np.floor(weights)).all())
    if whole and weights.sum() <= _MOST_COPIES * len(rows):
        return np.repeat(np.arange(len(weights)), weights.astype(np.int64)), None
    return rows, weights[rows] / weights[rows].mean()


def order_by_content(table: Table) -> Rows:
    """An order of the rows that depends on what they hold, not on where they stand.

    Sorts by a hash of 64 bits, which takes a fraction of the time of sorting by all columns. Different
    rows that share a hash, of which there is hardly ever a pair, keep the order they came in.
    """
    key = table.target.astype(np.uint64)
    weights = () if table.weights is None else (table.weights,)
    for column in (*table.features.numeric.T, *table.features.codes.T, *weights):
        key ^= np.ascontiguousarray(column).view(np.uint32)
        # The first half of the finaliser of SplitMix64 (Steele, Lea & Flood 2014) mixes the bits.
        key ^= key >> np.uint64(30)
        key *= np.uint64(0xBF58476D1CE4E5B9)
        key ^= key >> np.uint64(27)
    return np.argsort(key, kind="stable")


def reorder(table: Table, order: Rows) -> Table:
    """The table with row ``order[i]`` as its row i."""
    return replace(
        table,
        features=Features(table.features.numeric[order], table.features.codes[order]),
        target=table.target[order],
        weights=None if table.weights is None else table.weights[order],
    )


def split_off_validation(table: Table, fraction: float, seed: int) -> Split:
    """Rows that train and rows that choose the epoch; all train if there are too few for that."""
    rarer = int(np.bincount(table.target, minlength=2).min())
    # A stratified draw gives each class its share, rounded down or up.
    if math.floor(rarer * fraction + 1e-9) >= _FEWEST_JUDGES:
        return split_rows(table, shares=(1.0 - fraction, fraction, 0.0), seed=seed)
    method = "all rows train"
    if fraction > 0:
        method = f"all rows train, too few for validation: {rarer} of the rarer class"
        warnings.warn(
            f"validation_fraction: {fraction:.4g} of {rarer} rows of the rarer class are too few to choose "
            "the epoch, so all rows train and the choice is made on these. "
            "Set validation_fraction=0 if this is meant.",
            SteelyardWarning,
            stacklevel=3,
        )
    none = np.zeros(0, np.int64)
    return Split(np.arange(len(table), dtype=np.int64), none, none, method)


def without_validation(recipe: Recipe) -> Recipe:
    """The recipe with the training rows in place of validation rows that do not exist."""
    changes = []
    if recipe.monitor.startswith("validation_"):
        changes.append(Change("training.monitor", _on_training_rows(recipe.monitor)))
    schedule = recipe.optimizer.schedule
    if isinstance(schedule, ReduceOnPlateau) and schedule.monitor.startswith("validation_"):
        changes.append(Change("optimizer.schedule.monitor", _on_training_rows(schedule.monitor)))
    return apply(recipe, *changes)


def _on_training_rows(series: str) -> str:
    return f"train_{series.removeprefix('validation_')}"
