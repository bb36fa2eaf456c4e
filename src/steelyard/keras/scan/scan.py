"""Scan: a grid search under talos' name and signature.

Source of names and meanings: talos 1.4, ``talos/scan/Scan.py``, ``scan_finish.py`` and ``scan_addon.py``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from steelyard.errors import SteelyardError, did_you_mean
from steelyard.keras.checks import whole
from steelyard.keras.codes import refuse, warn
from steelyard.keras.models import Sequential, load_model, model_from_json
from steelyard.keras.scan.grid import Parameters, grid
from steelyard.keras.scan.holdout import hold_out
from steelyard.keras.scan.trials import ModelFunction, Outcome, Trial, listed, train
from steelyard.keras.seeding import next_seed
from steelyard.run import RunStatus

_OTHER_SPELLING = {
    "acc": "accuracy",
    "val_acc": "val_accuracy",
    "accuracy": "acc",
    "val_accuracy": "val_acc",
}
"""Keras 2's name of a metric and Keras 3's."""


class Scan:
    """Trains the model function's network with every combination of parameters.

    ``model(x_train, y_train, x_val, y_val, params)`` is called once per combination and returns what
    ``fit`` returned and the model. It does not train while it is called: fits on the arrays it was given
    wait until all are known and are then trained together, on all cores. A function that needs the
    trained network earlier (reads the history, predicts), or fits on other arrays, is trained on the
    spot. What ``fit`` would print is not printed; a bar counts finished trials.

    Two things differ from talos. The validation rows keep the labels' shares, and all that is random
    follows from ``seed``, which talos 1.x takes and does not use. All trials start from the same seed:
    the parameters differ, not luck.

    Args:
        x: Array or frame (rows, columns).
        y: Labels 0 and 1.
        params: Name -> list of values, or a range as a tuple (start, stop, number of values).
        model: The model function.
        experiment_name: A folder, made if need be, for ``<id>.csv`` with the table. None writes nothing.
        x_val, y_val: Validation rows; then all of x and y train.
        val_split: Else this share of the rows validates.
        multi_input: Only False.
        random_method: Only 'uniform_mersenne'.
        seed: Of the split, the draw of trials, initial weights, batches and dropout; None takes the next
            seed of the process (see ``steelyard.keras.utils.set_random_seed``). ``details`` has it.
        performance_target, time_limit: Only None.
        fraction_limit, round_limit: The share, or the number, of trials to draw from the grid.
        boolean_limit: A function of a trial's parameters; trials for which it is false are left out.
        reduction_method: Only None; ``minimize_loss`` and the other ``reduction_`` arguments, which belong to
            it, only their defaults.
        disable_progress_bar: Show no bar.
        print_params: Print the parameters of each trial.
        clear_session: Accepted; there is no session.
        save_weights: Keep the weights in ``saved_weights``, where :meth:`best_model` finds them.
        save_models: Also write each model to ``<experiment_name>/<id>/<trial>.keras``.

    Attributes:
        data: pandas DataFrame, a row per trial in the order of the grid: ``round_epochs``, the metrics of
            the last epoch under the names of the history, the parameters. NaN where a trial diverged.
        details: Series of what the scan was given and when it ended.
        round_history: ``history.history`` of each trial.
        round_times: DataFrame ``start``, ``end`` and ``duration`` in seconds; trials overlap.
        saved_models: The architecture of each trial as JSON.
        saved_weights: ``get_weights()`` of each trial, or None.
        histories: The :class:`~steelyard.keras.history.History` of each trial, with ``plain`` and ``run``.
        status: How each trial ended: a list of :class:`~steelyard.run.RunStatus`.
        x, y, params: As given.

    Ctrl-C ends all trials after their current epoch; the scan holds what they reached, and warns (K141).
    Raises K241 to K244, and what ``fit`` raises; warns of trials that diverged (K142).
    """

    def __init__(
        self,
        x: Any,
        y: Any,
        params: Mapping[str, Any],
        model: ModelFunction,
        experiment_name: str | None = None,
        x_val: Any = None,
        y_val: Any = None,
        val_split: float = 0.3,
        multi_input: bool = False,
        random_method: str = "uniform_mersenne",
        seed: int | None = None,
        performance_target: None = None,
        fraction_limit: float | None = None,
        round_limit: int | None = None,
        time_limit: None = None,
        boolean_limit: Callable[[Parameters], Any] | None = None,
        reduction_method: None = None,
        reduction_interval: int = 50,
        reduction_window: int = 20,
        reduction_threshold: float = 0.2,
        reduction_metric: str = "val_acc",
        minimize_loss: bool = False,
        disable_progress_bar: bool = False,
        print_params: bool = False,
        clear_session: bool = True,
        save_weights: bool = True,
        save_models: bool = False,
    ) -> None:
        pandas = _pandas()
        for name, given, supported in (
            ("multi_input", multi_input, False),
            ("random_method", random_method, "uniform_mersenne"),
            ("performance_target", performance_target, None),
            ("time_limit", time_limit, None),
            ("reduction_method", reduction_method, None),
            ("reduction_interval", reduction_interval, 50),
            ("reduction_window", reduction_window, 20),
            ("reduction_threshold", reduction_threshold, 0.2),
            ("reduction_metric", reduction_metric, "val_acc"),
            ("minimize_loss", minimize_loss, False),
        ):
            if given != supported:
                raise refuse("K241", f"Scan: {name}={given!r} is not supported; only {supported!r} is")
        if save_models and experiment_name is None:
            raise refuse("K241", "Scan: save_models needs an experiment_name to write to", "Give it one.")
        if not callable(model):
            raise refuse("K243", f"Scan: model is {model!r}, not a function")
        self.x, self.y, self.params = x, y, params
        seed = next_seed() if seed is None else whole("Scan: seed", seed, low=0)
        combinations = grid(
            params,
            seed=seed,
            fraction_limit=fraction_limit,
            round_limit=round_limit,
            boolean_limit=boolean_limit,
        )
        rows = hold_out(x, y, x_val, y_val, val_split, seed)
        outcome = train(
            model, rows, combinations, seed, print_params=print_params, bar=not disable_progress_bar
        )
        trials = outcome.trials
        self.data = pandas.DataFrame(_columns(trials))
        self.histories = [trial.history for trial in trials]
        self.status = [trial.status for trial in trials]
        self.round_history = [trial.history.history for trial in trials]
        self.round_times = pandas.DataFrame(
            {
                "start": [_moment(trial.ended - trial.seconds) for trial in trials],
                "end": [_moment(trial.ended) for trial in trials],
                "duration": [trial.seconds for trial in trials],
            }
        )
        self._architectures = [replace(trial.model.saved(), weights=None, optimizer=None) for trial in trials]
        self.saved_weights = [trial.model.get_weights() if save_weights else None for trial in trials]
        self.details = pandas.Series(
            {
                "experiment_name": experiment_name,
                "experiment_id": datetime.now().strftime("%Y%m%d-%H%M%S-%f"),
                "seed": seed,
                "train_rows": len(rows.y_train),
                "validation_rows": len(rows.y_val),
                "x_shape": np.shape(x),
                "y_shape": np.shape(y),
                "random_method": random_method,
                "reduction_method": reduction_method,
                "reduction_interval": reduction_interval,
                "reduction_window": reduction_window,
                "reduction_threshold": reduction_threshold,
                "reduction_metric": reduction_metric,
                "complete_time": time.strftime("%D/%H:%M"),
            },
            dtype=object,
        )
        if experiment_name is not None:
            self._write(trials if save_models else ())
        _warn_of_endings(outcome)

    @cached_property
    def saved_models(self) -> list[str]:
        """The architecture of each trial as JSON."""
        from steelyard.keras.saving import to_json  # few ask for it, and it loads h5py

        return [to_json(architecture) for architecture in self._architectures]

    def best_model(
        self,
        metric: str = "val_acc",
        asc: bool = False,
        saved: bool = False,
        custom_objects: Mapping[str, Any] | None = None,
    ) -> Sequential:
        """The trained model of the trial with the best ``metric`` after its last epoch.

        ``metric`` is a column of ``data``; ``acc`` and ``accuracy`` mean the same. ``asc`` is True where less
        is better. ``saved`` reads the model from the file that ``save_models`` wrote; else it is made of
        ``saved_models`` and ``saved_weights``. Raises K245; warns (K143) if it is asked for the highest loss.
        """
        number = self._best(metric, asc)
        if metric.removeprefix("val_") == "loss" and not asc:
            warn("K143", f"best_model({metric!r}) with asc=False is the model with the highest {metric}")
        if saved:
            return load_model(self._folder() / f"{number}.keras", custom_objects=custom_objects)
        weights = self.saved_weights[number]
        if weights is None:
            raise refuse("K245", "the weights were not kept", "Scan(..., save_weights=True).")
        model = model_from_json(self.saved_models[number], custom_objects=custom_objects)
        model.set_weights(weights)
        return model

    def __repr__(self) -> str:
        best = ""
        metric = next((name for name in ("val_accuracy", "val_loss") if name in self.data), None)
        if metric is not None and self.data[metric].notna().any():
            number = self._best(metric, asc=metric == "val_loss")
            parameters = listed({name: self.data[name].tolist()[number] for name in self.params})
            best = f"; best {metric} {self.data[metric][number]:.4f} with {parameters}"
        return f"<Scan of {len(self.data)} trials{best}>\n{self.data}"

    def _best(self, metric: str, asc: bool) -> int:
        """The number of the best trial."""
        if all(status is RunStatus.DIVERGED for status in self.status):
            raise refuse("K245", "all trials diverged", "Lower the learning rates, or scale the inputs.")
        metrics = [name for name in self.data if name not in self.params]
        column = metric if metric in metrics else _OTHER_SPELLING.get(metric)
        if column not in metrics:
            raise refuse(
                "K245",
                f"there is no metric {metric!r}{did_you_mean(metric, metrics)}",
                f"There are {', '.join(metrics)}.",
            )
        values = self.data[column].astype(float)
        if values.isna().all():
            raise refuse("K245", f"no trial has a {column}", "Scan.status says how the trials ended.")
        return int(values.idxmin() if asc else values.idxmax())

    def _folder(self) -> Path:
        """Where the models are; the table is beside it."""
        name, number = self.details["experiment_name"], self.details["experiment_id"]
        if name is None:
            raise refuse(
                "K245", "the models were not written", "Scan(..., experiment_name=..., save_models=True)."
            )
        return Path(name) / str(number)

    def _write(self, trials: Sequence[Trial]) -> None:
        folder = self._folder()
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.data.to_csv(folder.with_name(f"{folder.name}.csv"), index=False)
        for number, trial in enumerate(trials):
            folder.mkdir(exist_ok=True)
            trial.model.save(folder / f"{number}.keras")


def _columns(trials: Sequence[Trial]) -> dict[str, list[Any]]:
    """The table: as talos has it, the last epoch of each trial."""
    columns: dict[str, list[Any]] = {"round_epochs": [len(trial.history.epoch) for trial in trials]}
    for metric in dict.fromkeys(name for trial in trials for name in trial.history.history):
        columns[metric] = [
            np.nan if trial.status is RunStatus.DIVERGED else trial.history.history.get(metric, [np.nan])[-1]
            for trial in trials
        ]
    for parameter in trials[0].parameters:
        columns[parameter] = [trial.parameters[parameter] for trial in trials]
    return columns


def _warn_of_endings(outcome: Outcome) -> None:
    """Tells of trials that were not trained to their end."""
    trials, planned = outcome.trials, outcome.planned
    if outcome.interrupted:
        cut = sum(trial.status is RunStatus.INTERRUPTED for trial in trials)
        warn(
            "K141",
            f"Ctrl-C: {len(trials) - cut} of {planned} trials are finished, {cut} ended before their last "
            f"epoch, {planned - len(trials)} are missing from the table",
        )
    diverged = [listed(trial.parameters) for trial in trials if trial.status is RunStatus.DIVERGED]
    if diverged:
        warn("K142", f"{len(diverged)} of {planned} trials diverged: {'; '.join(diverged)}")


def _moment(seconds: float) -> str:
    """A time as talos writes it: ``11/22/26-134500``."""
    return time.strftime("%D-%H%M%S", time.localtime(seconds))


def _pandas() -> Any:
    """pandas, which makes the tables; asked for before anything is trained."""
    try:
        import pandas
    except ImportError as error:
        raise SteelyardError("Scan makes pandas tables", help="pip install 'steelyard[pandas]'") from error
    return pandas
