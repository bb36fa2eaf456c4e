"""A search as people write it: a loop over settings, all trained on the same rows, and a table at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.diagnosis.doors import Logs, keras_layers
from benchmarks.diagnosis.rows import Rows
from steelyard.engine import Job, fit_population
from steelyard.jobs import Preparation
from steelyard.log import Facts, Log, TrialTable
from steelyard.recipe import Recipe
from steelyard.tables import table_from

_METRICS = {
    "loss": "loss",
    "accuracy": "accuracy",
    "roc_auc": "auc",
    "average_precision": "average_precision",
}


@dataclass(frozen=True, eq=False)
class Trial:
    """What was tried, by the names a person gave, and what that means."""

    parameters: Mapping[str, Any]
    recipe: Recipe


def table_of(
    rows: Rows, trials: Sequence[Trial], *, seed: int, seeds: int = 1, ranked_by: str = "auc"
) -> Logs:
    """Trains every trial with ``seeds`` seeds. A metric is the mean over these of the last epoch, on the
    validation rows; its spread is known from two on."""
    table = table_from(rows.inputs, rows.target, positive=1)
    preparation = Preparation(table)
    tasks = [preparation.task(trial.recipe, rows.split) for trial in trials]
    jobs = [
        Job(task.recipe, task.split, task.encoding, 1000 * seed + number)
        for task in tasks
        for number in range(seeds)
    ]
    runs = fit_population(table.features, table.target, jobs, threads=1)
    metrics, spread = {}, {}
    for name, shown in _METRICS.items():
        values = np.array([run.history[f"validation_{name}"][-1] for run in runs]).reshape(len(trials), seeds)
        metrics[f"validation_{shown}"] = values.mean(axis=1)
        if seeds > 1:
            spread[f"validation_{shown}"] = values.std(axis=1, ddof=1)
    names = dict.fromkeys(name for trial in trials for name in trial.parameters)
    found = TrialTable(
        parameters={name: [trial.parameters.get(name) for trial in trials] for name in names},
        metrics=metrics,
        ranked_by=f"validation_{ranked_by}",
        spread=spread,
        asked=len(trials),
        epochs=np.array([float(trial.recipe.training.epochs) for trial in trials]),
    )
    return {
        "table": Log(f"search of seed {seed}", "table", facts=_facts(rows, trials[0], seeds), trials=found)
    }


def _facts(rows: Rows, trial: Trial, seeds: int) -> Facts:
    train, validation = rows.target[rows.split.train], rows.target[rows.split.validation]
    return Facts(
        framework="keras 3",
        loss="binary_crossentropy",
        layers=keras_layers(trial.recipe, rows.inputs.shape[1]),
        rows_train=len(train),
        rows_validation=len(validation),
        positives_train=int(train.sum()),
        positives_validation=int(validation.sum()),
        validation_way=rows.way,
        validation_is_test=False,
        planned_epochs=trial.recipe.training.epochs,
        seeds=seeds,
    )
