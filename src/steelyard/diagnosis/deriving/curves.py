"""The curves of a history: the last run's, by split and metric, and to how many digits they were written."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.arithmetic.digits import decimals, tells_its_digits
from steelyard.diagnosis.signals import Curve
from steelyard.history import History, Series

LOSS = ("objective", "loss")
"""What was minimised; Steelyard logs it as ``objective``, and as ``loss`` the plain loss."""
PLAIN_LOSS = ("binary_crossentropy", "bce", "log_loss", "logloss", "cross_entropy", "crossentropy")
"""The cross-entropy as a metric: without penalty."""
PENALTY = ("penalty", "regularization", "regularization_loss", "reg_loss", "l2_loss")
RATES = ("accuracy", "precision", "recall", "f1")
AUC = ("auc", "roc_auc")
AVERAGE_PRECISION = ("average_precision",)

_SINGLE = 1.2e-7
"""A little more than half a unit in the last place of float32, in which most frameworks compute metrics."""
_MOST_DECIMALS = 8
_WHOLE = 2.0**52
"""From here on a float64 has no decimals."""
_ABOUT_THE_RUN = frozenset({"learning_rate", "seconds", "time", "momentum", *PENALTY, "objective"})
"""Measured once for both splits."""


@dataclass(frozen=True, eq=False)
class Curves:
    """The curves of the last run in a history."""

    epochs: NDArray[np.int64]
    series: tuple[Series, ...]
    decimals: int | None
    """To which all values were rounded; None if they were written in full."""

    def find(self, split: str, *metrics: str) -> Curve | None:
        """The first of these metrics that was measured at all, at those epochs where it was; finite."""
        for metric in metrics:
            for one in self.series:
                if one.split == split and one.metric == metric and np.isfinite(one.values).any():
                    return self._kept(one, np.isfinite(one.values))
        return None

    def loss(self, split: str) -> Curve | None:
        """The loss as logged. It may be infinite; one that is no number from some epoch on has these epochs
        too: of training rows in any case, of validation rows where the log tells that it was measured."""
        for metric in (*LOSS, *PLAIN_LOSS):
            for one in self.series:
                lost = _lost(one, split)
                if one.split == split and one.metric == metric and (~np.isnan(one.values) | lost).any():
                    return self._measured(one, lost)
        return None

    def margin(self, values: NDArray[np.float64], of: Curve | None = None) -> NDArray[np.float64]:
        """By how much a value can differ from what was measured, by rounding.

        ``of`` is the curve that it is from, if that is a share: shares are often printed to fewer digits than
        losses, and three different values of one, or of all together, show it.
        """
        places = self.decimals if of is None else self._places(of)
        rounding = 0.0 if places is None else 0.5 * 10.0**-places
        return np.asarray(rounding * (1.0 + 1e-9) + _SINGLE * np.abs(values), np.float64)

    def _places(self, share: Curve) -> int | None:
        shares = [one.values for one in self.series if one.metric in RATES]
        for values in (share.values, np.concatenate([share.values, *shares])):
            if tells_its_digits(values) and (own := decimals(values)) is not None:
                return own if self.decimals is None else min(own, self.decimals)
        return self.decimals

    def _measured(self, one: Series, lost: NDArray[np.bool_]) -> Curve:
        kept = ~np.isnan(one.values)
        last = int(np.flatnonzero(kept)[-1]) if kept.any() else 0
        # Where a curve is measured now and then, a gap at the end is one of many.
        if kept[:last].all():
            kept |= lost
        return self._kept(one, kept)

    def _kept(self, one: Series, kept: NDArray[np.bool_]) -> Curve:
        values = np.ascontiguousarray(one.values[kept], np.float64)
        return Curve(self.epochs[kept], values, values, values, one.quantity)


def curves_of(history: History) -> tuple[Curves, tuple[tuple[int, int], ...]]:
    """The curves of the last run, and first and last position of every run in the history."""
    starts = [0, *(int(at) + 1 for at in np.flatnonzero(np.diff(history.epochs) <= 0))]
    ends = [*(start - 1 for start in starts[1:]), len(history) - 1]
    segments = tuple(zip(starts, ends, strict=True)) if len(history) else ()
    last = slice(starts[-1], None)
    series = tuple(
        replace(one, values=one.values[last], measured=None if one.measured is None else one.measured[last])
        for one in history.series
    )
    return Curves(history.epochs[last], series, decimals_of(series)), segments


def unpaired(history: History) -> tuple[str, ...]:
    """Names of series of training or validation rows without their like in the other split. What was measured
    once, after several epochs, was no metric of the training."""
    logged = [one for one in history.series if not _taken_once(one)]
    metrics = {
        split: {one.metric for one in logged if one.split == split} - _ABOUT_THE_RUN
        for split in ("train", "validation")
    }
    if not all(metrics.values()):
        return ()
    odd = metrics["train"] ^ metrics["validation"]
    return tuple(
        one.name
        for one in logged
        if one.split in metrics and one.metric in odd and not one.metric.startswith("running_")
    )


def _taken_once(one: Series) -> bool:
    return one.measured is not None and len(one.measured) > 1 and int(one.measured.sum()) == 1


def decimals_of(series: tuple[Series, ...]) -> int | None:
    """To how many decimals all values were rounded; None if some were written in full.

    Values below 0.001 do not count: they are printed with an exponent where others are not. Nor do those so
    large that they are whole in any case.
    """
    most = 2
    for one in series:
        if one.metric in _ABOUT_THE_RUN:
            continue
        values = one.values[np.isfinite(one.values)]
        values = values[(np.abs(values) >= 1e-3) & (np.abs(values) < _WHOLE)]
        while np.abs(np.round(values, most) - values).max(initial=0.0) > 1e-12:
            most += 1
            if most > _MOST_DECIMALS:
                return None
    return most


def _lost(one: Series, split: str) -> NDArray[np.bool_]:
    """The epochs whose loss was taken and is no number, bool (epochs,).

    That of training rows is always taken; where that of validation rows was, only the log can tell.
    """
    gaps = np.isnan(one.values)
    if split == "train":
        return gaps
    return np.zeros_like(gaps) if one.measured is None else gaps & one.measured
