"""The fixed set of scores that every run records."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike
from scipy.special import entr

from steelyard.metrics import exact
from steelyard.metrics.rows import checked


@dataclass(frozen=True)
class Scores:
    """The quality of probabilities on one set of rows; NaN where a score is undefined.

    ``roc_auc`` has 0.5 as its floor, ``average_precision`` has ``base_rate``, ``log_loss`` has
    ``base_rate_entropy``: what one gets without looking at any column. ``roc_auc`` is undefined if
    only one class is present; ``average_precision``, ``recall`` and ``f1`` without positives. As in
    Keras, ``precision`` is 0 if no row is predicted positive.
    """

    rows: int
    positives: int
    roc_auc: float
    average_precision: float
    log_loss: float
    """Mean cross-entropy, in nats."""
    brier: float
    """Mean squared difference between probability and label (0 or 1)."""
    base_rate: float
    """Share of positives."""
    base_rate_entropy: float
    """Log loss of predicting ``base_rate`` for every row, in nats."""
    accuracy: float
    """This and the following three: a row is predicted positive if its probability exceeds 0.5."""
    precision: float
    recall: float
    f1: float


def score(target: ArrayLike, probability: ArrayLike, weights: ArrayLike | None = None) -> Scores:
    """Scores of the probabilities of the positive class.

    ``target`` holds 0 and 1, ``probability`` values in [0, 1], ``weights`` (none by default)
    non-negative row weights, which enter every score and the base rate, but not the counts; all
    are (rows,). Raises :class:`DataError` for what cannot be scored.

    >>> scores = score([0, 0, 0, 0, 1], [0.1, 0.2, 0.3, 0.6, 0.4])
    >>> scores.roc_auc, scores.average_precision, scores.base_rate
    (0.75, 0.5, 0.2)
    >>> scores.precision, scores.recall
    (0.0, 0.0)
    """
    # Loaded late, as in steelyard.metrics.exact.
    from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

    rows = checked(target, probability, weights)
    y, w, base_rate = rows.target, rows.weights, rows.base_rate
    predicted = rows.probability > 0.5
    nan = float("nan")
    return Scores(
        rows=len(y),
        positives=int(y.sum()),
        roc_auc=exact.roc_auc(rows) if 0.0 < base_rate < 1.0 else nan,
        average_precision=exact.average_precision(rows) if base_rate > 0.0 else nan,
        log_loss=exact.log_loss(rows),
        brier=exact.brier(rows),
        base_rate=base_rate,
        base_rate_entropy=float(entr(base_rate) + entr(1.0 - base_rate)),
        accuracy=float(accuracy_score(y, predicted, sample_weight=w)),
        precision=float(precision_score(y, predicted, sample_weight=w, zero_division=0.0)),
        recall=float(recall_score(y, predicted, sample_weight=w)) if base_rate > 0.0 else nan,
        f1=float(f1_score(y, predicted, sample_weight=w)) if base_rate > 0.0 else nan,
    )
