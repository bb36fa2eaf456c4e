"""Whether a metric is better the lower or the higher it is, as far as its name tells."""

from __future__ import annotations

_FALLING = (
    *("loss", "entropy", "error", "brier", "mse", "mae", "mape", "msle", "deviance", "divergence"),
    *("hinge", "perplexity", "false_", "hamming", "cost", "regret"),
)
_FALLING_WHOLE = frozenset({"bce", "xent", "ece", "fp", "fn", "fpr", "fnr"})
_RISING = (
    *("acc", "auc", "auroc", "precision", "recall", "f1", "f2", "fbeta", "fmeasure", "f_measure", "score"),
    *("mcc", "matthews", "kappa", "specificity", "sensitivity", "gini", "lift", "jaccard", "dice", "iou"),
    *("ndcg", "true_", "g_mean", "gmean", "auprc"),
)
_RISING_WHOLE = frozenset({"tp", "tn", "tpr", "tnr", "r2", "ks", "ap", "prc"})
_NEGATED = "neg_"
"""As scikit-learn calls a loss that is to rise: ``neg_log_loss``."""


def lower_is_better(metric: str) -> bool | None:
    """Of a metric by its name without the split; None if the name does not tell.

    >>> lower_is_better("focal_loss"), lower_is_better("rmse"), lower_is_better("average_precision")
    (True, True, False)
    >>> lower_is_better("neg_log_loss"), lower_is_better("objective")
    (False, None)
    """
    name = metric.lower()
    own = name.removeprefix(_NEGATED)
    if own in _FALLING_WHOLE or any(part in own for part in _FALLING):
        return own == name
    if own in _RISING_WHOLE or any(part in own for part in _RISING):
        return own != name
    return None
