"""Fits become jobs of one population; callbacks are called between its epochs.

The engine trains; what is here reads what it recorded in Keras' terms and passes on what callbacks want.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from steelyard.data.encoding import identity
from steelyard.engine import Decision, EpochEnd, Job, fit_population
from steelyard.keras import imbalance as rarity
from steelyard.keras import recipes
from steelyard.keras.callbacks import Callback, EarlyStopping, ProgbarLogger
from steelyard.keras.codes import warn
from steelyard.keras.history import History
from steelyard.keras.losses import Loss
from steelyard.keras.metrics import Metric
from steelyard.keras.optimizers import Optimizer
from steelyard.keras.progress import tell_findings
from steelyard.keras.rows import TrainingRows, training_rows
from steelyard.keras.variables import Variables
from steelyard.log import Stopping
from steelyard.recipe.imbalance import Imbalance, Resampling
from steelyard.recipe.network import Stack
from steelyard.resampling import Resampled, join
from steelyard.run import Run, RunStatus


class Model(Protocol):
    """What is trained: a compiled model that knows the width of its input."""

    name: str
    seed: int
    stop_training: bool
    optimizer: Optimizer
    loss: Loss
    metrics: list[Metric]

    @property
    def variables(self) -> Variables:
        """Its weights."""

    @property
    def ends_in_sigmoid(self) -> bool:
        """Whether its output is a probability; else it is a logit."""

    def output_of(self, logits: NDArray[np.float32], /) -> NDArray[np.float32]:
        """What it predicts where the engine gives these logits."""

    def stack(self) -> Stack:
        """Its network."""


_METRIC_ROWS = 50_000
"""The plain training curves are measured on at most so many rows, the engine's default;"""
_METRIC_ROWS_OF_MANY = 10_000
"""and on fewer where many fits are trained together: there they would take a third of the time."""


@dataclass(eq=False, repr=False)
class FitRequest:
    """One call of ``fit``, checked and ready to train.

    After the callbacks given come the history and what prints, in Keras' order: so both see what
    callbacks add to the logs.
    """

    model: Model
    rows: TrainingRows
    imbalance: Imbalance
    resampled: Resampled
    callbacks: Sequence[Callback]
    epochs: int
    initial_epoch: int
    batch_size: int
    shuffle: bool
    validation_freq: int
    verbose: int
    history: History = field(init=False)
    waits_in: Deferral | None = None

    def __post_init__(self) -> None:
        self.history = History(self)
        self.callbacks = (*self.callbacks, self.history, ProgbarLogger())

    @property
    def steps(self) -> int:
        """Batches per epoch."""
        learned = len(self.resampled.rows) + len(self.resampled.synthetic_target)
        return math.ceil(learned / self.batch_size)

    @property
    def labels(self) -> NDArray[np.uint8]:
        """Those of the rows the network learns from."""
        return self.resampled.labels(self.rows.target)

    def force(self) -> None:
        """Trains it now, if it waits to be trained."""
        if self.waits_in is not None:
            run_fits([self])

    def job(self, resampled: NDArray[np.int64], train_metric_rows: int) -> Job:
        """What the engine is to train, on the rows ``resampled`` of the joined table; the learning rate and
        the weights are those of now."""
        model = self.model
        recipe = recipes.recipe_of(
            model.stack(),
            model.loss.recipe(),
            model.optimizer.recipe(),
            self.imbalance,
            epochs=self.epochs - self.initial_epoch,
            batch_size=self.batch_size,
            shuffle=self.shuffle,
            train_metric_rows=train_metric_rows,
            validates=len(self.rows.split.validation) > 0,
        )
        return Job(
            recipe=recipe,
            split=self.rows.split,
            encoding=identity(self.rows.width),
            seed=model.seed,
            resampled=resampled,
            initial_weights=model.variables.read(),
            progress=model.variables.progress,
            running_metrics=_running_metrics(model),
        )


@dataclass(eq=False, repr=False)
class Deferral:
    """Puts off fits on the same arrays, so that they can be trained as one population.

    A fit whose arrays are the ones given here (the very objects) waits in ``pending``; whatever needs its
    result before :func:`run_fits` is called trains it alone. Fits on other arrays train at once. Nothing
    is printed while a deferral is on.
    """

    x: Any
    y: Any
    x_val: Any
    y_val: Any
    table: Callable[[], TrainingRows] | None = None
    """Makes the table of these arrays, where deferrals of several parts of the same rows share one: fits of
    all of them are then trained as one population. By default the arrays are joined."""
    pending: list[FitRequest] = field(default_factory=list)
    resamplings: dict[tuple[Resampling, int], Resampled] = field(default_factory=dict)
    """Those of the shared training rows, by method and seed: trials that differ in other things share one."""

    @cached_property
    def rows(self) -> TrainingRows:
        """The table of the fits that wait."""
        if self.table is not None:
            return self.table()
        return training_rows(self.x, self.y, validation_data=(self.x_val, self.y_val))

    def has(self, x: Any, y: Any, validation_data: Any) -> bool:
        """Whether these are the shared arrays."""
        pair = validation_data if isinstance(validation_data, list | tuple) else ()
        mine, given = (self.x, self.y, self.x_val, self.y_val), (x, y, *pair)
        return len(given) == 4 and all(a is b for a, b in zip(mine, given, strict=True))


_deferral: ContextVar[Deferral | None] = ContextVar("deferral", default=None)


@contextmanager
def deferring(
    x: Any, y: Any, x_val: Any, y_val: Any, table: Callable[[], TrainingRows] | None = None
) -> Iterator[Deferral]:
    """Turns a :class:`Deferral` on; does not train what is left in ``pending`` at the end."""
    deferral = Deferral(x, y, x_val, y_val, table)
    token = _deferral.set(deferral)
    try:
        yield deferral
    finally:
        _deferral.reset(token)


def rows_for(
    x: Any, y: Any, sample_weight: Any, validation_data: Sequence[Any] | None, validation_split: float
) -> TrainingRows:
    """The arrays of a fit as one table: the shared one, if a deferral is on and these are its arrays."""
    deferral = _deferral.get()
    if deferral is not None and sample_weight is None and deferral.has(x, y, validation_data):
        return deferral.rows
    return training_rows(
        x, y, sample_weight=sample_weight, validation_data=validation_data, validation_split=validation_split
    )


def resampled_for(rows: TrainingRows, spec: Resampling, seed: int) -> Resampled:
    """What is learned from instead of the training rows; made once for the fits that share a table."""
    deferral = _deferral.get()
    if deferral is None or rows is not deferral.rows:
        return rarity.resampled(rows, spec, seed)
    known = deferral.resamplings
    if (spec, seed) not in known:
        known[spec, seed] = rarity.resampled(rows, spec, seed)
    return known[spec, seed]


def submit(request: FitRequest) -> None:
    """Trains the request; or lets it wait, if a deferral is on and it is on the shared table."""
    request.model.variables.settle()
    deferral = _deferral.get()
    if deferral is not None:
        request.verbose = 0
    if deferral is not None and request.rows is deferral.rows:
        request.waits_in = deferral
        deferral.pending.append(request)
        request.model.variables.owed = request.force
    else:
        run_fits([request])


class Referee(Protocol):
    """Compares fits of one population while they train; jobs are named by their numbers in the requests."""

    def on_epoch(self, end: EpochEnd, *, last: bool) -> Decision | None:
        """Called after the callbacks; ``last`` if the fit ends with this epoch. May let it stop or rest."""

    def on_rest(self, jobs: Sequence[int]) -> Collection[int]:
        """As :data:`~steelyard.engine.OnRest` has it."""


def run_fits(
    requests: Sequence[FitRequest], *, threads: int | None = None, referee: Referee | None = None
) -> None:
    """Trains all requests, which share one table, as one population, and fills models and histories.

    They may learn from different rows of it. ``referee`` can stop fits that others leave behind.

    Raises KeyboardInterrupt after a Ctrl-C, as Keras does; models and histories then hold what was
    reached. What a callback raises is raised once all training has stopped.
    """
    sessions = [_Session(request) for request in requests]
    for session in sessions:
        session.begin()
    numbers = [number for number, session in enumerate(sessions) if session.epochs_left]
    training = [sessions[number] for number in numbers]
    rows = requests[0].rows
    joined = join(rows.features, rows.target, rows.row_weights, [s.request.resampled for s in training])
    runs: list[Run] = []
    metric_rows = _METRIC_ROWS if len(training) == 1 else _METRIC_ROWS_OF_MANY
    if training:
        runs = fit_population(
            joined.features,
            joined.target,
            [s.request.job(learned, metric_rows) for s, learned in zip(training, joined.rows, strict=True)],
            row_weights=joined.weights,
            threads=threads,
            on_epoch=lambda end: training[end.job].end_of_epoch(replace(end, job=numbers[end.job]), referee),
            on_rest=None if referee is None else lambda jobs: _asked(referee, numbers, jobs),
        )
    for session, run in zip(training, runs, strict=True):
        session.take(run)
    if any(run.status is RunStatus.INTERRUPTED for run in runs):
        raise KeyboardInterrupt
    for session in sessions:
        session.end()


def _asked(referee: Referee, numbers: Sequence[int], jobs: Sequence[int]) -> list[int]:
    """The jobs to stop, where job j is that of request ``numbers[j]``."""
    stopped = set(referee.on_rest([numbers[job] for job in jobs]))
    return [job for job in jobs if numbers[job] in stopped]


@dataclass(eq=False)
class _Session:
    """A request while it trains."""

    request: FitRequest
    logs: dict[str, Any] = field(default_factory=dict)

    @property
    def epochs_left(self) -> bool:
        return self.request.epochs > self.request.initial_epoch and not self.request.model.stop_training

    def begin(self) -> None:
        request = self.request
        if request.waits_in is not None:
            request.waits_in.pending.remove(request)
            request.waits_in = None
        request.model.variables.owed = None
        request.model.stop_training = False
        request.model.loss = request.model.loss.fitted_to(float(request.labels.mean()))
        for callback in request.callbacks:
            callback.set_params(
                {"verbose": request.verbose, "epochs": request.epochs, "steps": request.steps}
            )
            callback.set_model(request.model)
        for callback in request.callbacks:
            callback.on_train_begin({})
        if self.epochs_left:
            self._begin_epoch(request.initial_epoch)

    def _begin_epoch(self, epoch: int) -> None:
        for callback in self.request.callbacks:
            callback.on_epoch_begin(epoch, {})

    def end_of_epoch(self, end: EpochEnd, referee: Referee | None) -> Decision:
        """Tells the callbacks and the referee, and the engine what they decided."""
        request, model = self.request, self.request.model
        rate = model.optimizer.learning_rate
        epoch = request.initial_epoch + end.epoch - 1
        with model.variables.lent_by(end):
            self.logs = _logs(request, end, with_validation=(epoch + 1) % request.validation_freq == 0)
            for callback in request.callbacks:
                callback.on_epoch_end(epoch, self.logs)
            if not model.stop_training and end.epoch < end.epochs:
                self._begin_epoch(epoch + 1)
        new_rate = model.optimizer.learning_rate
        verdict = Decision()
        if referee is not None:
            last = model.stop_training or end.epoch == end.epochs
            verdict = referee.on_epoch(end, last=last) or verdict
        return Decision(
            stop=model.stop_training or verdict.stop,
            rest=verdict.rest and not model.stop_training,
            learning_rate=None if new_rate == rate else new_rate,
            weights=model.variables.written,
        )

    def take(self, run: Run) -> None:
        """The trained weights into the model, the curves into the history."""
        variables = self.request.model.variables
        variables.tensors = run.weights
        variables.progress = None if run.status is RunStatus.DIVERGED else run.progress
        if run.status is RunStatus.PRUNED and self.request.model.stop_training:
            reason = f"a callback stopped it after epoch {len(run.history)}"
            run = replace(run, status=RunStatus.STOPPED_EARLY, reason=reason)
        self.request.history.record(
            run,
            self.request.rows.seen,
            stopping=_stopping(self.request.callbacks),
            notes=self.request.resampled.notes,
        )
        if run.status is RunStatus.DIVERGED:
            warn(
                "K107",
                f"{self.request.model.name}: {run.reason}. The model keeps its last finite weights. Lower "
                "the learning rate, scale the inputs, or clip the gradients (clipnorm=1.0).",
            )

    def end(self) -> None:
        for callback in self.request.callbacks:
            callback.on_train_end(self.logs)
        history = self.request.history
        # One epoch shows nothing, and programs that train in a loop of their own fit one at a time.
        if self.request.verbose in (1, 2) and len(history.epoch) > 1:
            tell_findings(history.diagnosis)


def _stopping(callbacks: Sequence[Callback]) -> Stopping | None:
    """How the first callback that may end the fit early goes about it; None without one."""
    for callback in callbacks:
        if isinstance(callback, EarlyStopping):
            return Stopping(
                monitor=callback.monitor,
                patience=callback.patience,
                restore_best=callback.restore_best_weights,
            )
    return None


def _logs(request: FitRequest, end: EpochEnd, *, with_validation: bool) -> dict[str, Any]:
    """The epoch as Keras logs it: train in alphabetical order, then validation likewise."""
    model, rows = request.model, request.rows
    met = cache(end.training_logits)
    train = {"loss": end.metrics["train_objective"]} | _metrics(model, end, "train_running", met)
    logs = dict(sorted(train.items()))
    if with_validation and len(rows.split.validation):
        target = rows.validation_target
        scored = cache(lambda: (end.validation_logits(), target))
        if model.loss.is_plain and rows.validation_weights is None:
            loss = end.metrics["validation_loss"]
        else:
            loss = mean_loss(model.loss, target, scored()[0], rows.validation_weights)
        validation = {"loss": loss + end.metrics["train_penalty"]} | _metrics(
            model, end, "validation", scored
        )
        logs |= {f"val_{name}": value for name, value in sorted(validation.items())}
    return logs


def _running_metrics(model: Model) -> tuple[str, ...]:
    """What the engine is to measure while it trains. If a metric is computed here, the logits are needed:
    the engine keeps them for any running metric."""
    series = [metric.series if model.ends_in_sigmoid else metric.logit_series for metric in model.metrics]
    return tuple(dict.fromkeys(name or "loss" for name in series))


Scored = tuple[NDArray[np.float32], NDArray[np.uint8]]
"""Logits and labels of the same rows."""


def _metrics(model: Model, end: EpochEnd, prefix: str, scored: Callable[[], Scored]) -> dict[str, float]:
    """Every metric of the model: what the engine measured where it means the same, else computed."""
    values = {}
    for metric in model.metrics:
        series = metric.series if model.ends_in_sigmoid else metric.logit_series
        if series is not None:
            values[metric.name] = end.metrics[f"{prefix}_{series}"]
        else:
            logits, target = scored()
            values[metric.name] = metric.result(target, model.output_of(logits))
    return values


def mean_loss(
    loss: Loss,
    target: NDArray[np.uint8],
    logits: NDArray[np.float32],
    weights: NDArray[np.float32] | None,
) -> float:
    """Keras' mean: the sum of the weighted losses over the number of rows."""
    rows = loss.rows(target, logits)
    return float(np.mean(rows if weights is None else rows * weights))
