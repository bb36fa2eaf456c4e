"""Scan: a grid search under talos' name and signature.

Source of names and meanings: talos 1.4, ``talos/scan/Scan.py``, ``scan_finish.py`` and ``scan_addon.py``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from steelyard.errors import SteelyardError, did_you_mean
from steelyard.keras.checks import whole
from steelyard.keras.codes import refuse, warn
from steelyard.keras.models import Sequential, load_model, model_from_json
from steelyard.keras.scan.grid import Parameters, grid
from steelyard.keras.scan.holdout import hold_out
from steelyard.keras.scan.results import results_of
from steelyard.keras.scan.trials import ModelFunction, Trial, listed, train
from steelyard.keras.seeding import next_seed
from steelyard.run import RunStatus
from steelyard.study import Pruning

if TYPE_CHECKING:
    from steelyard.tuning import Study

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
        storage: A path or URL of a database of studies, as for :func:`steelyard.tune`. Trials are stored a
            batch at a time; those that are finished are not trained again, whoever asks: the same scan in a
            new process goes on where the last one was killed, and several processes share the trials.
        study: The name of the scan in the storage. What has this name there must be the same scan: the same
            parameters, rows, folds and the like, and a model function that has not changed (its source, that
            of the functions of its module which it calls, and plain values it takes from around it).
        resume: Whether there may be a study of that name; False insists on a new one.
        folds: Train each trial on so many stratified folds of x and y; the table has means.
        seeds: Train so many networks on each fold, or on the only split, that differ in their seed.
        metrics: What is measured on validation rows beside the metrics of ``compile``, by the names of
            :func:`steelyard.tune`; the first one ranks trials for ``pruning`` and in the study.
        pruning: Rules that stop hopeless trials between epochs, by comparison with the other trials of a
            batch, all folds at once: ``halving``, ``hyperband``, ``median``; or ``patience``, which looks at
            one network alone. Also the records of :mod:`steelyard.study.pruning`.
        batch: Trials that are trained, compared and stored together. The default depends on their number,
            folds, seeds and pruning. Of a scan that is killed, the batch in hand is trained again.

    Attributes:
        data: pandas DataFrame, a row per trial in the order of the grid: ``round_epochs``, the metrics of
            the last epoch under the names of the history, the parameters. NaN where a trial diverged. A trial
            that was pruned has what it had reached.
        details: Series of what the scan was given and when it ended.
        round_history: ``history.history`` of each trial.
        round_times: DataFrame ``start``, ``end`` and ``duration`` in seconds; trials overlap.
        saved_models: The architecture of each trial as JSON.
        saved_weights: ``get_weights()`` of each trial, or None.
        histories: The :class:`~steelyard.keras.history.History` of each trial, with ``plain`` and ``run``.
        status: How each trial ended: a list of :class:`~steelyard.run.RunStatus`.
        x, y, params: As given.
        study: The scan as a :class:`~steelyard.tuning.Study`; None without the keyword arguments.

    Any of ``storage``, ``folds``, ``seeds``, ``pruning`` and ``batch`` makes the scan a study. ``data`` then
    has more columns after talos' (:func:`~steelyard.keras.scan.records.columns_of`); of several networks all
    are means, as is ``round_history``; ``round_times`` has the sums of their durations alone. Numbers are
    kept, but no models: ``saved_models`` and ``saved_weights`` hold None, ``histories`` is empty, and
    :meth:`best_model` trains the best trial again.

    Ctrl-C ends all trials after their current epoch; the scan holds what they reached, and warns (K141). Of a
    study it drops the batch in hand.
    Raises K241 to K248, and what ``fit`` raises; warns of trials that diverged (K142). With a storage also
    :class:`~steelyard.errors.StorageError`, and :class:`~steelyard.errors.StudyError` for another study of
    that name, which says what differs.
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
        *,
        storage: str | Path | None = None,
        study: str = "scan",
        resume: bool = True,
        folds: int | None = None,
        seeds: int = 1,
        metrics: str | Sequence[str] = ("average_precision",),
        pruning: str | Pruning | Sequence[str | Pruning] | None = None,
        batch: int | None = None,
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
        asked = (storage, folds, pruning, batch)
        studied = seeds != 1 or any(one is not None for one in asked)
        if save_models and studied:
            raise refuse(
                "K246",
                "Scan: save_models writes models, which are not kept with storage, folds, seeds or pruning",
            )
        self.x, self.y, self.params = x, y, params
        combinations = partial(
            grid,
            params,
            fraction_limit=fraction_limit,
            round_limit=round_limit,
            boolean_limit=boolean_limit,
        )
        trials: Sequence[Trial] = ()
        if studied:
            from steelyard.keras.scan.search import search  # loads Optuna and SQLAlchemy

            found = search(
                model,
                x,
                y,
                x_val=x_val,
                y_val=y_val,
                val_split=val_split,
                grid=lambda drawn_by: combinations(seed=drawn_by),
                seed=seed,
                storage=storage,
                study=study,
                resume=resume,
                folds=folds,
                seeds=seeds,
                metrics=metrics,
                pruning=pruning,
                batch=batch,
                bar=not disable_progress_bar,
                print_params=print_params,
            )
            results, seed, rows = found.results, found.seed, found.parts[0]
            self.study: Study | None = found.study
            self._again: Callable[[Parameters], Sequential] | None = partial(
                _trained, model, x, y, x_val, y_val, val_split, seed
            )
        else:
            seed = next_seed() if seed is None else whole("Scan: seed", seed, low=0)
            rows = hold_out(x, y, x_val, y_val, val_split, seed)
            outcome = train(
                model,
                rows,
                combinations(seed=seed),
                seed,
                print_params=print_params,
                bar=not disable_progress_bar,
            )
            trials = outcome.trials
            results = results_of(outcome, keep_weights=save_weights)
            self.study = self._again = None
        self._parameters, self._architectures = results.parameters, results.architectures
        self.data = pandas.DataFrame(results.columns)
        self.histories, self.status = results.histories, results.statuses
        self.round_history, self.saved_weights = results.curves, results.weights
        self.round_times = pandas.DataFrame(results.times)
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
        results.warn_of_endings()

    @cached_property
    def saved_models(self) -> list[str | None]:
        """The architecture of each trial as JSON; None where the scan is a study."""
        from steelyard.keras.saving import to_json  # few ask for it, and it loads h5py

        return [None if one is None else to_json(one) for one in self._architectures]

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
        ``saved_models`` and ``saved_weights``. Of a study, which has neither, the best trial is trained again
        to its end, on the rows that a scan without folds trains on: without folds, seeds and pruning that is
        the network that was judged, bit for bit. Raises K245; warns (K143) if asked for the highest loss.
        """
        number = self._best(metric, asc)
        if metric.removeprefix("val_").removesuffix("_best") == "loss" and not asc:
            warn("K143", f"best_model({metric!r}) with asc=False is the model with the highest {metric}")
        if saved:
            return load_model(self._folder() / f"{number}.keras", custom_objects=custom_objects)
        if self._again is not None:
            return self._again(self._parameters[number])
        architecture, weights = self.saved_models[number], self.saved_weights[number]
        if architecture is None or weights is None:
            raise refuse("K245", "the weights were not kept", "Scan(..., save_weights=True).")
        model = model_from_json(architecture, custom_objects=custom_objects)
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
        metrics = [name for name in self.data if name not in (*self.params, "state")]
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


def _trained(
    function: ModelFunction,
    x: Any,
    y: Any,
    x_val: Any,
    y_val: Any,
    val_split: float,
    seed: int,
    parameters: Parameters,
) -> Sequential:
    """The model of one trial by itself."""
    rows = hold_out(x, y, x_val, y_val, val_split, seed)
    return train(function, rows, [parameters], seed, bar=False).trials[0].model


def _pandas() -> Any:
    """pandas, which makes the tables; asked for before anything is trained."""
    try:
        import pandas
    except ImportError as error:
        raise SteelyardError("Scan makes pandas tables", help="pip install 'steelyard[pandas]'") from error
    return pandas
