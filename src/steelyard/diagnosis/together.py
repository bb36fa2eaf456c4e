"""Several runs as one comparison: a table with a row per run, which the rules on searches judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.arithmetic.trial_tables import key
from steelyard.history import History
from steelyard.log import Facts, Log, Stopping, TrialTable

_NO_SETTING = frozenset(
    {
        "data_warnings",
        "features",
        "initial_loss",
        "logistic_auc",
        "logistic_loss",
        "metric_functions",
        "metrics",
        "one_batch_loss",
        "origins",
        "pr_metrics",
        "reported_auc",
        "reported_on",
        "seeds",
        "stopping",
    }
)
"""Facts that nobody chooses, or that are told of a run and not set for it."""
_PREFIXES = ("val_", "validation_")


def log_of_runs(logs: Sequence[Log]) -> Log | None:
    """The comparison that several runs are; None if they are none.

    Runs can be compared if there are two or more of one framework, all with the same metrics on validation
    rows, nothing says that those are not the same rows, and it is known how the runs differ. Those that
    differ in their seeds alone are one setting, unless a seed comes twice. A run's score is that of the
    weights it kept: those of its best epoch if early stopping gave them back, otherwise those of its last.
    Settings known of all runs, seeds included, are the table's parameters; what is the same in all are facts
    of the comparison.
    """
    runs = [(log.history, log.facts) for log in logs if log.history is not None and len(log.history)]
    if len(runs) < 2 or len(runs) < len(logs):
        return None
    names = {_validation_metrics(history) for history, _ in runs}
    if len(names) > 1 or not (metrics := names.pop()):
        return None
    facts = [facts for _, facts in runs]
    if any(
        _differ(facts, name)
        for name in ("framework", "rows_validation", "positives_validation", "validation_way")
    ):
        return None
    kept = [_kept(history, facts.stopping) for history, facts in runs]
    settings = _settings(facts)
    varying = {name for name, values in settings.items() if _vary(values)}
    if varying <= {"seed"} and len(set(settings.get("seed", range(len(runs))))) == len(runs):
        return None
    same = {name: values[0] for name, values in settings.items() if name not in varying}
    epochs = np.array([len(history) for history, _ in runs], np.float64)
    return Log(
        source=f"{len(runs)} runs together",
        format="comparison of runs",
        facts=Facts(**{name: value for name, value in same.items() if name != "seed"}),
        trials=TrialTable(
            parameters={name: values for name, values in settings.items() if name == "seed" or _vary(values)},
            metrics={
                name: np.array([history[name][at] for (history, _), at in zip(runs, kept, strict=True)])
                for name in metrics
            },
            epochs=epochs,
        ),
    )


def _validation_metrics(history: History) -> tuple[str, ...]:
    return tuple(sorted(name for name in history if name.startswith("validation_")))


def _differ(facts: Sequence[Facts], name: str) -> bool:
    known = {value for one in facts if (value := getattr(one, name)) is not None}
    return len(known) > 1


def _kept(history: History, stopping: Stopping | None) -> int:
    """The position of the epoch whose weights the run kept."""
    last = len(history) - 1
    if stopping is None or not stopping.restore_best:
        return last
    monitor = stopping.monitor
    for prefix in _PREFIXES:
        if monitor.startswith(prefix):
            monitor = f"validation_{monitor.removeprefix(prefix)}"
            break
    if monitor not in history:
        return last
    values: NDArray[np.float64] = history[monitor]
    if not np.isfinite(values).any():
        return last
    lower = stopping.mode == "min" or (stopping.mode != "max" and "loss" in monitor)
    return int(np.nanargmin(values) if lower else np.nanargmax(values))


def _settings(facts: Sequence[Facts]) -> dict[str, list[Any]]:
    """Those that are known of every run."""
    found = {}
    for one in fields(Facts):
        values = [getattr(each, one.name) for each in facts]
        if one.name not in _NO_SETTING and all(value is not None for value in values):
            found[one.name] = values
    return found


def _vary(values: Sequence[Any]) -> bool:
    return len({key(value) for value in values}) > 1
