"""Trains networks and lets them predict: the only caller of the extension."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from steelyard.calibration import apply_calibrator
from steelyard.data.encoding import Encoding
from steelyard.data.table import Features
from steelyard.engine import checks, lowering
from steelyard.engine.extension import engine
from steelyard.engine.job import Decision, EpochEnd, Inside, Job, OnEpoch, OnRest
from steelyard.errors import SteelyardError
from steelyard.history import PLAIN, History, LayerTelemetry, Quantity, Series, Telemetry
from steelyard.recipe.network import Network
from steelyard.run import Model, Progress, Readout, Run, RunStatus, Weights


def fit_population(
    features: Features,
    target: NDArray[np.uint8],
    jobs: Sequence[Job],
    *,
    row_weights: NDArray[np.float32] | None = None,
    threads: int | None = None,
    on_epoch: OnEpoch | None = None,
    on_rest: OnRest | None = None,
) -> list[Run]:
    """Trains all jobs on all cores and returns their runs, in the order of the jobs.

    ``target`` is uint8 (rows,), 1 for the positive class. ``row_weights`` multiply the class weights in
    the loss. ``threads`` defaults to the cores this process may use. A run depends on its job and the
    data alone: not on ``threads``, nor on the other jobs. Ctrl-C ends all jobs after their current
    epoch; they come back as interrupted. A job that diverges comes back as diverged.

    Jobs that ``on_epoch`` lets rest keep all their state in memory. ``on_rest`` decides which of them go on;
    without it all do.

    Raises :class:`~steelyard.errors.SteelyardError` if data and jobs do not fit together, and whatever
    ``on_epoch`` and ``on_rest`` raise, once all jobs have stopped.
    """
    checks.check_features(features)
    checks.check_target(target, len(features))
    if row_weights is not None:
        checks.check_row_weights(row_weights, len(features))
    checks.check_jobs(jobs, features, row_weights)
    lowered = [lowering.lower_job(job, target, row_weights) for job in jobs]
    watcher = None if on_epoch is None else _watcher(on_epoch, jobs)
    outcomes = engine.fit_population(
        _data(features, target, row_weights),
        lowered,
        usable_threads(threads),
        watcher,
        None if on_rest is None else _referee(on_rest),
    )
    return [
        _run(job, outcome, weighted=row_weights is not None)
        for job, outcome in zip(jobs, outcomes, strict=True)
    ]


def predict_logits(
    network: Network,
    weights: Weights,
    encoding: Encoding,
    features: Features,
    *,
    threads: int | None = None,
) -> NDArray[np.float32]:
    """The network's logit for every row, float32 (rows,)."""
    checks.check_features(features)
    checks.check_encoding(encoding, features)
    checks.check_weights(weights, network, encoding)
    logits: NDArray[np.float32] = engine.predict(
        _data(features, None, None),
        lowering.lower_network(network),
        lowering.lower_encoding(encoding),
        lowering.lower_weights(weights),
        usable_threads(threads),
    )
    return logits


def predict_probability(
    model: Model, features: Features, *, raw: bool = False, threads: int | None = None
) -> NDArray[np.float64]:
    """The probability of the positive class for every row, as ``model.readout`` has it.

    With ``raw``, the mean of the networks' sigmoids as they are: after training with weights or resampling
    these are not probabilities in the population the table is from.
    """
    readout = Readout() if raw else model.readout
    total = np.zeros(len(features))
    for weights in model.weights:
        logits = predict_logits(model.network, weights, model.encoding, features, threads=threads)
        total += expit(logits.astype(np.float64) - readout.offset)
    mean = total / len(model.weights)
    return mean if readout.calibrator is None else apply_calibrator(readout.calibrator, logit(mean))


def initial_weights(
    job: Job, target: NDArray[np.uint8], row_weights: NDArray[np.float32] | None = None
) -> Weights:
    """The weights with which the job starts."""
    weights: Weights = engine.initial_weights(lowering.lower_job(job, target, row_weights))
    return weights


def loss_and_gradient(
    features: Features,
    target: NDArray[np.uint8],
    job: Job,
    rows: NDArray[np.int64],
    *,
    weights: Weights,
    step: int = 0,
    training: bool = True,
    row_weights: NDArray[np.float32] | None = None,
) -> tuple[float, Weights]:
    """Loss of one batch as optimised, penalties included, and its gradient for every trainable tensor.

    ``step`` names the dropout masks; without ``training`` there is no dropout and batch normalisation
    uses its moving averages. For tests and for finding faults.
    """
    flat = lowering.lower_job(job, target, row_weights)
    flat["initial_weights"] = lowering.lower_weights(weights)
    loss, gradient = engine.loss_and_gradient(
        _data(features, target, row_weights), flat, rows, step, training
    )
    return float(loss), gradient


def dropout_mask(seed: int, layer: int, step: int, rows: int, units: int, rate: float) -> NDArray[np.bool_]:
    """Which units of a batch the dropout layer at position ``layer`` of the stack keeps, bool (rows, units).

    Decided by 16 random bits each: the rate is rounded to a multiple of 1/65536.
    """
    return np.asarray(engine.dropout_mask(seed, layer, step, rows, units, rate), dtype=bool)


def epoch_order(seed: int, epoch: int, rows: int) -> NDArray[np.int64]:
    """The order in which an epoch (from 1) goes through ``rows`` training rows, as positions."""
    order: NDArray[np.int64] = engine.epoch_order(seed, epoch, rows)
    return order


def usable_threads(threads: int | None = None) -> int:
    """So many threads, or as many as cores that this process may use."""
    if threads is not None:
        if threads < 1:
            raise SteelyardError(f"threads: must be at least 1; found {threads}")
        return threads
    # sched_getaffinity knows of limits that cpu_count does not, where the system has it.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _data(
    features: Features, target: NDArray[np.uint8] | None, row_weights: NDArray[np.float32] | None
) -> dict[str, Any]:
    return {
        "numeric": features.numeric,
        "codes": features.codes,
        "target": None if target is None else np.ascontiguousarray(target),
        "weights": None if row_weights is None else np.ascontiguousarray(row_weights),
    }


def _watcher(on_epoch: OnEpoch, jobs: Sequence[Job]) -> Any:
    # Told after every epoch of every network, so what does not change is found out before.
    columns = {job.running_metrics: _columns(job) for job in jobs}
    columns_of_job = [columns[job.running_metrics] for job in jobs]

    def watch(
        job: int, epoch: int, epochs: int, row: list[float], seconds: float, inside: Inside
    ) -> tuple[bool, bool, float, lowering.Flat | None]:
        metrics = {name: row[column] for name, column in columns_of_job[job]}
        decision = on_epoch(EpochEnd(job, epoch, epochs, metrics, seconds, inside)) or Decision()
        weights = decision.weights
        if weights is not None:
            checks.check_weights(weights, jobs[job].recipe.network, jobs[job].encoding)
        return (
            decision.stop,
            decision.rest,
            math.nan if decision.learning_rate is None else decision.learning_rate,
            None if weights is None else lowering.lower_weights(weights),
        )

    return watch


def _referee(on_rest: OnRest) -> Any:
    def decide(resting: list[int]) -> list[int]:
        stopped = sorted(set(on_rest(resting)))
        if strangers := sorted(set(stopped) - set(resting)):
            raise ValueError(f"on_rest: job {strangers[0]} does not rest; those that do: {resting}")
        return stopped

    return decide


def _run(job: Job, outcome: dict[str, Any], weighted: bool) -> Run:
    rows: NDArray[np.float64] = outcome["history"]
    epochs = np.arange(1, len(rows) + 1, dtype=np.int64)
    objective = _objective(job, weighted)
    running = dataclasses.replace(objective, weighted=False, penalized=False)
    quantities = {
        "objective": objective,
        "penalty": Quantity(penalized=True, epoch_mean=False),
        **{metric: running for _, metric in lowering.RUNNING.values()},
    }
    kept = _recorded(job)
    series = tuple(
        Series(split, metric, np.ascontiguousarray(rows[:, column]), quantities.get(metric, PLAIN))
        for column, (split, metric) in enumerate(lowering.SERIES)
        if (split, metric) in kept
    )
    inside: NDArray[np.float64] = outcome["telemetry"]
    layers = tuple(
        LayerTelemetry(name, *(np.ascontiguousarray(inside[:, number, quantity]) for quantity in range(5)))
        for number, name in enumerate(outcome["layers"])
    )
    logits: NDArray[np.float64] = outcome["logits"]
    return Run(
        recipe=job.recipe,
        seed=job.seed,
        split=job.split,
        encoding=job.encoding,
        status=RunStatus(outcome["status"]),
        reason=outcome["reason"],
        best_epoch=outcome["best_epoch"],
        history=History(epochs, series),
        telemetry=Telemetry(epochs, layers, logits[:, 0].copy(), logits[:, 1].copy()),
        weights=outcome["weights"],
        progress=Progress(outcome["epochs"], outcome["steps"], tuple(outcome["slots"])),
    )


def _columns(job: Job) -> list[tuple[str, int]]:
    """Name and column of each series of the job's history."""
    kept = _recorded(job)
    return [
        (name, column)
        for column, (name, series) in enumerate(zip(lowering.COLUMNS, lowering.SERIES, strict=True))
        if series in kept
    ]


def _recorded(job: Job) -> set[tuple[str, str]]:
    """The series of the job's history."""
    left_out = {series for metric, series in lowering.RUNNING.items() if metric not in job.running_metrics}
    return set(lowering.SERIES) - left_out


def _objective(job: Job, weighted: bool) -> Quantity:
    stack = job.recipe.network.stack()
    return Quantity(
        weighted=weighted or job.recipe.imbalance.class_weight != "none",
        penalized=any(
            getattr(layer, name, 0.0) > 0.0 for layer in stack for name in ("l1", "l2", "bias_l1", "bias_l2")
        ),
        dropout=any(layer.layer == "dropout" for layer in stack),
        epoch_mean=True,
    )
