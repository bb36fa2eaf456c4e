"""The trials of a search as talos has them: a table with a row each, and their curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.keras.history import History
from steelyard.keras.scan.grid import Parameters
from steelyard.run import RunStatus
from steelyard.study import NetworkOutcome, Trial
from steelyard.tuning.trial_table import spreads_of

_OWN = "history "
"""In front of what the history calls by a name, among the metrics of the search and the curves of the run."""

_WORST_FIRST = (RunStatus.DIVERGED, RunStatus.INTERRUPTED, RunStatus.PRUNED, RunStatus.STOPPED_EARLY)


def with_history(outcome: NetworkOutcome, history: History) -> NetworkOutcome:
    """An outcome with what the history of the fit calls by names of its own, besides the search's metrics.

    What a callback put there that is no number is left out. Of a series that does not have a value for every
    epoch (``validation_freq``) the best epoch's is NaN.
    """
    best, last, curves = {**outcome.best}, {**outcome.last}, {**outcome.curves}
    sound = outcome.status is not RunStatus.DIVERGED
    for name, values in history.history.items():
        if _are_numbers(values):
            has_best = sound and outcome.best_epoch > 0 and len(values) == outcome.epochs
            best[_OWN + name] = float(values[outcome.best_epoch - 1]) if has_best else np.nan
            last[_OWN + name] = float(values[-1]) if sound else np.nan
            curves[_OWN + name] = np.asarray(values, np.float32)
    return replace(outcome, best=best, last=last, curves=curves)


def status_of(trial: Trial) -> RunStatus:
    """How a trial ended: as the worst of its networks."""
    statuses = [network.status for network in trial.networks]
    return next((status for status in _WORST_FIRST if status in statuses), RunStatus.COMPLETED)


def history_of(trial: Trial) -> dict[str, list[float]]:
    """The curves of a trial as ``history.history``; of several networks the mean over those that have the
    epoch."""
    curves = [network.curves for network in trial.networks]
    return {
        name: _mean([one[_OWN + name] for one in curves if _OWN + name in one])
        for name in _names(trial.networks)
    }


def columns_of(
    trials: Sequence[Trial], parameters: Sequence[Parameters], metrics: Sequence[str]
) -> dict[str, list[Any]]:
    """talos' columns, then what it does not have.

    The former are means over the networks of a trial, after the last epoch of each. The latter are ``state``,
    and of what is measured on validation rows ``_best``, the mean after the epochs with the least log loss
    there, and of both the standard deviations over ``_folds`` and over ``_seeds``, where there are several.
    Last come the ``metrics`` of the search in the same way, as ``validation_<metric>``.
    """
    names = list(dict.fromkeys(name for trial in trials for name in _names(trial.networks)))
    columns: dict[str, list[Any]] = {"round_epochs": [_whole_mean(trial) for trial in trials]}
    for name in names:
        columns[name] = [_value(trial, _last(_OWN + name)) for trial in trials]
    for name in parameters[0]:
        columns[name] = [combination[name] for combination in parameters]
    columns["state"] = [trial.state.value for trial in trials]
    shown = {name: _OWN + name for name in names if name.startswith("val_")}
    shown |= {f"validation_{metric}": metric for metric in metrics}
    for name, key in shown.items():
        for column, read in ((name, _last(key)), (f"{name}_best", _best(key))):
            columns[column] = [_value(trial, read) for trial in trials]
            spreads = [_spreads(trial, read) for trial in trials]
            for number, over in enumerate(("folds", "seeds")):
                if any(spread[number] is not None for spread in spreads):
                    columns[f"{column}_{over}"] = [
                        np.nan if spread[number] is None else spread[number] for spread in spreads
                    ]
    return columns


_Read = Callable[[NetworkOutcome], float]


def _last(key: str) -> _Read:
    return lambda network: network.last.get(key, np.nan)


def _best(key: str) -> _Read:
    return lambda network: network.best.get(key, np.nan)


def _value(trial: Trial, read: _Read) -> float:
    return float(np.mean([read(network) for network in trial.networks]))


def _spreads(trial: Trial, read: _Read) -> tuple[float | None, float | None]:
    folds: dict[int, list[float]] = {}
    for network in trial.networks:
        folds.setdefault(network.fold, []).append(read(network))
    return spreads_of([*folds.values()])


def _whole_mean(trial: Trial) -> float | int:
    mean = float(np.mean([network.epochs for network in trial.networks]))
    return int(mean) if mean.is_integer() else mean


def _names(networks: Sequence[NetworkOutcome]) -> list[str]:
    """What the histories call by a name."""
    found = dict.fromkeys(key for network in networks for key in network.last if key.startswith(_OWN))
    return [key.removeprefix(_OWN) for key in found]


def _mean(curves: Sequence[NDArray[np.float32]]) -> list[float]:
    longest = max(map(len, curves))
    return [
        float(np.mean([curve[epoch] for curve in curves if epoch < len(curve)])) for epoch in range(longest)
    ]


def _are_numbers(values: Sequence[Any]) -> bool:
    return len(values) > 0 and all(isinstance(value, int | float | np.number) for value in values)
