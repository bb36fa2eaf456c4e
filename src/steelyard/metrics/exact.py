"""The scores that scikit-learn computes, of checked rows.

``sklearn.metrics`` takes longer to load than most commands to run, so it is loaded by the first score.
"""

from __future__ import annotations

from steelyard.metrics.rows import Rows


def roc_auc(rows: Rows) -> float:
    """Area under the ROC curve, of rows of both classes."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(rows.target, rows.probability, sample_weight=rows.weights))


def average_precision(rows: Rows) -> float:
    """Mean precision at the positives, from the highest probability down; of rows with positives."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(rows.target, rows.probability, sample_weight=rows.weights))


def log_loss(rows: Rows) -> float:
    """Mean cross-entropy, in nats."""
    from sklearn.metrics import log_loss as of_labels

    return float(of_labels(rows.target, rows.probability, sample_weight=rows.weights, labels=[0, 1]))


def brier(rows: Rows) -> float:
    """Mean squared difference of probability and label."""
    from sklearn.metrics import brier_score_loss

    return float(brier_score_loss(rows.target, rows.probability, sample_weight=rows.weights, pos_label=1))
