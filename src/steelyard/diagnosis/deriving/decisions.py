"""What the counts of decisions can have been, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from steelyard.diagnosis.arithmetic import (
    Bounds,
    Reported,
    confusion_bounds,
    contradiction,
    relaxed_bounds,
)
from steelyard.diagnosis.arithmetic.confusion_bounds import Counts, Interval
from steelyard.diagnosis.deriving.curves import RATES, Curves
from steelyard.diagnosis.deriving.intervals import Numbers
from steelyard.diagnosis.signals import ConfusionCurve, Curve, Estimate

_Rounded = tuple[Numbers, Numbers]
"""Values, and by how much they may be off."""
_NOMINAL_ROWS = 10**9
"""Where the number of rows is not known, shares are worked out as if of so many: of fewer, counts that must
be whole would not reach a share of 46 in 150 to the last digit."""


@dataclass(frozen=True, eq=False)
class Decisions:
    """What the metrics of one split's decisions can have been, by epoch."""

    split: str
    by_epoch: tuple[tuple[int, Reported], ...]

    def positives(self, rows: int | None, known: Counts | None = None) -> tuple[float, float] | None:
        """The share of positives that fits all epochs, beginning from the counts ``known``.

        (0, 1) if the metrics leave it open, None if they contradict each other or what is known.
        """
        counted = rows or _NOMINAL_ROWS
        low, high = known or (0, counted)
        for reported in dict(self.by_epoch).values():
            found = relaxed_bounds(counted, (low, high), reported)
            if found is None:
                return None
            low, high = found.positives
        return low / counted, high / counted


def decisions_of(curves: Curves, split: str, batch_means: frozenset[str]) -> Decisions:
    """Metrics of decisions; of those in ``batch_means`` only whether there was any true positive is used."""
    found = {name: curve for name in RATES if (curve := _share(curves, split, name)) is not None}
    spans = {name: _spans(curves, curve) for name, curve in found.items()}
    by_epoch = []
    for epoch in sorted(set().union(*spans.values())):
        intervals = {name: of[epoch] for name, of in spans.items() if epoch in of}
        whole = {name: span for name, span in intervals.items() if name not in batch_means}
        by_epoch.append(
            (epoch, Reported(**whole, found=_any_found(intervals[n] for n in intervals if n in batch_means)))
        )
    return Decisions(split, tuple(by_epoch))


def averaged_over_batches(curves: Curves, functions: tuple[str, ...] | None) -> frozenset[str]:
    """The metrics that are means over batches: those that are said to be plain functions, and all three where
    F1 is not the harmonic mean of precision and recall, which of counts it must be."""
    named = {
        metric
        for metric in ("precision", "recall", "f1")
        for function in functions or ()
        if metric in function.lower() or (metric == "f1" and "fmeasure" in function.lower())
    }
    for split in ("train", "validation"):
        precision, recall, f1 = (curves.find(split, name) for name in ("precision", "recall", "f1"))
        if precision is not None and recall is not None and f1 is not None:
            shared = np.intersect1d(np.intersect1d(precision.epochs, recall.epochs), f1.epochs)
            kept = [np.isin(one.epochs, shared) for one in (precision, recall, f1)]
            p, r, f = (
                (one.values[at], curves.margin(one.values[at], one))
                for one, at in zip((precision, recall, f1), kept, strict=True)
            )
            if _mismatch(p, r, f):
                return frozenset({"precision", "recall", "f1"})
    return frozenset(named)


def confusion_curve(
    decisions: Decisions, rows: int, hard: Counts, likely: Counts, positives: Estimate
) -> ConfusionCurve | None:
    """Counts epoch by epoch, with positives between ``likely``; a contradiction is one even with ``hard``."""
    known: dict[Reported, tuple[Bounds | None, str]] = {}
    for _, reported in decisions.by_epoch:
        if reported not in known:
            found = confusion_bounds(rows, likely, reported) or confusion_bounds(rows, hard, reported)
            known[reported] = (found, "" if found else contradiction(rows, hard, reported))
    if not known:
        return None
    bounds = [
        known[reported][0] or Bounds(hard, (0, hard[1]), (0, rows), exact=False)
        for _, reported in decisions.by_epoch
    ]
    columns = np.array([(*one.predicted_positive, *one.true_positive) for one in bounds], np.int64).T
    return ConfusionCurve(
        epochs=np.array([epoch for epoch, _ in decisions.by_epoch], np.int64),
        rows=rows,
        positives=positives,
        predicted_positive_low=columns[0],
        predicted_positive_high=columns[1],
        true_positive_low=columns[2],
        true_positive_high=columns[3],
        contradictions={
            epoch: known[reported][1] for epoch, reported in decisions.by_epoch if known[reported][1]
        },
    )


def _share(curves: Curves, split: str, name: str) -> Curve | None:
    """None for a curve that is no share: percent, or something else of that name."""
    curve = curves.find(split, name)
    if curve is None or not ((curve.values >= 0.0) & (curve.values <= 1.0 + 1e-6)).all():
        return None
    return curve


def _spans(curves: Curves, curve: Curve) -> dict[int, Interval]:
    """Between which two shares the first value of each epoch lies."""
    spans: dict[int, Interval] = {}
    margins = curves.margin(curve.values, curve)
    for epoch, value, margin in zip(curve.epochs.tolist(), curve.values, margins, strict=True):
        spans.setdefault(epoch, (max(float(value - margin), 0.0), min(float(value + margin), 1.0)))
    return spans


def _any_found(spans: Iterator[Interval]) -> bool | None:
    """From means over batches: 0 if no batch has a true positive, above 0 if one has."""
    seen = [False if high <= 0.0 else True if low > 0.0 else None for low, high in spans]
    return True if True in seen else False if False in seen else None


def _mismatch(p: _Rounded, r: _Rounded, f: _Rounded) -> bool:
    low, high = (
        _harmonic(np.maximum(p[0] + side * p[1], 0.0), np.maximum(r[0] + side * r[1], 0.0))
        for side in (-1.0, 1.0)
    )
    margin = f[1] + 1e-6 * f[0]
    return bool(((f[0] > high + margin) | (f[0] < low - margin)).any())


def _harmonic(p: Numbers, r: Numbers) -> Numbers:
    return np.asarray(2.0 * p * r / np.maximum(p + r, 1e-300))
