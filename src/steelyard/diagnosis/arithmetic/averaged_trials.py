"""A table with a row per network as one with a row per configuration: means and spreads over the seeds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.arithmetic.trial_tables import (
    Numbers,
    configurations,
    has_seeds,
    is_seed,
    key,
    scores_of,
)
from steelyard.log import TrialTable


def over_seeds(table: TrialTable, seeds: int | None) -> tuple[TrialTable, int | None]:
    """Rows that differ in nothing but their seed made one, and by how many seeds each row then is known.

    Where no column holds seeds, or every configuration has one only, the table and ``seeds`` (what is said of
    its rows) stay as they are. A seed that comes twice counts once. Where configurations have different
    numbers of seeds, the harmonic mean of them stands for all, as it does in an analysis of variance of
    unweighted means; those with a single seed have no spread.
    """
    groups = [_distinct(table, group) for group in configurations(table)] if has_seeds(table) else []
    several = [len(group) for group in groups if len(group) > 1]
    if not several:
        return table, seeds
    columns = {name: [scores_of(table, name)[group] for group in groups] for name in table.metrics}
    first = [group[0] for group in groups]
    averaged = replace(
        table,
        parameters={
            name: [values[row] for row in first]
            for name, values in table.parameters.items()
            if not is_seed(name)
        },
        metrics={name: np.array([_mean(values) for values in found]) for name, found in columns.items()},
        spread={name: np.array([_deviation(values) for values in found]) for name, found in columns.items()},
        asked=None,
        epochs=None
        if table.epochs is None
        else np.array([_mean(np.asarray(table.epochs)[group]) for group in groups]),
    )
    return averaged, max(2, round(len(several) / sum(1.0 / count for count in several)))


def _distinct(table: TrialTable, group: NDArray[np.int64]) -> list[int]:
    """Without rows whose seeds an earlier one of the group has."""
    names = [name for name in table.parameters if is_seed(name)]
    rows = {tuple(key(table.parameters[name][row]) for name in names): int(row) for row in group[::-1]}
    return sorted(rows.values())


def _mean(values: Numbers) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else np.nan


def _deviation(values: Numbers) -> float:
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return np.nan
    # Of equal numbers NumPy's is not quite zero.
    return float(known.std(ddof=1)) if np.ptp(known) else 0.0
