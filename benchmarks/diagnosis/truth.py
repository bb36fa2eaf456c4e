"""Symptoms that a sound run may have by itself, found without any rule: there a finding is no false alarm."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import numpy as np

from steelyard.log import Log


def present(logs: Iterable[Log]) -> tuple[str, ...]:
    """The codes whose symptom one training shows through any of its doors, of those that are looked for
    here."""
    seen = tuple(logs)
    return tuple(code for code, shows in _SYMPTOMS.items() if any(shows(log) for log in seen))


def _hardly_above_half(log: Log) -> bool:
    """COL202: a last recall of at most 2 %. It is what rare positives look like, and the rule says so."""
    return _last(log, "validation_recall") <= 0.02


def _few_positives(log: Log) -> bool:
    """DAT612: so few positives that a recall of one half is known to ± 0.1 at best."""
    positives = log.facts.positives_validation
    return positives is not None and 0.98 * math.sqrt(1.0 / max(positives, 1)) > 0.1


def _no_alarm_in_some_epoch(log: Log) -> bool:
    """COL204: an epoch in which no row is predicted positive, so that precision is 0 / 0."""
    history = log.history
    if history is None or "validation_precision" not in history:
        return False
    return bool((np.nan_to_num(history["validation_precision"]) == 0.0).any())


def _accuracy_of_the_majority(log: Log) -> bool:
    """COL206: no epoch is more often right than always saying no, beyond chance."""
    facts, history = log.facts, log.history
    rows, positives = facts.rows_validation, facts.positives_validation
    if not rows or positives is None or history is None or "validation_accuracy" not in history:
        return False
    share = 1.0 - positives / rows
    best = float(
        np.max(history["validation_accuracy"], initial=0.0, where=np.isfinite(history["validation_accuracy"]))
    )
    return share > 0.8 and best <= share + 2.0 * math.sqrt(share * (1.0 - share) / rows)


def _order_hangs_on_time(log: Log) -> bool:
    """CMP103: an epoch in which the mean of the training loss lies on one side of the validation loss, and
    the training loss of the end on the other. Only our own log has both."""
    history = log.history
    names = ("train_objective", "train_loss", "validation_loss")
    if history is None or any(name not in history for name in names):
        return False
    mean, end, validation = (history[name] for name in names)
    return bool(((mean > validation) != (end > validation)).any())


def _few_seeds(log: Log) -> bool:
    """SRC806: settings that are known from fewer than five networks each, be it over seeds or folds. The only
    searches that do not tell have three."""
    trials = log.trials
    if trials is None:
        return False
    seeds = len(set(trials.parameters.get("seed", ())))
    return max(seeds, log.facts.seeds or 1) < 5


def _same_accuracy(log: Log) -> bool:
    """SRC811: half of the trials or more are right on the very same number of rows, as those are that call no
    row positive."""
    if log.trials is None or "validation_accuracy" not in log.trials.metrics:
        return False
    _, counts = np.unique(np.round(log.trials.metrics["validation_accuracy"], 9), return_counts=True)
    return bool(2 * counts.max() >= counts.sum())


def _last(log: Log, curve: str) -> float:
    if log.history is None or curve not in log.history:
        return math.nan
    return float(log.history[curve][-1])


_SYMPTOMS: Mapping[str, Callable[[Log], bool]] = MappingProxyType(
    {
        "CMP103": _order_hangs_on_time,
        "COL202": _hardly_above_half,
        "COL204": _no_alarm_in_some_epoch,
        "COL206": _accuracy_of_the_majority,
        "DAT612": _few_positives,
        "SRC806": _few_seeds,
        "SRC811": _same_accuracy,
    }
)
