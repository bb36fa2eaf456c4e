"""Builders of signals for tests of rules: a signal that is not named is unknown, as in a poor log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from steelyard.diagnosis.signals import BestEpoch, ConfusionCurve, Curve, Estimate, Signals
from steelyard.history import PLAIN, Quantity

__all__ = ["BestEpoch", "about", "confusion", "counts", "curve", "exactly", "signals"]


def signals(**fields: Any) -> Signals:
    """Signals with these fields; all others are None."""
    return Signals(**fields)


def curve(
    values: Sequence[float],
    epochs: Sequence[int] | None = None,
    low: Sequence[float] | None = None,
    high: Sequence[float] | None = None,
    *,
    weighted: bool | None = PLAIN.weighted,
    penalized: bool | None = PLAIN.penalized,
    dropout: bool | None = PLAIN.dropout,
    epoch_mean: bool | None = PLAIN.epoch_mean,
    how: str = "as logged",
) -> Curve:
    """A curve of epochs 1, 2, ... that was logged and is plain, unless told otherwise.

    >>> curve([0.3, 0.2], epoch_mean=True).quantity.epoch_mean
    True
    """
    numbers = np.asarray(values, np.float64)
    return Curve(
        epochs=np.arange(1, len(numbers) + 1) if epochs is None else np.asarray(epochs, np.int64),
        values=numbers,
        low=numbers if low is None else np.asarray(low, np.float64),
        high=numbers if high is None else np.asarray(high, np.float64),
        quantity=Quantity(weighted=weighted, penalized=penalized, dropout=dropout, epoch_mean=epoch_mean),
        how=how,
    )


def exactly(value: float) -> Estimate:
    """A number that is known exactly."""
    return Estimate(float(value), float(value), float(value), "counted")


def about(value: float, low: float, high: float) -> Estimate:
    """A number that is known to lie between two others."""
    return Estimate(value, low, high, "said")


def counts(
    true_positive: Sequence[int], predicted_positive: Sequence[int], *, rows: int, positives: int
) -> ConfusionCurve:
    """Decisions of epochs 1, 2, ... whose counts are known exactly."""
    tp, pp = np.asarray(true_positive, np.int64), np.asarray(predicted_positive, np.int64)
    return confusion((tp, tp), (pp, pp), rows=rows, positives=exactly(positives))


def confusion(
    true_positive: tuple[Sequence[int], Sequence[int]],
    predicted_positive: tuple[Sequence[int], Sequence[int]],
    *,
    rows: int,
    positives: Estimate,
    contradictions: dict[int, str] | None = None,
) -> ConfusionCurve:
    """Decisions of epochs 1, 2, ... whose counts lie between those of the first and the second sequence."""
    tp = [np.asarray(bound, np.int64) for bound in true_positive]
    pp = [np.asarray(bound, np.int64) for bound in predicted_positive]
    return ConfusionCurve(
        epochs=np.arange(1, len(tp[0]) + 1),
        rows=rows,
        positives=positives,
        predicted_positive_low=pp[0],
        predicted_positive_high=pp[1],
        true_positive_low=tp[0],
        true_positive_high=tp[1],
        contradictions=contradictions or {},
    )
