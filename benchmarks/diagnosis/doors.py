"""One experiment seen through two doors: the log of a Keras program, and that of our own run.

Both are trained by our engine, which has Keras' formulas. Through the first only that goes which Keras would
log, as JSON, and what a person knows of his own program.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.diagnosis.rows import Rows
from steelyard.baselines import logistic_regression
from steelyard.checks import check
from steelyard.data import Table
from steelyard.diagnosis.readers import keras_history
from steelyard.diagnosis.readers.enriching import with_facts
from steelyard.diagnosis.run import class_weight_facts, layer_facts, log_of_run, recipe_facts
from steelyard.engine import Job, OnEpoch, fit_population, predict_probability
from steelyard.engine.lowering import batch_size
from steelyard.jobs import Task, prepare
from steelyard.log import Facts, FeatureFact, LayerFact, Log, Predictions
from steelyard.metrics import score
from steelyard.recipe import Recipe
from steelyard.resampling import join
from steelyard.run import Model, Readout, Run, RunStatus
from steelyard.tables import table_from

Logs = Mapping[str, Log]
"""What is known of an experiment, by the door it was seen through."""

_METRICS = ("accuracy", "precision", "recall", "f1", "roc_auc")
_KERAS = MappingProxyType({"f1": "f1_score", "roc_auc": "auc"})


@dataclass(frozen=True, eq=False)
class Experiment:
    """A network to train. ``said`` are facts as the program around it tells them, where that is not how it
    was trained: class weights that were asked for and ignored."""

    rows: Rows
    recipe: Recipe
    seed: int
    said: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def both(experiment: Experiment) -> Logs:
    """Through both doors."""
    return {"keras": as_keras(experiment), "steelyard": as_ours(experiment)}


def keras_only(experiment: Experiment) -> Logs:
    """For what Steelyard does not let happen."""
    return {"keras": as_keras(experiment)}


def as_keras(experiment: Experiment, on_epoch: OnEpoch | None = None) -> Log:
    """What ``model.fit`` would have returned, with the facts of the program around it.

    ``on_epoch`` watches, as a callback would. Weights and resampling stay in the probabilities, for Keras
    takes nothing out of them.
    """
    task, table = _ready(experiment)
    run, target = _train(replace(task, offset=0.0), table, _METRICS, on_epoch)
    history = _history(run)
    log = keras_history.log_of(json.loads(json.dumps(history)), f"history of seed {experiment.seed}")
    facts = _facts(experiment, task, target, run)
    return with_facts(log, Facts(**{**facts, **experiment.said}))


def as_ours(experiment: Experiment) -> Log:
    """What Steelyard knows of the same training."""
    task, table = _ready(experiment)
    run, _ = _train(task, table, ())
    split = task.split
    model = Model(table.schema, run.encoding, run.recipe.network, (run.weights,), Readout(offset=task.offset))
    p = predict_probability(model, table.features)
    yardstick = score(
        table.target[split.validation],
        logistic_regression(table, split, task.encoding).probabilities["validation"],
    )
    learned_from = task.resampled.labels(table.target)
    return log_of_run(
        run,
        positives_train=int(table.target[split.train].sum()),
        batch_size=batch_size(experiment.recipe.training, len(learned_from)),
        validation=Predictions(table.target[split.validation], p[split.validation]),
        train=Predictions(table.target[split.train], p[split.train]),
        logistic_loss=yardstick.log_loss,
        logistic_auc=yardstick.roc_auc,
        data_warnings={
            found.code: found.message for found in check(table, split, experiment.recipe.imbalance.resampling)
        },
        source=f"seed {experiment.seed}",
    )


def _ready(experiment: Experiment) -> tuple[Task, Table]:
    table = table_from(experiment.rows.inputs, experiment.rows.target, positive=1)
    return prepare(table, experiment.recipe, experiment.rows.split, seed=experiment.seed), table


def _train(
    task: Task, table: Table, running: tuple[str, ...], on_epoch: OnEpoch | None = None
) -> tuple[Run, NDArray[np.uint8]]:
    """The run, and the labels it learned from."""
    joined = join(table.features, table.target, None, [task.resampled])
    job = Job(
        task.recipe,
        task.split,
        task.encoding,
        task.seed,
        resampled=joined.rows[0],
        prior_offset=task.offset,
        running_metrics=running,
    )
    (run,) = fit_population(joined.features, joined.target, [job], threads=1, on_epoch=on_epoch)
    return run, joined.target[joined.rows[0]]


def _history(run: Run) -> dict[str, list[float]]:
    """As Keras logs: the training loss with all that is optimised, the validation loss with the penalty; what
    is undefined is 0. Keras goes on when the loss is no number: then so is all that follows, and no row is
    called positive."""
    lost = run.recipe.training.epochs - len(run.history) if run.status is RunStatus.DIVERGED else 0
    curves = {"loss": run.history["train_objective"]}
    curves |= {name: run.history[f"train_running_{name}"] for name in _METRICS}
    curves["val_loss"] = run.history["validation_loss"] + run.history["train_penalty"]
    curves |= {f"val_{name}": run.history[f"validation_{name}"] for name in _METRICS}
    history = {}
    for name, values in curves.items():
        whole = np.append(values, np.full(lost, np.nan))
        history[_named(name)] = (whole if name.endswith("loss") else np.nan_to_num(whole)).tolist()
    return history


def _named(name: str) -> str:
    part, metric = ("val_", name.removeprefix("val_")) if name.startswith("val_") else ("", name)
    return part + _KERAS.get(metric, metric)


def _facts(experiment: Experiment, task: Task, learned_from: NDArray[np.uint8], run: Run) -> dict[str, Any]:
    recipe, rows = experiment.recipe, experiment.rows
    validation = rows.target[rows.split.validation]
    facts = {
        **recipe_facts(recipe, task.encoding.inputs),
        **class_weight_facts(recipe, float(learned_from.mean())),
    }
    weights = recipe.imbalance.class_weight
    if weights == "balanced":
        share = float(learned_from.mean())
        facts |= {"class_weight": (0.5 / (1.0 - share), 0.5 / share), "class_weight_type": "dict"}
    stopping = facts["stopping"]
    return facts | {
        "framework": "keras 3",
        "from_logits": False,
        "layers": keras_layers(recipe, task.encoding.inputs),
        "batch_size": batch_size(recipe.training, len(learned_from)),
        "stopping": None if recipe.training.patience is None else replace(stopping, monitor="val_loss"),
        "sample_weight": False,
        "rows_train": len(learned_from),
        "rows_validation": len(validation),
        "positives_train": int(learned_from.sum()),
        "positives_validation": int(validation.sum()),
        "validation_way": rows.way,
        "validation_is_test": False,
        "resampling": recipe.imbalance.resampling.name,
        "resampled_before_split": False,
        "features": features(rows),
        "base_rate": float(rows.target.mean()),
    }


def keras_layers(recipe: Recipe, inputs: int | None) -> tuple[LayerFact, ...]:
    """The layers as a Keras program has them: with the sigmoid in the last one."""
    *hidden, last = layer_facts(recipe.network, inputs)
    return (*hidden, replace(last, activation="sigmoid"))


def features(rows: Rows) -> tuple[FeatureFact, ...]:
    """The inputs as they are before any scaling, on the training rows."""
    x = rows.inputs[rows.split.train].astype(np.float64)
    return tuple(
        FeatureFact(
            f"column_{number}",
            len(column),
            float(column.min()),
            float(column.max()),
            float(column.mean()),
            float(column.std()),
            len(np.unique(column)),
        )
        for number, column in enumerate(x.T, start=1)
    )
