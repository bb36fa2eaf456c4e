"""Canonical names of curves: which split and which metric a log's own name means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_WORDS = (
    ("validation", r"val|valid|validation|eval|evaluation|dev"),
    ("train", r"train|training"),
    ("test", r"test"),
)
_BETWEEN = r"[_/ .:-]"
_BEFORE = tuple(
    (split, re.compile(rf"(?:{words})(?:_\d{{1,2}})?{_BETWEEN}{{1,2}}(?=\S)")) for split, words in _WORDS
)
_AFTER = tuple((split, re.compile(rf"{_BETWEEN}(?:{words})\Z")) for split, words in _WORDS)
_EPOCH = re.compile(r"\Aepoch_|_epoch\Z")
"""TensorBoard's callback of Keras writes ``epoch_loss``, Lightning ``train_loss_epoch``."""
_NUMBER = re.compile(r"_\d{1,4}\Z")
"""Keras numbers the metrics of the second and later models of a session: ``auc_1``, ``precision_3``."""

_LONGEST = 200

_OTHER_NAMES = MappingProxyType(
    {
        "loss": ("losses", "total_loss", "objective"),
        "accuracy": ("acc", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"),
        "precision": ("precision_m", "precision_score", "prec"),
        "recall": ("recall_m", "recall_score", "sensitivity", "tpr"),
        "specificity": ("tnr",),
        "f1": ("fmeasure", "f1_score", "f1_m", "f1score", "f_score", "fscore", "get_f1", "f1_metric"),
        "roc_auc": ("auc", "auroc", "roc_auc_score", "rocauc", "auc_roc"),
        "average_precision": (
            ("prc", "pr_auc", "auprc", "auc_pr", "aucpr", "prauc", "ap", "average_precision_score")
        ),
        "log_loss": ("binary_crossentropy", "bce", "logloss", "binary_logloss", "cross_entropy", "xent"),
        "balanced_accuracy": ("bal_acc", "balanced_acc", "balanced_accuracy_score"),
        "mcc": ("matthews_correlation", "matthews", "matthews_corrcoef"),
        "brier": ("brier_score", "brier_score_loss"),
        "mse": ("mean_squared_error",),
        "mae": ("mean_absolute_error",),
        "learning_rate": ("lr", "learningrate"),
        "true_positives": ("tp",),
        "false_positives": ("fp",),
        "true_negatives": ("tn",),
        "false_negatives": ("fn",),
        "weighted_accuracy": ("weighted_acc",),
        "penalty": ("regularization_loss", "reg_loss"),
    }
)
_CANONICAL: Mapping[str, str] = MappingProxyType(
    {
        name: metric
        for metric, others in _OTHER_NAMES.items()
        for name in (metric, *others, metric.replace("_", ""))
    }
)


def split_and_metric(name: str) -> tuple[str, str]:
    """The split (``train``, ``validation``, ``test``) and the metric that a curve's name means.

    A name without a split is of training rows. A metric that is not known keeps its own name, number
    included.

    >>> split_and_metric("val_acc"), split_and_metric("loss"), split_and_metric("val_auc_3")
    (('validation', 'accuracy'), ('train', 'loss'), ('validation', 'roc_auc'))
    >>> split_and_metric("Loss/train"), split_and_metric("epoch_lr"), split_and_metric("val_top_5")
    (('train', 'loss'), ('train', 'learning_rate'), ('validation', 'top_5'))
    """
    split, own = split_and_own_name(name)
    folded = re.sub(r"[ .-]", "_", own.lower())
    return split, _CANONICAL.get(folded) or _CANONICAL.get(_NUMBER.sub("", folded)) or own


def split_and_own_name(name: str) -> tuple[str, str]:
    """The split that a curve's name means, and the rest of the name as it is written.

    >>> split_and_own_name("val_auc_3"), split_and_own_name("train_Gain_epoch")
    (('validation', 'auc_3'), ('train', 'Gain_epoch'))
    """
    text = _without_epoch(shown(name.strip()))
    folded = text.lower()
    for split, before in _BEFORE:
        if (found := before.match(folded)) is not None:
            return split, _without_epoch(text[found.end() :])
    for split, after in _AFTER:
        if (found := after.search(folded)) is not None and found.start():
            return split, text[: found.start()]
    return "train", text


def shown(text: str) -> str:
    """Text of a file as it can be printed: no control characters, no halves of characters, not too long.

    >>> shown("val\\x1b[31m"), shown("x" * 300)[-1]
    ('val?[31m', '…')
    """
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return short if short.isprintable() else "".join(one if one.isprintable() else "?" for one in short)


def known_metric(name: str) -> bool:
    """Whether a curve's name means a metric that is known here.

    >>> known_metric("val_loss"), known_metric("Loss/train"), known_metric("row_id")
    (True, True, False)
    """
    return split_and_metric(name)[1] in _OTHER_NAMES


def _without_epoch(text: str) -> str:
    """Without the word ``epoch`` around a name that is known; ``epoch_time`` stays what it is."""
    bare = _EPOCH.sub("", text)
    if bare == text:
        return text
    ending = re.split(_BETWEEN, bare.lower())
    known = any(_is_known("_".join(ending[start:])) for start in range(len(ending)))
    return bare if known else text


def _is_known(folded: str) -> bool:
    return folded in _CANONICAL or _NUMBER.sub("", folded) in _CANONICAL
