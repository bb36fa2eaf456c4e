"""Stratified bootstrap of any metric, and of the difference of a metric between two models."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from steelyard.metrics.cells import Cells, cells_of, draws
from steelyard.metrics.definition import BINS, Metric
from steelyard.metrics.rows import Rows

Numbers = NDArray[np.float64]


def replicates(
    metrics: Sequence[Metric],
    rankings: Sequence[Rows],
    thresholds: Sequence[float],
    values: Sequence[float],
    resamples: int,
    seed: int,
) -> Numbers:
    """(metrics, resamples) Each metric on resamples of the rows; of two rankings, the first less the second.

    ``values`` are the metrics of the rows as they are. Where rows share a cell, what their cell makes of
    them is off by a little, the same little with and without resampling: it is taken off.
    """
    ranked = any(one.statistic is not None and not one.needs_threshold for one in metrics)
    # Of one ranking always: then what a metric's resamples are does not depend on the other metrics.
    fine = ranked or len(rankings) == 1
    cells = cells_of(rankings, thresholds, BINS, fine)
    whole = cells.size[0][None].astype(np.float64), cells.size[1][None].astype(np.float64)
    means = {i: _Mean(cells, m, rankings) for i, m in enumerate(metrics) if m.row_loss is not None}
    random = np.random.default_rng((seed, 1))
    found = np.empty((len(metrics), resamples))
    shift = np.array(values) - _statistics(cells, metrics, whole, len(rankings))[:, 0]
    done = 0
    for counts in draws(cells, resamples, seed):
        chunk = slice(done, done + len(counts[0]))
        found[:, chunk] = _statistics(cells, metrics, counts, len(rankings)) + shift[:, None]
        noise = random.standard_normal(len(counts[0]))
        for i, mean in means.items():
            found[i, chunk] = values[i] + mean.deviation(counts, noise)
        done = chunk.stop
    return found


def _statistics(
    cells: Cells, metrics: Sequence[Metric], counts: tuple[Numbers, Numbers], rankings: int
) -> Numbers:
    """(metrics, resamples); 0 for those that are means over rows, and what noise makes of those it raises."""
    total = np.zeros((len(metrics), len(counts[0])))
    for ranking, sign in zip(range(rankings), (1.0, -1.0), strict=False):
        curves = cells.curves(ranking, counts)
        for i, metric in enumerate(metrics):
            if metric.noise is not None:
                total[i] += metric.noise(curves)
            elif metric.statistic is not None:
                total[i] += sign * metric.statistic(curves)
    return total


class _Mean:
    """A metric that is a (weighted) mean over rows, by the mean and the variance of its cells."""

    def __init__(self, cells: Cells, metric: Metric, rankings: Sequence[Rows]) -> None:
        assert metric.row_loss is not None
        loss = metric.row_loss(rankings[0])
        if len(rankings) == 2:
            loss = loss - metric.row_loss(rankings[1])
        weights = np.ones(len(loss)) if rankings[0].weights is None else rankings[0].weights
        residual = weights * (loss - np.average(loss, weights=weights))
        size = np.concatenate(cells.size)
        mean = np.bincount(cells.of_row, residual) / size
        variance = np.bincount(cells.of_row, (residual - mean[cells.of_row]) ** 2) / size
        negatives = len(cells.size[0])
        self._parts = [
            (array[:negatives], array[negatives:])
            for array in (mean, variance, np.bincount(cells.of_row, weights) / size)
        ]

    def deviation(self, counts: tuple[Numbers, Numbers], noise: Numbers) -> Numbers:
        """The mean of each resample, less that of the rows; what varies inside a cell is normal ``noise``."""
        mean, variance, weight = (
            sum(c @ part for c, part in zip(counts, both, strict=True)) for both in self._parts
        )
        return np.asarray((mean + np.sqrt(variance) * noise) / weight, np.float64)
