"""Several runs as one comparison: a table with a row per run, which the rules on searches judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.arithmetic.directions import lower_is_better
from steelyard.diagnosis.arithmetic.trial_tables import key
from steelyard.diagnosis.deriving.curves import curves_of
from steelyard.diagnosis.readers.names import split_and_metric
from steelyard.history import Series
from steelyard.log import Facts, Log, Stopping, TrialTable

_NO_SETTING = frozenset(
    {
        "base_rate",
        "calibration",
        "data_warnings",
        "entities_shared",
        "features",
        "initial_loss",
        "logistic_auc",
        "logistic_loss",
        "metric_functions",
        "metrics",
        "odds_said",
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
_SAME_ROWS = ("framework", "rows_validation", "positives_validation", "validation_way", "base_rate")
"""Facts that tell runs on other rows, or of another kind, apart."""
_GUESSED_BY_KERAS_2 = ("acc", "auc", "fmeasure")
"""What Keras 2 takes to rise where nobody says, by the name alone; all else it takes for a loss."""


@dataclass(frozen=True, eq=False)
class _Run:
    """The last run of a log: its epochs, int64 (epochs,), its curves, and what is known of it."""

    epochs: NDArray[np.int64]
    series: tuple[Series, ...]
    facts: Facts

    def find(self, name: str) -> Series | None:
        return next((one for one in self.series if one.name == name), None)


def log_of_runs(logs: Sequence[Log]) -> Log | None:
    """The comparison that several runs are; None if they are none.

    Runs can be compared if there are two or more of one framework, all with the same metrics on validation
    rows, nothing says that those are not the same rows, and it is known how the runs differ. Those that
    differ in their seeds alone are one setting, unless a seed comes twice. Of a log that holds several runs
    the last counts. A run's score is that of the weights it kept: those of its best epoch if early stopping
    gave them back, otherwise those of its last epoch, or of the last that was measured. Losses that are not
    the same measure in all runs, since the loss function or the penalty differs, are left out.
    Settings known of all runs, seeds included, are the table's parameters; what is the same in all are facts
    of the comparison.
    """
    histories = [log.history for log in logs if log.history is not None and len(log.history)]
    if len(histories) < 2 or len(histories) < len(logs):
        return None
    runs = [_last_run(log) for log in logs]
    facts = [run.facts for run in runs]
    if len({frozenset(_validation_metrics(run)) for run in runs}) > 1:
        return None
    if any(_differ(facts, name) for name in _SAME_ROWS):
        return None
    metrics = [name for name in _validation_metrics(runs[0]) if _one_measure(runs, name)]
    settings = _settings(facts)
    varying = {name for name, values in settings.items() if _vary(values)}
    if not metrics or (varying <= {"seed"} and len(set(settings.get("seed", range(len(runs))))) == len(runs)):
        return None
    same = {name: values[0] for name, values in settings.items() if name not in varying and name != "seed"}
    return Log(
        source=f"{len(runs)} runs together",
        format="comparison of runs",
        facts=Facts(**same, stopping=_stopping(facts), seeds=1),
        trials=TrialTable(
            parameters={name: values for name, values in settings.items() if name == "seed" or _vary(values)},
            metrics={name: np.array([_score(run, name) for run in runs]) for name in metrics},
            epochs=np.array([float(run.epochs[-1]) for run in runs]),
        ),
    )


def _last_run(log: Log) -> _Run:
    assert log.history is not None
    curves, _ = curves_of(log.history)
    return _Run(curves.epochs, curves.series, log.facts)


def _validation_metrics(run: _Run) -> list[str]:
    return [one.name for one in run.series if one.split == "validation"]


def _differ(facts: Sequence[Facts], name: str) -> bool:
    known = {value for one in facts if (value := getattr(one, name)) is not None}
    return len(known) > 1


def _one_measure(runs: Sequence[_Run], name: str) -> bool:
    """Is a metric the same measure in all runs, as far as is known? Only of a loss it may not be."""
    if name not in ("validation_loss", "validation_objective"):
        return True
    facts = [run.facts for run in runs]
    if name == "validation_loss" and facts[0].framework == "steelyard":
        return True  # the plain log loss, whatever was minimised
    if _differ(facts, "loss") or _differ(facts, "label_smoothing"):
        return False
    if all(one is not None and one.quantity.penalized is False for one in (run.find(name) for run in runs)):
        return True
    return len({_penalties(one) for one in facts if one.layers is not None}) <= 1


def _penalties(facts: Facts) -> frozenset[tuple[float, float]]:
    return frozenset((layer.l1, layer.l2) for layer in facts.layers or () if layer.l1 or layer.l2)


def _score(run: _Run, name: str) -> float:
    """A metric with the weights that the run kept; NaN where it ran away."""
    series = run.find(name)
    assert series is not None
    taken = _taken(run, series)[: _kept(run) + 1]
    where = np.flatnonzero(taken)
    return float(series.values[where[-1]]) if len(where) else np.nan


def _taken(run: _Run, series: Series) -> NDArray[np.bool_]:
    """At which epochs it was measured, also if what came out is no number: bool (epochs,).

    Where the log does not tell, a gap is one if something of the training rows was measured at that epoch.
    """
    if series.measured is not None:
        return series.measured
    trained = [np.isfinite(one.values) for one in run.series if one.split == "train"]
    gaps = np.any([np.zeros(len(run.epochs), np.bool_), *trained], axis=0)
    return np.asarray(np.isfinite(series.values) | ~gaps)


def _kept(run: _Run) -> int:
    """The position of the epoch whose weights the run kept."""
    last = len(run.epochs) - 1
    stopping = run.facts.stopping
    if stopping is None or not stopping.restore_best:
        return last
    split, metric = split_and_metric(stopping.monitor)
    watched = run.find(f"{split}_{metric}")
    if watched is None or not np.isfinite(watched.values).any():
        return last
    lower = _watched_to_fall(stopping, metric, run.facts.framework or "")
    return int(np.nanargmin(watched.values) if lower else np.nanargmax(watched.values))


def _watched_to_fall(stopping: Stopping, metric: str, framework: str) -> bool:
    if stopping.mode in ("min", "max"):
        return stopping.mode == "min"
    if framework.startswith("keras 2"):
        return not any(one in stopping.monitor for one in _GUESSED_BY_KERAS_2)
    return lower_is_better(metric) is not False


def _stopping(facts: Sequence[Facts]) -> Stopping | None:
    """Early stopping, if it ended every run."""
    found = [one.stopping for one in facts if one.stopping is not None and one.stopping.patience is not None]
    return found[0] if len(found) == len(facts) else None


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
