"""The log loss of predictions that are the same for every row: what knowing only the base rate gives.

A loss means nothing without it: at one positive in 21 rows 0.19 is what a network reaches that has learned
nothing, at one in two it is 0.69. All losses are in nats per row.
"""

from __future__ import annotations

import math

Weights = tuple[float, float]
"""Of a negative and of a positive row."""


def entropy(rate: float) -> float:
    """The least log loss that a constant prediction can have at that base rate.

    >>> round(entropy(1 / 21), 3), entropy(0.0)
    (0.191, 0.0)
    """
    return cross_entropy(rate, rate)


def cross_entropy(rate: float, probability: float) -> float:
    """The log loss of predicting ``probability`` for every row; infinite where that excludes what happens."""
    return _term(rate, probability) + _term(1.0 - rate, 1.0 - probability)


def best_constant(rate: float, weights: Weights = (1.0, 1.0)) -> float:
    """The constant prediction with the least weighted loss.

    >>> round(best_constant(1 / 21, (1.0, 20.0)), 6)
    0.5
    """
    negative, positive = weights[0] * (1.0 - rate), weights[1] * rate
    if not negative + positive > 0.0:
        raise ValueError(f"one class at least needs rows and a weight; found rate {rate}, weights {weights}")
    return positive / (negative + positive)


def weighted_floor(rate: float, weights: Weights) -> float:
    """The least weighted loss of a constant prediction, averaged over rows as Keras does.

    ``(w1 rate + w0 (1 - rate)) * entropy(best_constant)``: ln 2 with balanced weights n / (2 n_class).

    >>> round(weighted_floor(1 / 21, (1.0, 20.0)), 3)
    1.32
    """
    total = weights[0] * (1.0 - rate) + weights[1] * rate
    return total * entropy(best_constant(rate, weights))


def _term(share: float, probability: float) -> float:
    if share == 0.0:
        return 0.0
    return -share * math.log(probability) if probability > 0.0 else math.inf
