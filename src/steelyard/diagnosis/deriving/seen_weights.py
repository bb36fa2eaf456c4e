"""Class weights that nobody told of but the metrics show.

Keras measures ``weighted_metrics`` of training rows with the weights that are in their loss, and those of
validation rows without: the two accuracies of one epoch are of the same decisions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.diagnosis.arithmetic.entropy import Weights
from steelyard.diagnosis.deriving.curves import Curves
from steelyard.diagnosis.signals import Estimate

_ALIKE = 1e-6
"""Two accuracies nearer than this are one."""
_EXACT = 0.005
"""By what share the ratio of the weights may differ between epochs, or from the number it is taken for."""


@dataclass(frozen=True)
class Seen:
    """``weighted``: the training loss has weights in it. ``ratio``: that of a positive to a negative row;
    None if it does not show."""

    weighted: bool
    ratio: float | None

    def weights(self, rate: Estimate | None) -> Weights | None:
        """The weights, if the ratio is that of balanced ones or a whole number: their size does not show."""
        if self.ratio is None:
            return None
        if rate is not None and 0.0 < rate.value < 1.0:
            balanced = (1.0 - rate.value) / rate.value
            if abs(self.ratio / balanced - 1.0) < _EXACT:
                return 0.5 / (1.0 - rate.value), 0.5 / rate.value
        whole = round(self.ratio)
        return (1.0, float(whole)) if whole > 1 and abs(self.ratio / whole - 1.0) < _EXACT else None


def seen_weights(curves: Curves | None, rate: Estimate | None, means: frozenset[str]) -> Seen | None:
    """None where the weighted accuracy of training rows was not logged beside the plain one."""
    if curves is None:
        return None
    plain, weighted = curves.find("train", "accuracy"), curves.find("train", "weighted_accuracy")
    if plain is None or weighted is None or not np.array_equal(plain.epochs, weighted.epochs):
        return None
    apart = np.abs(plain.values - weighted.values)
    if not (apart > _ALIKE + curves.margin(plain.values) + curves.margin(weighted.values)).any():
        # Also of weights if both classes were equally accurate in every epoch, which does not happen twice.
        return Seen(False, None) if len(set(plain.values)) > 1 else None
    recall = curves.find("train", "recall")
    if recall is None or "recall" in means or rate is None or not np.array_equal(recall.epochs, plain.epochs):
        return Seen(True, None)
    # Weighted accuracy A = (r TP + TN) / (r P + N) in shares of the rows, solved for the ratio r.
    hits = recall.values * rate.value
    right = plain.values - hits
    over, under = right - weighted.values * (1.0 - rate.value), weighted.values * rate.value - hits
    clear = np.abs(under) > 1e-3
    if not clear.any():
        return Seen(True, None)
    ratios = over[clear] / under[clear]
    ratio = float(np.median(ratios))
    steady = ratio > 0.0 and float(np.ptp(ratios)) <= _EXACT * ratio
    return Seen(True, ratio if steady else None)
