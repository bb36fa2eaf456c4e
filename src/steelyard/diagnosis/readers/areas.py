"""Which of the areas under curves in a history are of precision and recall: the compiled metrics say it,
``AUC(curve="PR")``, where the curves' names (``auc``, ``auc_1``) do not."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from steelyard.diagnosis.readers.names import split_and_metric
from steelyard.history import History, Series
from steelyard.log import Facts

_ROC, _PR = "roc_auc", "average_precision"
_NUMBER = re.compile(r"_(\d{1,4})\Z")


def with_areas(history: History, facts: Facts) -> History:
    """The history with each area called what it is of; as it is where that is not known, or where the model
    has another number of areas than the history.

    Keras numbers areas of one name in the order of the metrics, from any number on in the second model of a
    session, so the order counts.
    """
    asked = [name for name in facts.metrics or () if split_and_metric(name)[1] == _ROC]
    if not facts.pr_metrics or not asked:
        return history
    names = set(history)
    meanings: dict[str, str] = {}
    for split in {one.split for one in history.series}:
        found = sorted((one for one in history.series if _is_area(one, split)), key=_place)
        if len(found) != len(asked):
            continue
        told = {
            one.name: _PR if name in facts.pr_metrics else _ROC
            for one, name in zip(found, asked, strict=True)
        }
        times = Counter(told.values())
        meanings |= {
            name: metric
            for name, metric in told.items()
            if times[metric] == 1 and f"{split}_{metric}" not in names
        }
    if not meanings:
        return history
    series = (replace(one, metric=meanings.get(one.name, one.metric)) for one in history.series)
    return History(history.epochs, tuple(series))


def _is_area(one: Series, split: str) -> bool:
    return one.split == split and split_and_metric(one.metric)[1] == _ROC


def _place(one: Series) -> int:
    number = _NUMBER.search(one.metric)
    return int(number[1]) if number is not None else -1
