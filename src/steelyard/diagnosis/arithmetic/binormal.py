"""What to expect of a classifier that ranks so well, if its probabilities are right.

The equal-variance binormal model: a score is normal in each class with the same spread, and the probability
is the true one given the score. It has one parameter besides the base rate, the ROC AUC, and says how little
a sound network shows at a threshold of 0.5 where positives are rare.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import log_expit, logit, ndtr, ndtri

from steelyard.diagnosis.arithmetic.entropy import entropy

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(101)
_MOST = 0.9999
"""An AUC beyond which a loss is nothing."""


def recall_at_half(auc: float, rate: float) -> float:
    """The expected share of positives whose probability exceeds 0.5.

    >>> round(100 * recall_at_half(0.73, 1 / 21), 2)
    0.12
    """
    return recall_at(0.5, auc, rate)


def recall_at(threshold: float, auc: float, rate: float) -> float:
    """The expected share of positives whose probability exceeds the threshold."""
    distance = _distance(auc)
    if distance == 0.0:
        return float(rate > threshold)
    needed = (float(logit(threshold)) - float(logit(rate)) + distance**2 / 2.0) / distance
    return float(ndtr(distance - needed))


def expected_log_loss(auc: float, rate: float) -> float:
    """The mean log loss, in nats per row."""
    distance = _distance(auc)
    middle = distance * (_NODES - distance / 2.0) + float(logit(rate))
    negative = float(_WEIGHTS @ -log_expit(-middle))
    positive = float(_WEIGHTS @ -log_expit(middle + distance**2))
    return (rate * positive + (1.0 - rate) * negative) / math.sqrt(2.0 * math.pi)


def skill_of_auc(auc: float, rate: float) -> float:
    """The expected ``1 - loss / entropy``: 0 knows only the base rate, 1 is perfect.

    >>> round(skill_of_auc(0.73, 1 / 21), 3)
    0.087
    """
    return 1.0 - expected_log_loss(auc, rate) / entropy(rate)


def auc_of_skill(skill: float, rate: float) -> float:
    """The AUC at which that skill is expected; 0.5 for none, and for less than none.

    >>> round(auc_of_skill(0.087, 1 / 21), 2)
    0.73
    """
    if skill <= 0.0:
        return 0.5
    if skill >= skill_of_auc(_MOST, rate):
        return _MOST
    from scipy.optimize import brentq  # slow to load, and few curves need it

    return float(brentq(lambda auc: skill_of_auc(auc, rate) - skill, 0.5, _MOST))


def _distance(auc: float) -> float:
    """Between the means of the classes, in standard deviations."""
    if not 0.5 <= auc < 1.0:
        raise ValueError(f"an AUC from 0.5 to below 1 is needed; found {auc}")
    return math.sqrt(2.0) * float(ndtri(auc))
