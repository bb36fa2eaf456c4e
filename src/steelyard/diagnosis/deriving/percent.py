"""Shares that were logged in percent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steelyard.history import Series
from steelyard.log import Log

_SHARES = frozenset({"accuracy", "precision", "recall", "f1", "auc", "roc_auc", "average_precision"})
_PLAINLY = 1.5
"""A share is at most 1, and percents of a metric seldom stay below this in all epochs of both splits."""


def without_percent(log: Log) -> Log:
    """A log whose shares are shares, with a note if some were percent; any other as it is.

    A metric is in percent in both splits if it lies between 0 and 100 in both and above 1.5 in one.
    """
    if log.history is None:
        return log
    percent = sorted(
        metric for metric in _SHARES if _in_percent([s for s in log.history.series if s.metric == metric])
    )
    if not percent:
        return log
    series = tuple(
        replace(one, values=one.values / 100.0) if one.metric in percent else one
        for one in log.history.series
    )
    note = f"{', '.join(percent)}: read as percent"
    return replace(log, history=replace(log.history, series=series), notes=(*log.notes, note))


def _in_percent(series: list[Series]) -> bool:
    known = [one.values[np.isfinite(one.values)] for one in series]
    values = np.concatenate([*known, np.empty(0)])
    return bool(len(values) and values.max() > _PLAINLY and values.min() >= 0.0 and values.max() <= 100.0)
