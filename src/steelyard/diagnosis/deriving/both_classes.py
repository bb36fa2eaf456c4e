"""Precision and recall that count both classes: those of a network with an output for each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from steelyard.history import History
from steelyard.log import Facts, Log

_OF_POSITIVES = frozenset({"precision", "recall", "f1", "auc", "roc_auc", "average_precision"})
_TOLERANCE = 1e-6
_NOTE = (
    "precision and recall are the accuracy in every epoch, as where a network has an output for each of two "
    "classes and both count: these and areas under a curve are not of the positives, and are left out"
)


def without_both_classes(log: Log) -> Log:
    """A log whose precision and recall count both classes, without them and with a note; any other as it is.

    Keras' ``Recall()`` on two columns of labels, and a recall that is averaged over all decisions, find a row
    where it is classified rightly: recall, precision and accuracy are one number. So they are known, if not
    all right. Where no precision was logged, recall and accuracy also agree where every row is positive,
    which the training rows are not: both splits must show it, or the network's two outputs.
    """
    if log.history is None or not _count_both(log.history, log.facts):
        return log
    series = tuple(
        replace(one, metric=f"{one.metric} over both classes") if one.metric in _OF_POSITIVES else one
        for one in log.history.series
    )
    return replace(log, history=replace(log.history, series=series), notes=(*log.notes, _NOTE))


def _count_both(history: History, facts: Facts) -> bool:
    recall = {split: _values_in_common(history, split, "recall") for split in ("train", "validation")}
    for split in recall:
        if f"{split}_precision" in history:
            both = min(recall[split], _values_in_common(history, split, "precision"))
            if both >= (1 if _has_two_outputs(facts) else 2):
                return True
    alone = [split for split in recall if f"{split}_precision" not in history]
    return bool(alone) and (
        all(recall[split] >= 2 for split in recall)
        or (_has_two_outputs(facts) and max(recall[split] for split in alone) >= 2)
    )


def _values_in_common(history: History, split: str, metric: str) -> int:
    """How many different numbers below 1 the metric shares with the accuracy; 0 if they differ anywhere."""
    if f"{split}_{metric}" not in history or f"{split}_accuracy" not in history:
        return 0
    values, accuracy = history[f"{split}_{metric}"], history[f"{split}_accuracy"]
    known = np.isfinite(values) & np.isfinite(accuracy)
    if not (np.abs(values[known] - accuracy[known]) <= _TOLERANCE).all():
        return 0
    return len(np.unique(accuracy[known & (accuracy < 1.0)]))


def _has_two_outputs(facts: Facts) -> bool:
    dense = [layer for layer in facts.layers or () if layer.kind == "dense"]
    return bool(dense and dense[-1].units == 2) or "categorical" in (facts.loss or "")
