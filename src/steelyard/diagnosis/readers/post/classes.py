"""What a log says where the network tells more than two classes apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from steelyard.history import History
from steelyard.log import Facts, Log

_OF_TWO = frozenset({"precision", "recall", "f1", "roc_auc", "average_precision", "specificity"})
"""Metrics whose values mean something else over several classes."""
_OF_POSITIVES = ("positives_train", "positives_validation", "base_rate", "odds_said", "reported_auc")
_SEVERAL = 3


def without_positives(log: Log) -> Log:
    """A log of a network with three outputs or more, without what is said of positives and with a note; any
    other log as it is."""
    units = _outputs(log.facts)
    if units is None or units < _SEVERAL:
        return log
    nothing: Mapping[str, None] = dict.fromkeys(_OF_POSITIVES)
    origins = {name: origin for name, origin in log.facts.origins.items() if name not in nothing}
    note = (
        f"the network has {units} outputs: nothing is said of positives, base rates and thresholds, which "
        "belong to two classes"
    )
    return replace(
        log,
        facts=replace(log.facts, **nothing, origins=origins),
        history=None if log.history is None else _renamed(log.history, units),
        notes=(*log.notes, note),
    )


def _outputs(facts: Facts) -> int | None:
    """Units of the last dense layer."""
    dense = [layer for layer in facts.layers or () if layer.kind == "dense"]
    return dense[-1].units if dense else None


def _renamed(history: History, units: int) -> History:
    """Metrics of two classes under names that no rule for two classes asks for."""
    return replace(
        history,
        series=tuple(
            replace(one, metric=f"{one.metric} over {units} outputs") if one.metric in _OF_TWO else one
            for one in history.series
        ),
    )
