"""What a few points of a search take, found by training them for a moment."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.data import Split, Table
from steelyard.engine.lowering import batch_size, metric_rows
from steelyard.errors import RecipeError
from steelyard.folds import VALIDATION_SHARE
from steelyard.jobs import Preparation, Task, train_together
from steelyard.memory import network_bytes, resting_bytes
from steelyard.metrics import Metric
from steelyard.recipe import Change, Recipe, apply
from steelyard.run import RunStatus
from steelyard.study import Plan, Point
from steelyard.tuning.evaluation import check_metrics, parts_of
from steelyard.tuning.evaluation.checks import check_recipes
from steelyard.tuning.evaluation.gauge import gauge_of
from steelyard.tuning.sampling import design, is_adaptive
from steelyard.tuning.space import recipe_of

Numbers = NDArray[np.float64]

_SAMPLE = 8
"""Points that are measured: enough for a mean of networks that differ in size."""

_STEPS, _EPOCHS = 100, 2
"""What each of them is trained for: a fraction of a second with most networks."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What was found on a sample of points, on the first fold; arrays are (points,)."""

    epochs: Numbers
    """Of the recipes."""
    steps: Numbers
    """In an epoch."""
    seconds: Numbers
    """Of an epoch on one thread."""
    bytes: Numbers
    """Of a network, done."""
    resting: Numbers
    """Of a network, waiting for others."""
    preparing: float
    """Seconds for all preprocessing and resampling of the sample."""
    alike: bool
    """Did the sample need a single preprocessing and resampling?"""
    share: float
    """Of the search's rows, those that the fold learns from."""


def measure(table: Table, plan: Plan, trials: int, threads: int) -> Measured:
    """Trains points spread over the first ``trials`` ones, on rows of the first fold.

    Raises KeyboardInterrupt for Ctrl-C, and what :func:`~steelyard.tuning.evaluation.evaluate` raises for a
    plan that makes no sense, and RecipeError if the rows allow none of the points.
    """
    parts = parts_of(table, plan)
    metrics = check_metrics(table, plan, parts)
    recipes = [recipe_of(plan, point) for point in _sample(plan, trials)]
    check_recipes(recipes)
    preparation = Preparation(table)
    began = time.perf_counter()
    tasks = _prepared(preparation, recipes, parts.splits[0], plan.seed)
    preparing = time.perf_counter() - began
    learned = [len(task.resampled.rows) + len(task.resampled.synthetic_target) for task in tasks]
    steps = [
        math.ceil(rows / batch_size(task.recipe.training, rows))
        for task, rows in zip(tasks, learned, strict=True)
    ]
    seconds = _seconds_of_epochs(table, tasks, steps, threads)
    return Measured(
        epochs=np.array([task.recipe.training.epochs for task in tasks], np.float64),
        steps=np.array(steps, np.float64),
        seconds=seconds + np.array([_seconds_of_metrics(table, task, metrics) for task in tasks]),
        bytes=np.array([network_bytes(task) for task in tasks], np.float64),
        resting=np.array([resting_bytes(task) for task in tasks], np.float64),
        preparing=preparing,
        alike=len({id(task.resampled) for task in tasks}) == 1,
        share=learned_shares(plan)[0],
    )


def _prepared(preparation: Preparation, recipes: Sequence[Recipe], split: Split, seed: int) -> list[Task]:
    """Those that the rows allow; if they allow none, the first refusal is raised."""
    tasks: list[Task] = []
    refusals: list[RecipeError] = []
    for recipe in recipes:
        try:
            tasks.append(preparation.task(recipe, split, seed=seed))
        except RecipeError as error:
            refusals.append(error)
    if not tasks:
        raise refusals[0]
    return tasks


def _sample(plan: Plan, trials: int) -> list[Point]:
    """Points spread over those of the search."""
    count = min(_SAMPLE, trials)
    if is_adaptive(plan.sampler):
        return design(plan.model_copy(update={"sampler": "random"}), 0, count)
    return [design(plan, number * trials // count, 1)[0] for number in range(count)]


def _seconds_of_epochs(table: Table, tasks: Sequence[Task], steps: Sequence[int], threads: int) -> Numbers:
    """(tasks,) Of one thread, while all are busy.

    Each task is made smaller by a factor that leaves it some steps: rows to learn from, to measure training
    curves on and to validate on all by the same, so that a step with its share of the measuring is what it
    was.
    """
    networks = max(1, math.ceil(threads / len(tasks)))
    smaller = [
        _shrunk(table, task, min(1.0, _STEPS / count)) for task, count in zip(tasks, steps, strict=True)
    ]
    trained = train_together(table, smaller, networks, threads=threads)
    if any(run.status is RunStatus.INTERRUPTED for runs in trained for run in runs):
        raise KeyboardInterrupt
    made = np.array([sum(run.progress.steps for run in runs if run.progress) for runs in trained], np.float64)
    taken = np.array([sum(run.history["train_seconds"].sum() for run in runs) for runs in trained])
    # A network that diverged at its first step tells nothing; those beside it stand for it.
    known = (made > 0.0) & (taken > 0.0)
    by_step = np.full(len(tasks), taken[known].sum() / made[known].sum() if known.any() else 0.0)
    by_step[known] = taken[known] / made[known]
    return np.asarray(by_step * np.array(steps), np.float64)


def _shrunk(table: Table, task: Task, share: float) -> Task:
    """The task with a share of its rows and a few epochs."""

    def some(rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return metric_rows(rows, table.target[rows], max(2, round(len(rows) * share)))

    learned = len(task.resampled.rows) + len(task.resampled.synthetic_target)
    recipe = apply(
        task.recipe,
        Change("training.epochs", _EPOCHS),
        Change("training.patience", None),
        Change("training.batch_size", batch_size(task.recipe.training, learned)),
        Change("training.train_metric_rows", max(1, round(task.recipe.training.train_metric_rows * share))),
    )
    split = Split(some(task.split.train), some(task.split.validation), task.split.test, task.split.method)
    rows = np.resize(split.train, max(2, round(learned * share)))
    resampled = dataclasses.replace(
        task.resampled,
        rows=rows,
        synthetic=None,
        synthetic_target=np.zeros(0, np.uint8),
        synthetic_weights=None,
    )
    return dataclasses.replace(task, recipe=recipe, split=split, resampled=resampled)


def _seconds_of_metrics(table: Table, task: Task, metrics: Mapping[str, Metric]) -> float:
    """What an epoch takes for metrics that the engine does not measure."""
    gauge = gauge_of(table, task, metrics)
    if not gauge.computed:
        return 0.0
    logits = np.random.default_rng(0).normal(size=len(task.split.validation)).astype(np.float32)
    gauge.measure(logits)
    began = time.perf_counter()
    gauge.measure(logits)
    return time.perf_counter() - began


def learned_shares(plan: Plan) -> list[float]:
    """The share of the search's rows that each fold learns from, nearly."""
    if plan.folds == 1:
        return [1.0 - VALIDATION_SHARE]
    if plan.by in ("time", "file_order"):
        return [fold / (plan.folds + 1) for fold in range(1, plan.folds + 1)]
    return [1.0 - 1.0 / plan.folds] * plan.folds
