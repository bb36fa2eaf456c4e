"""How far a metric of so many rows can be from that of endlessly many."""

from __future__ import annotations

import math

from scipy.special import ndtri

from steelyard.diagnosis.arithmetic.entropy import entropy

_MOST_SQUARED = 0.5629
"""The largest mean squared log loss of a right probability, p ln^2 p + (1 - p) ln^2 (1 - p), ..."""
_AT = 0.1295
"""... which it has there, and at 1 - p."""


def log_loss_error(rows: int, rate: float, loss: float | None = None) -> float:
    """Standard error of a mean log loss whose rows' own losses are not known: at most this, if the
    probabilities are right.

    Right probabilities cannot spread the losses of rows more than p ln^2 p + (1 - p) ln^2 (1 - p) at the base
    rate allows; the constant prediction attains it. Where ``loss`` lies above the entropy of the base rate
    the probabilities are wrong, and the spread is taken to have grown in proportion. A network that is too
    sure of itself spreads its losses up to twice as much as this, which their mean does not show.

    >>> round(log_loss_error(1_398_766, 0.0371), 5)
    0.00052
    """
    floor = entropy(rate)
    if rows < 1 or floor == 0.0:
        return math.nan
    rare = min(rate, 1.0 - rate)
    squared = (
        _MOST_SQUARED if rare > _AT else rare * math.log(rare) ** 2 + (1.0 - rare) * math.log1p(-rare) ** 2
    )
    if loss is not None and loss > floor:
        return math.sqrt(squared / rows) * loss / floor
    reached = floor if loss is None or not math.isfinite(loss) else loss
    return math.sqrt(max(squared - reached**2, 0.0) / rows)


def share_error(share: float, rows: int) -> float:
    """Standard error of a share (accuracy, recall of so many positives) of so many rows."""
    return math.sqrt(max(share * (1.0 - share), 0.0) / rows) if rows > 0 else math.nan


def wilson(successes: float, trials: float, level: float = 0.95) -> tuple[float, float]:
    """The interval of a share (Wilson 1927): recall of ``trials`` positives, precision of as many predicted.

    >>> [round(end, 3) for end in wilson(0, 5)]
    [0.0, 0.434]
    """
    if trials <= 0:
        return 0.0, 1.0
    z = float(-ndtri((1.0 - level) / 2.0))
    share = successes / trials
    middle = share + z * z / (2.0 * trials)
    reach = z * math.sqrt(max(share * (1.0 - share), 0.0) / trials + z * z / (4.0 * trials**2))
    whole = 1.0 + z * z / trials
    # At the ends the formula gives 0 and 1 but for rounding.
    low = 0.0 if successes <= 0 else (middle - reach) / whole
    high = 1.0 if successes >= trials else (middle + reach) / whole
    return max(low, 0.0), min(high, 1.0)


def auc_error(auc: float, positives: float, negatives: float) -> float:
    """Standard error of a ROC AUC from the numbers of rows alone (Hanley and McNeil 1982).

    >>> round(auc_error(0.73, 50, 1000), 3)
    0.041
    """
    if positives < 1 or negatives < 1:
        return math.nan
    of_positives = auc / (2.0 - auc)
    of_negatives = 2.0 * auc**2 / (1.0 + auc)
    variance = (
        auc * (1.0 - auc)
        + (positives - 1.0) * (of_positives - auc**2)
        + (negatives - 1.0) * (of_negatives - auc**2)
    ) / (positives * negatives)
    return math.sqrt(max(variance, 0.0))
