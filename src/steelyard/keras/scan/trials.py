"""The trials of a scan: the model function called once for each, the fits trained as one population."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from steelyard.errors import SteelyardError
from steelyard.keras.codes import refuse
from steelyard.keras.fitting import deferring, run_fits
from steelyard.keras.history import History
from steelyard.keras.hooks import Callback, Logs
from steelyard.keras.models import Sequential
from steelyard.keras.scan.grid import Parameters
from steelyard.keras.scan.holdout import Holdout
from steelyard.keras.seeding import seeded
from steelyard.run import RunStatus

ModelFunction = Callable[[Any, Any, Any, Any, Parameters], Any]
"""``(x_train, y_train, x_val, y_val, params) -> (history, model)``."""


@dataclass(eq=False)
class Trial:
    """One combination of parameters and what became of it."""

    parameters: Parameters
    history: History
    model: Sequential
    ended: float
    """When it ended, in seconds since 1970."""

    @property
    def status(self) -> RunStatus:
        """How its training ended."""
        return self.history.run.status

    @property
    def seconds(self) -> float:
        """How long it trained, in seconds; trials overlap."""
        return float(self.history.run.history["train_seconds"].sum())


@dataclass(frozen=True)
class Outcome:
    """The trials that were trained, in order, of as many as were planned; whether Ctrl-C ended them."""

    trials: Sequence[Trial]
    planned: int
    interrupted: bool


def train(
    function: ModelFunction,
    rows: Holdout,
    combinations: Sequence[Parameters],
    seed: int,
    *,
    print_params: bool = False,
    bar: bool = True,
) -> Outcome:
    """Calls the model function for every combination, then trains all fits that wait together.

    Every call begins with the same ``seed``. Ctrl-C ends the trials that train after their current epoch;
    those that had not begun are left out. If none had, KeyboardInterrupt is passed on. Raises
    :class:`~steelyard.errors.RecipeError` (K243) where the model function fails, and names the trial.
    """
    with Bar(len(combinations), shown=bar) as progress, warnings.catch_warnings():
        # Divergence of a trial is told at the end, once for all, with the parameters.
        warnings.filterwarnings("ignore", "K107:")
        with deferring(rows.x_train, rows.y_train, rows.x_val, rows.y_val) as deferral:
            trials, interrupted = _called(function, rows, combinations, seed, print_params)
        waiting = {id(request.history): request for request in deferral.pending}
        for trial in trials:
            if request := waiting.get(id(trial.history)):
                request.callbacks = (*request.callbacks, _Clock(trial, request.epochs, progress))
            else:
                progress.advance()
        if waiting and not interrupted:
            try:
                run_fits([*waiting.values()])
            except KeyboardInterrupt:
                interrupted = True
    # What still waits must not be asked for its run: it would train.
    left = {id(request.history) for request in deferral.pending}
    trained = [trial for trial in trials if id(trial.history) not in left and is_trained(trial.history)]
    if interrupted and not trained:
        raise KeyboardInterrupt
    if len(trained) < len(trials) and not interrupted:
        idle = next(trial for trial in trials if trial not in trained)
        raise untrained(idle.parameters)
    return Outcome(trained, len(combinations), interrupted)


def _called(
    function: ModelFunction, rows: Holdout, combinations: Sequence[Parameters], seed: int, print_params: bool
) -> tuple[list[Trial], bool]:
    """The model function called for every combination; whether Ctrl-C ended that before the last."""
    trials = []
    try:
        for number, parameters in enumerate(combinations, 1):
            if print_params:
                print(parameters)
            where = f"trial {number} of {len(combinations)} ({listed(parameters)})"
            history, model = call(function, rows, parameters, seed, where)
            trials.append(Trial(parameters, history, model, time.time()))
    except KeyboardInterrupt:
        return trials, True
    return trials, False


def call(
    function: ModelFunction, rows: Holdout, parameters: Parameters, seed: int, where: str
) -> tuple[History, Sequential]:
    """What the model function returns for these parameters, begun with ``seed``; ``where`` names the trial.

    Raises :class:`~steelyard.errors.RecipeError` (K242, K243).
    """
    with seeded(seed), _Named(where):
        returned = function(rows.x_train, rows.y_train, rows.x_val, rows.y_val, {**parameters})
        history, model = _history_and_model(returned)
        _check_names(parameters, model)
    return history, model


def listed(parameters: Mapping[str, Any]) -> str:
    """Parameters as a sentence has them.

    >>> listed({"rate": 0.1, "activation": "relu"})
    "rate=0.1, activation='relu'"
    """
    return ", ".join(f"{name}={value!r}" for name, value in parameters.items())


def _history_and_model(returned: Any) -> tuple[History, Sequential]:
    """What the model function returned, if that is a history and a model."""
    if isinstance(returned, tuple | list) and len(returned) == 2:
        history, model = returned
        if isinstance(history, History) and isinstance(model, Sequential):
            return history, model
        if isinstance(history, Sequential) and isinstance(model, History):
            raise refuse("K243", "it returned (model, history): the other way round")
        found = f"a {type(history).__name__} and a {type(model).__name__}"
    elif isinstance(returned, tuple | list):
        found = f"{len(returned)} values"
    else:
        found = "nothing" if returned is None else f"a {type(returned).__name__}"
    raise refuse("K243", f"it returned {found}, not a history and a model")


def _check_names(parameters: Parameters, model: Sequential) -> None:
    """The table has a column for each metric and one for each parameter."""
    metrics = [prefix + name for prefix in ("", "val_") for name in model.metrics_names]
    clash = [name for name in parameters if name in ("round_epochs", *metrics)]
    if clash:
        raise refuse("K242", f"the parameter {clash[0]!r} is called like a metric", "Give it another name.")


def untrained(parameters: Parameters) -> SteelyardError:
    """The error of a trial whose fit trained nothing (K243)."""
    return refuse(
        "K243",
        f"Scan: the trial with {listed(parameters)} trained no epoch",
        "Return the history that fit returned, of at least one epoch.",
    )


def is_trained(history: History) -> bool:
    """Whether there is a run behind it; one that waits is trained for that."""
    try:
        _ = history.run
    except SteelyardError:
        return False
    return True


class _Named(AbstractContextManager[None]):
    """Says in which trial the model function failed."""

    def __init__(self, where: str) -> None:
        self._where = where

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            said = str(error) if isinstance(error, SteelyardError) else f"{type(error).__name__}: {error}"
            raise refuse("K243", f"Scan: {self._where}: the model function failed. {said}") from error


class _Clock(Callback):
    """Notes when a trial of the population ends."""

    def __init__(self, trial: Trial, epochs: int, bar: Bar) -> None:
        super().__init__()
        self._trial, self._epochs, self._bar = trial, epochs, bar

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Called last of all callbacks: whether one of them has stopped the training is known."""
        self._trial.ended = time.time()
        if self.model.stop_training or epoch + 1 == self._epochs:
            self._bar.advance()


class Bar(AbstractContextManager["Bar"]):
    """Counts finished trainings on stderr: ``total`` of them, ``done`` before it began."""

    def __init__(self, total: int, *, done: int = 0, shown: bool) -> None:
        from tqdm import tqdm

        self._tqdm = tqdm(total=total, initial=done, disable=not shown)

    def advance(self, count: int = 1) -> None:
        """One more is finished, or ``count``."""
        self._tqdm.update(count)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tqdm.close()
