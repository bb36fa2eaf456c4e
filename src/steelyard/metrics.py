"""How good probabilities are, measured on rows that did not make them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)

from steelyard.errors import DataError


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
    y, p, w = _checked(target, probability, weights)
    rows, positives = len(y), int(y.sum())
    base_rate = float(np.average(y, weights=w))
    predicted = p > 0.5
    nan = float("nan")
    return Scores(
        rows=rows,
        positives=positives,
        roc_auc=float(roc_auc_score(y, p, sample_weight=w)) if 0.0 < base_rate < 1.0 else nan,
        average_precision=float(average_precision_score(y, p, sample_weight=w)) if base_rate > 0.0 else nan,
        log_loss=float(log_loss(y, p, sample_weight=w, labels=[0, 1])),
        brier=float(brier_score_loss(y, p, sample_weight=w, pos_label=1)),
        base_rate=base_rate,
        base_rate_entropy=float(entr(base_rate) + entr(1.0 - base_rate)),
        accuracy=float(accuracy_score(y, predicted, sample_weight=w)),
        precision=float(precision_score(y, predicted, sample_weight=w, zero_division=0.0)),
        recall=float(recall_score(y, predicted, sample_weight=w)) if base_rate > 0.0 else nan,
        f1=float(f1_score(y, predicted, sample_weight=w)) if base_rate > 0.0 else nan,
    )


def _checked(
    target: ArrayLike, probability: ArrayLike, weights: ArrayLike | None
) -> tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.float64] | None]:
    y = np.asarray(target)
    p = np.asarray(probability, np.float64)
    w = None if weights is None else np.asarray(weights, np.float64)
    if y.ndim != 1 or p.shape != y.shape or (w is not None and w.shape != y.shape):
        shapes = f"target {y.shape}, probability {p.shape}" + ("" if w is None else f", weights {w.shape}")
        raise DataError(f"score: arrays of one and the same length are needed; found {shapes}")
    if len(y) == 0:
        raise DataError("score: there are no rows to score")
    if not np.isin(y, (0, 1)).all():
        raise DataError("score: the target may hold 0 and 1 only")
    if not ((p >= 0.0) & (p <= 1.0)).all():
        raise DataError("score: probabilities must lie in [0, 1]; found others or NaN")
    if w is not None and not (np.isfinite(w).all() and (w >= 0.0).all() and w.sum() > 0.0):
        raise DataError("score: weights must be finite and not negative, and not all zero")
    return y.astype(np.uint8), p, w
