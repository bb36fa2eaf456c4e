"""What a metric is, and how it is measured on rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from steelyard.metrics.curves import Curves, curves_of
from steelyard.metrics.rows import Rows

Numbers = NDArray[np.float64]
Direction = Literal["higher", "lower", "nearest"]

BINS = 15
"""Of the calibration error: of equal mass, as many as the literature on networks uses (Guo et al. 2017)."""


@dataclass(frozen=True, eq=False)
class Metric:
    """A number that says how good probabilities, or the decisions from them, are."""

    name: str
    """As :func:`~steelyard.metrics.metric` reads it: ``roc_auc``, ``fbeta=0.5``, ``cost fp=1 fn=10``."""
    meaning: str
    """One line."""
    direction: Direction
    """Which value is better: a higher or a lower one, or one nearer to ``ideal``."""
    ideal: float
    """The best value there is; minus infinity if a cost can fall without end."""
    worst: float
    """The worst value there is; infinity if there is none. What a network scores that cannot be measured."""
    floor: Callable[[float], float]
    """What one probability for all rows reaches at a given base rate, with the better decision of the two
    if it takes one; NaN where that says nothing."""
    statistic: Callable[[Curves], Numbers] | None
    """The metric of many weightings of the rows at once; None for a metric that is a mean over rows."""
    row_loss: Callable[[Rows], Numbers] | None = None
    """What each row contributes to a metric that is a mean over rows."""
    noise: Callable[[Curves], Numbers] | None = None
    """For a metric that noise can only raise: the most by which that of these weightings and that of the rows
    as they are can differ. An interval is then a bound, not the quantiles of the resamples."""
    exact: Callable[[Rows], float] | None = None
    """scikit-learn's function, if it has one of the metric."""
    needs_threshold: bool = False
    """Does it judge decisions at the threshold, not probabilities?"""
    needs: Literal["any", "positives", "both"] = "both"
    """Which classes must be among the rows."""
    top: float | None = None
    """How many rows at the top it looks at, or below 1 which share of them; None if it looks at all."""


def values_of(
    chosen: Sequence[Metric], rows: Rows, threshold: float = 0.5, *, exact: bool = True
) -> list[float]:
    """The metrics of rows that have the classes they need (:func:`lacking`).

    With ``exact``, by scikit-learn's functions where it has them. Ours differ from them by rounding alone and
    are ten times as fast on a thousand rows, which counts where metrics are followed from epoch to epoch.
    """
    curves = None
    values = []
    for one in chosen:
        if exact and one.exact is not None:
            values.append(one.exact(rows))
        elif one.statistic is not None:
            curves = curves or curves_of(rows, threshold, BINS)
            values.append(float(one.statistic(curves)))
        else:
            assert one.row_loss is not None, "a metric is a statistic of the rows or a mean over them"
            values.append(float(np.average(one.row_loss(rows), weights=rows.weights)))
    return values


def lacking(chosen: Metric, rows: Rows) -> str:
    """What the rows lack for the metric to be defined, in words, or an empty string."""
    rate = rows.base_rate
    count = f"all {len(rows.target):,} rows" if rows.weights is None else "all rows with a weight"
    if rate == 0.0 and chosen.needs != "any":
        return f"needs {'positives' if chosen.needs == 'positives' else 'both classes'}; {count} are negative"
    if rate == 1.0 and chosen.needs == "both":
        return f"needs both classes; {count} are positive"
    if chosen.top is not None and chosen.top >= 1.0:
        mass = float(len(rows.target) if rows.weights is None else rows.weights.sum())
        return f"there are {mass:,.6g} rows only" if chosen.top > mass else ""
    return ""


def as_loss(chosen: Metric, value: float) -> float:
    """A number that is smaller the better the value is, whichever way the metric points.

    >>> from steelyard.metrics.naming import metric
    >>> as_loss(metric("ap"), 0.3), as_loss(metric("brier"), 0.2), as_loss(metric("calibration_slope"), 1.5)
    (-0.3, 0.2, 0.5)
    """
    match chosen.direction:
        case "higher":
            return -value
        case "lower":
            return value
        case "nearest":
            return abs(value - chosen.ideal)
