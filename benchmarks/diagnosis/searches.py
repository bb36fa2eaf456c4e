"""A search as people write it: a loop over settings, all trained on the same rows, and a table at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.diagnosis.doors import Logs, keras_layers
from benchmarks.diagnosis.rows import Rows
from steelyard.data import Split, Table
from steelyard.diagnosis.run import recipe_facts
from steelyard.engine import Job, fit_population, predict_probability
from steelyard.jobs import Preparation
from steelyard.log import Facts, Log, TrialTable
from steelyard.metrics import score
from steelyard.recipe import Recipe
from steelyard.run import Model, Run
from steelyard.tables import table_from

_METRICS = MappingProxyType(
    {
        "loss": "loss",
        "accuracy": "accuracy",
        "roc_auc": "auc",
        "average_precision": "average_precision",
    }
)
"""The engine's names of what is logged, and those of a table."""


@dataclass(frozen=True, eq=False)
class Trial:
    """What was tried, by the names a person gave, and what that means."""

    parameters: Mapping[str, Any]
    recipe: Recipe


@dataclass(frozen=True, eq=False)
class Search:
    """All networks of a search. ``scores`` holds float64 (trials, folds, seeds) by the name a table has for
    it; ``epochs`` (trials, folds, seeds) how long each trained."""

    source: str
    trials: tuple[Trial, ...]
    scores: Mapping[str, NDArray[np.float64]]
    epochs: NDArray[np.float64]
    facts: Facts


def search(
    rows: Rows, trials: Sequence[Trial], *, seed: int, seeds: int = 1, folds: Sequence[Split] = ()
) -> Search:
    """Trains every trial with ``seeds`` seeds in every fold (none: on the split of the rows).

    A score is that of the weights that are kept, on the validation rows; the ROC AUC on test rows is there
    too if the split has any. The loss has the penalty in it, as Keras logs it.
    """
    splits = tuple(folds) or (rows.split,)
    table = table_from(rows.inputs, rows.target, positive=1)
    preparation = Preparation(table)
    tasks = [preparation.task(trial.recipe, split) for trial in trials for split in splits]
    jobs = [
        Job(task.recipe, task.split, task.encoding, 1000 * seed + number)
        for task in tasks
        for number in range(seeds)
    ]
    runs = fit_population(table.features, table.target, jobs, threads=1)
    kept = [_kept(run, table) for run in runs]
    shape = (len(trials), len(splits), seeds)
    return Search(
        f"search of seed {seed}",
        tuple(trials),
        {name: np.array([one[name] for one in kept]).reshape(shape) for name in kept[0]},
        np.array([float(len(run.history)) for run in runs]).reshape(shape),
        _facts(rows, trials, splits, seeds),
    )


def table_of(
    rows: Rows, trials: Sequence[Trial], *, seed: int, seeds: int = 1, ranked_by: str = "auc"
) -> Logs:
    """The table of a search on one split."""
    return as_table(search(rows, trials, seed=seed, seeds=seeds), ranked_by)


def as_table(found: Search, ranked_by: str) -> Logs:
    """A row per trial: means over folds and seeds; the spread over seeds within a fold from two on."""
    spread = {}
    if found.epochs.shape[2] > 1:
        spread = {
            name: np.sqrt(values.var(axis=2, ddof=1).mean(axis=1)) for name, values in found.scores.items()
        }
    return _log(
        found,
        TrialTable(
            parameters=_columns(found.trials),
            metrics={name: values.mean(axis=(1, 2)) for name, values in found.scores.items()},
            ranked_by=f"validation_{ranked_by}",
            spread=spread,
            asked=len(found.trials),
            epochs=found.epochs.mean(axis=(1, 2)),
        ),
    )


def as_rows(found: Search, ranked_by: str) -> Logs:
    """A row per network of a search without folds, with its seed as a column."""
    seeds = found.epochs.shape[2]
    every = [trial for trial in found.trials for _ in range(seeds)]
    log = _log(
        found,
        TrialTable(
            parameters={**_columns(every), "seed": list(range(seeds)) * len(found.trials)},
            metrics={name: values.reshape(-1) for name, values in found.scores.items()},
            ranked_by=f"validation_{ranked_by}",
            asked=len(every),
            epochs=found.epochs.reshape(-1),
        ),
    )
    return {door: replace(one, facts=replace(one.facts, seeds=None)) for door, one in log.items()}


def _kept(run: Run, table: Table) -> dict[str, float]:
    at = run.best_epoch - 1 if run.recipe.training.restore_best_weights else -1
    found = {
        f"validation_{shown}": float(run.history[f"validation_{name}"][at])
        for name, shown in _METRICS.items()
    }
    found["validation_loss"] += float(run.history["train_penalty"][at])
    if len(test := run.split.test):
        model = Model(table.schema, run.encoding, run.recipe.network, (run.weights,))
        p = predict_probability(model, table.features)
        found["test_auc"] = score(table.target[test], p[test]).roc_auc
    return found


def _columns(trials: Sequence[Trial]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for trial in trials for name in trial.parameters)
    return {name: [trial.parameters.get(name) for trial in trials] for name in names}


def _log(found: Search, trials: TrialTable) -> Logs:
    return {"table": Log(found.source, "table", facts=found.facts, trials=trials)}


def _facts(rows: Rows, trials: Sequence[Trial], splits: Sequence[Split], seeds: int) -> Facts:
    """What the program around it tells: of layers only if they are the same in all trials."""
    train = rows.target[splits[0].train]
    validation = np.concatenate([rows.target[split.validation] for split in splits])
    layers = {keras_layers(trial.recipe, rows.inputs.shape[1]) for trial in trials}
    recipe = trials[0].recipe
    stopping = recipe_facts(recipe, rows.inputs.shape[1])["stopping"]
    return Facts(
        framework="keras 3",
        loss="binary_crossentropy",
        layers=layers.pop() if len(layers) == 1 else None,
        stopping=None if recipe.training.patience is None else replace(stopping, monitor="val_loss"),
        rows_train=len(train),
        rows_validation=len(validation),
        positives_train=int(train.sum()),
        positives_validation=int(validation.sum()),
        validation_way=rows.way,
        validation_is_test=False,
        planned_epochs=recipe.training.epochs,
        seeds=len(splits) * seeds,
    )
