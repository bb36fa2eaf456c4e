"""Losses of networks that know only a base rate, and the penalty of one that knows nothing yet."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from steelyard.diagnosis.arithmetic import (
    best_constant,
    cross_entropy,
    entropy,
    initial_penalty,
    weighted_floor,
)
from steelyard.diagnosis.arithmetic.entropy import Weights
from steelyard.diagnosis.signals import Estimate
from steelyard.log import Facts

_LOG_LOSSES = ("bce", "log_loss", "logloss", "logistic", "binary:logistic", "nll")


def is_cross_entropy(facts: Facts) -> bool:
    """Whether the loss is, or may be, the plain cross-entropy of two classes."""
    if facts.label_smoothing:
        return False
    if facts.loss is None:
        return True
    name = facts.loss.lower().replace(" ", "_")
    crossed = "crossentropy" in name or "cross_entropy" in name or "bce" in name
    return (crossed and "focal" not in name) or name in _LOG_LOSSES


def floor_of(rate: Estimate) -> Estimate:
    """The entropy of a base rate."""
    return _over(rate, entropy, rate.how)


def asked_weights(facts: Facts, rate: Estimate | None) -> Weights | None:
    """The class weights asked for; None if there are none, or they are not known."""
    if is_balanced(facts) and rate is not None and 0.0 < rate.value < 1.0:
        return 0.5 / (1.0 - rate.value), 0.5 / rate.value
    return None if facts.class_weight == (1.0, 1.0) else usable_weights(facts)


def usable_weights(facts: Facts) -> Weights | None:
    """The class weights as they were given, if both classes count: under a weight of 0 a class is not learned
    from, and what holds of weights holds no longer."""
    given = facts.class_weight
    return given if given is not None and all(0.0 < weight < math.inf for weight in given) else None


def is_balanced(facts: Facts) -> bool:
    """Whether the weights are those that scikit-learn's formula works out from the training rows, which a
    reader that does not know these rows can only guess."""
    # An array of weights that were worked out elsewhere has a type and no values.
    said = facts.origins.get("class_weight") or facts.origins.get("class_weight_type", "")
    return facts.class_weight_type == "balanced" or "balanced" in said


def weighted_floor_of(rate: Estimate, weights: Weights, facts: Facts) -> Estimate:
    """The floor of the weighted training loss.

    Weights that scikit-learn's formula works out from the training rows themselves make it ln 2, whatever the
    base rate.
    """
    if is_balanced(facts):
        floor = math.log(2.0)
        return Estimate(floor, floor, floor, "balanced weights make both classes as heavy: ln 2")
    return _over(
        rate,
        lambda share: weighted_floor(share, weights),
        f"weights {weights[0]:g} and {weights[1]:g}; {rate.how}",
    )


def constant_loss(train: Estimate, validation: Estimate, weights: Weights, facts: Facts) -> Estimate:
    """The validation loss of the constant that training under these weights finds."""
    even = is_balanced(facts) and weights != (1.0, 1.0)
    found = [
        cross_entropy(v, 0.5 if even else best_constant(t, weights))
        for t in (train.value, train.low, train.high)
        for v in (validation.value, validation.low, validation.high)
    ]
    return Estimate(found[0], min(found), max(found), f"weights {weights[0]:g} and {weights[1]:g}")


def initial_penalty_of(facts: Facts) -> Estimate | None:
    """With three standard deviations of the draw to either side."""
    if facts.layers is None or not any(layer.l1 or layer.l2 for layer in facts.layers):
        return None
    found = initial_penalty(facts.layers)
    if found is None:
        return None
    mean, spread = found
    return Estimate(
        mean, max(mean - 3.0 * spread, 0.0), mean + 3.0 * spread, "the initializers, L1 and L2 of the layers"
    )


def _over(rate: Estimate, function: Callable[[float], float], how: str) -> Estimate:
    """The range of a function over an interval; it may have its summit inside."""
    shares = np.append(np.linspace(rate.low, rate.high, 33), np.clip(0.5, rate.low, rate.high))
    found = [function(float(share)) for share in shares]
    value = function(rate.value)
    return Estimate(value, min(value, *found), max(value, *found), how)
