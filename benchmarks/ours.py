"""Steelyard's side: the same networks as recipes, trained through ``fit_population`` like everything else."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from benchmarks.workloads import Workload
from steelyard.data import Features, Split, identity
from steelyard.engine import Job, fit_population
from steelyard.recipe import Recipe, recipe_from_dict
from steelyard.run import RunStatus


def recipe(workload: Workload, *, epochs: int, metric_rows: int) -> Recipe:
    """The workload's network; no early stopping, so that every epoch is made."""
    layers: list[dict[str, object]] = []
    for units, rate in zip(workload.hidden, workload.dropout, strict=True):
        layers.append(
            {
                "layer": "dense",
                "units": units,
                "activation": workload.activation,
                "kernel_initializer": workload.kernel_initializer,
                "l2": workload.l2,
            }
        )
        if rate:
            layers.append({"layer": "dropout", "rate": rate})
    layers.append({"layer": "dense", "units": 1})
    return recipe_from_dict(
        {
            "network": {"layers": layers},
            "optimizer": {
                "name": "adam",
                "learning_rate": workload.learning_rate,
                "schedule": {"name": "constant"},
            },
            "training": {
                "epochs": epochs,
                "batch_size": workload.batch_size,
                "monitor": "train_objective",
                "patience": None,
                "restore_best_weights": False,
                "train_metric_rows": metric_rows,
            },
        }
    )


def features(x: NDArray[np.float32]) -> Features:
    """The matrix itself, without a copy; no categories."""
    return Features(x, np.zeros((len(x), 0), np.int32))


def rows(start: int, stop: int) -> NDArray[np.int64]:
    return np.arange(start, stop, dtype=np.int64)


def job(workload: Workload, *, epochs: int, metric_rows: int, validate: bool, seed: int = 0) -> Job:
    """Trains on the first ``train_rows`` rows and, if asked, validates on those after them."""
    train = workload.train_rows
    last = train + (workload.validation_rows if validate else 0)
    split = Split(
        rows(0, train), rows(train, last), rows(last, last), "the first rows train, the next validate"
    )
    return Job(
        recipe(workload, epochs=epochs, metric_rows=metric_rows), split, identity(workload.columns), seed
    )


def seconds(table: Features, target: NDArray[np.uint8], jobs: list[Job], threads: int) -> float:
    """Wall-clock time of training the jobs, everything that ``fit_population`` does included."""
    start = time.perf_counter()
    runs = fit_population(table, target, jobs, threads=threads)
    elapsed = time.perf_counter() - start
    unfinished = [run.reason for run in runs if run.status is not RunStatus.COMPLETED]
    if unfinished:
        raise RuntimeError(f"a benchmark must train to its end, but: {unfinished[0]}")
    return elapsed
