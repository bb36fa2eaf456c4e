"""The effective prior: how weights and resampling shift what a network learns, and how to undo it.

A network trained with the cross-entropy estimates the odds of the population it was shown. Weights
``(w0, w1)`` of the two classes, and other odds of the classes among the training rows than in nature,
multiply these odds by a constant, whatever the features are: that constant is known, so it can be taken
back exactly (Elkan 2001; King and Zeng 2001). It is added to every logit alike, so the order of rows, and
with it ROC AUC and average precision, stays as it is.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.errors import DataError
from steelyard.recipe.loss import BinaryCrossentropy, FocalCrossentropy, LogitAdjusted, Loss, is_proper

_PLAIN = BinaryCrossentropy()


def training_offset(
    class_weights: tuple[float, float] = (1.0, 1.0),
    *,
    natural_odds: float = 1.0,
    training_odds: float | None = None,
    loss: Loss = _PLAIN,
    adjusted_odds: float | None = None,
) -> float | None:
    """What training adds to the log-odds of nature: ``natural logit = network logit - offset``.

    ``class_weights`` are those of negative and positive rows. ``natural_odds`` are positives per negative
    (in row weight, where rows have weights) before anything was resampled, ``training_odds`` after it (or
    inside balanced batches; the natural ones by default). The offset is::

        log(w1 / w0) + log(training_odds / natural_odds)

    Logit adjustment subtracts ``tau * log(adjusted_odds)``, the odds of the labels the engine was given
    (``training_odds`` by default; they differ if rows have weights, or with balanced batches). Focal loss
    with gamma 0 is the weighted cross-entropy, alpha and 1 - alpha being weights.

    Returns None where no constant undoes it: focal loss and label smoothing bend the probabilities, which
    a calibrator has to straighten. The same holds for SMOTE and its kin, which this function cannot see:
    they change what the rows of a class look like. Row weights are not undone: they say what nature is.

    Raises :class:`DataError` if odds or weights are not positive and finite.

    >>> round(training_offset((1.0, 9.0)), 4) == round(math.log(9), 4)
    True
    >>> training_offset(natural_odds=0.1, training_odds=1.0, loss=FocalCrossentropy()) is None
    True
    """
    after = natural_odds if training_odds is None else training_odds
    adjusted = after if adjusted_odds is None else adjusted_odds
    negative, positive = class_weights
    for name, value in (
        ("class_weights[0]", negative),
        ("class_weights[1]", positive),
        ("natural_odds", natural_odds),
        ("training_odds", after),
        ("adjusted_odds", adjusted),
    ):
        if not (math.isfinite(value) and value > 0.0):
            raise DataError(f"training_offset: {name} must be a positive number; found {value}")
    if not is_proper(loss):
        return None
    offset = math.log(positive / negative) + math.log(after / natural_odds)
    match loss:
        case FocalCrossentropy(alpha=float(alpha)):
            return offset + math.log(alpha / (1.0 - alpha))
        case LogitAdjusted(tau=tau):
            return offset - tau * math.log(adjusted)
    return offset


def class_odds(target: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Positives per negative, in row weight if there are weights.

    ``target`` holds 0 and 1; both are (rows,). Raises :class:`DataError` if a class has no weight.

    >>> class_odds([0, 0, 0, 1])
    0.3333333333333333
    """
    y = np.asarray(target, np.float64)
    w = np.ones_like(y) if weights is None else np.asarray(weights, np.float64)
    positive = float(w @ y)
    negative = float(w @ (1.0 - y))
    if not (positive > 0.0 and negative > 0.0):
        raise DataError(
            f"odds need rows of both classes; found a weight of {positive:g} positive and "
            f"{negative:g} negative"
        )
    return positive / negative


def restate(probability: ArrayLike, *, from_rate: float, to_rate: float) -> NDArray[np.float64]:
    """The probabilities for a population with another share of positives, float64, of the same shape.

    Exact if only the share changes and the rows of each class look as before (label shift: Saerens,
    Latinne and Decaestecker 2002). 0 and 1 stay what they are. Raises :class:`DataError` unless the rates
    lie strictly between 0 and 1 and the probabilities in [0, 1].

    >>> restate([0.0, 0.1, 0.5], from_rate=0.1, to_rate=0.5)
    array([0. , 0.5, 0.9])
    """
    for name, rate in (("from_rate", from_rate), ("to_rate", to_rate)):
        if not 0.0 < rate < 1.0:
            raise DataError(f"restate: {name} must lie between 0 and 1, both excluded; found {rate}")
    p = np.asarray(probability, np.float64)
    if not ((p >= 0.0) & (p <= 1.0)).all():
        raise DataError("restate: probabilities must lie in [0, 1]; found others or NaN")
    # Not by way of the logit: 0 and 1 need no exception, and equal rates change nothing but rounding.
    positive = p * (to_rate / from_rate)
    negative = (1.0 - p) * ((1.0 - to_rate) / (1.0 - from_rate))
    restated: NDArray[np.float64] = positive / (positive + negative)
    return restated
