"""Decisions that were counted: true and false positives and negatives as metrics of a log."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.deriving.curves import Curves
from steelyard.history import Series

COUNTS = ("true_positives", "false_positives", "true_negatives", "false_negatives")
_Numbers = NDArray[np.float64]


def counted_rows(curves: Curves | None, split: str) -> tuple[int, int] | None:
    """How many rows of a split were counted each epoch, and how many of them are positive.

    None unless all four counts are there, whole, and add up alike in most epochs and in the last one. (A
    counter that was not set back between two calls of ``fit`` has too many rows in the first epoch.)
    """
    found = None if curves is None else _counts(curves, split)
    if found is None:
        return None
    true, false, negatives, missed = found
    rows, positives = true + false + negatives + missed, true + missed
    whole = all((np.abs(one - np.round(one)) < 1e-3).all() and (one >= 0.0).all() for one in found)
    alike = (np.abs(rows - rows[-1]) < 0.5) & (np.abs(positives - positives[-1]) < 0.5)
    if not whole or rows[-1] < 1.0 or alike.mean() <= 0.5:
        return None
    return round(float(rows[-1])), round(float(positives[-1]))


def with_shares(curves: Curves) -> Curves:
    """The curves with accuracy, precision and recall where only the counts were logged.

    What is 0 / 0 has no value.
    """
    more = []
    for split in ("train", "validation"):
        found = _counts(curves, split)
        if found is None or counted_rows(curves, split) is None:
            continue
        true, false, negatives, missed = found
        shares = {
            "accuracy": (true + negatives, true + false + negatives + missed),
            "precision": (true, true + false),
            "recall": (true, true + missed),
        }
        quantity = next(
            one.quantity for one in curves.series if (one.split, one.metric) == (split, COUNTS[0])
        )
        for name, (part, whole) in shares.items():
            if curves.find(split, name) is None:
                values = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0.0)
                more.append(Series(split, name, values, quantity))
    return replace(curves, series=(*curves.series, *more)) if more else curves


def _counts(curves: Curves, split: str) -> tuple[_Numbers, _Numbers, _Numbers, _Numbers] | None:
    """The four counts by epoch, where all of them were measured in every epoch."""
    found = []
    for name in COUNTS:
        values = next((one.values for one in curves.series if (one.split, one.metric) == (split, name)), None)
        if values is None or not len(values) or not np.isfinite(values).all():
            return None
        found.append(np.asarray(values, np.float64))
    return found[0], found[1], found[2], found[3]
