"""Our own runs and studies as logs: with predictions, telemetry, and facts that a foreign log lacks.

Takes plain records and arrays, not the results of procedures: those lie above the diagnosis.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.data.split import Split
from steelyard.history import History, Series
from steelyard.log import Facts, FeatureFact, LayerFact, Log, Predictions, Stopping, TrialTable
from steelyard.recipe.imbalance import ClassWeight
from steelyard.recipe.network import ActivationLayer, BatchNormalization, Dense, Dropout, Network
from steelyard.recipe.recipe import Recipe
from steelyard.run import Run, RunStatus
from steelyard.study.plan import Plan
from steelyard.study.trial import NetworkOutcome, Trial, TrialState

_WAYS = (
    ("stratified", "stratified"),
    ("group", "group"),
    ("time", "time"),
    ("random", "random"),
    ("file order", "tail"),
    ("as given", "given"),
)
"""Words of ``Split.method``, and the way of splitting they tell."""
_PLANNED = MappingProxyType({"random": "stratified", "group": "group", "time": "time", "file_order": "tail"})
_CANONICAL = MappingProxyType({"log_loss": "loss", "roc_auc": "auc"})
"""Names that metrics have elsewhere, and those that curves and trial tables have."""


def log_of_run(
    run: Run,
    *,
    positives_train: int,
    positives_validation: int | None = None,
    validation: Predictions | None = None,
    train: Predictions | None = None,
    row_weights: bool = False,
    batch_size: int | None = None,
    seeds: int | None = None,
    calibration: str | None = None,
    features: tuple[FeatureFact, ...] | None = None,
    logistic_loss: float | None = None,
    logistic_auc: float | None = None,
    data_warnings: Mapping[str, str] | None = None,
    source: str = "",
) -> Log:
    """The log of one network.

    Args:
        run: The network.
        positives_train: Positives among ``run.split.train``, whatever resampling made of these rows: the
            plain curves are measured on them as they are.
        positives_validation: Positives among the validation rows, if it is not for ``validation`` to tell.
        validation: Probabilities of the validation rows, in their order.
        train: Probabilities of training rows, if they are at hand.
        row_weights: Whether rows have weights. Metrics are then no counts of rows.
        batch_size: Rows per step, where the recipe leaves it to the engine.
        seeds: How many networks were trained that differ in nothing but their seed.
        features: The numbers that enter the network, as they enter it.
        calibration: How the model maps what the network says to probabilities: ``logistic``, ``none``, ...
        logistic_loss: Plain log loss of the logistic regression on the validation rows.
        logistic_auc: Its ROC AUC there.
        data_warnings: By code, the warnings about the table and its split; empty if both were looked at and
            nothing was found; None if they were not.
        source: For people, where the run is found: its folder.
    """
    predictions = {
        split: found for split, found in (("validation", validation), ("train", train)) if found is not None
    }
    batch = run.recipe.training.batch_size
    rows_train = len(run.split.train)
    known: dict[str, Any] = {
        **recipe_facts(run.recipe, run.encoding.inputs),
        **class_weight_facts(run.recipe, positives_train / rows_train if rows_train else 0.0),
        "seed": run.seed,
        "rows_train": rows_train,
        "rows_validation": len(run.split.validation) or None,
        "positives_train": positives_train,
        "positives_validation": positives_validation if validation is None else int(validation.target.sum()),
        "sample_weight": row_weights,
        "validation_way": validation_way(run.split.method),
        "validation_is_test": False,
        "resampling": run.recipe.imbalance.resampling.name,
        "resampled_before_split": False,
        "seeds": seeds,
        "calibration": calibration,
        "features": features,
        "logistic_loss": logistic_loss,
        "logistic_auc": logistic_auc,
        "data_warnings": data_warnings,
        "batch_size": batch_size if batch == "auto" else batch,
        "origins": dict.fromkeys(("positives_train", "positives_validation"), "counted"),
    }
    return Log(
        source=source,
        format="steelyard",
        history=with_lost_epoch(run.history)
        if run.status is RunStatus.DIVERGED
        else (run.history if len(run.history) else None),
        facts=Facts(**known),
        telemetry=run.telemetry,
        predictions=predictions,
    )


def log_of_outcome(
    outcome: NetworkOutcome,
    recipe: Recipe,
    split: Split,
    target: NDArray[np.uint8],
    *,
    row_weights: bool = False,
    data_warnings: Mapping[str, str] | None = None,
    source: str = "",
) -> Log:
    """The log of one network of a search: the curves that are kept of it, and its recipe.

    Args:
        outcome: The network.
        recipe: That of its trial.
        split: That of its fold.
        target: The labels of all rows of the table, uint8.
        row_weights: Whether rows have weights.
        data_warnings: As of :func:`log_of_run`.
        source: For people, which network it is.
    """
    rows = {"train": split.train, "validation": split.validation}
    counts = {f"rows_{part}": len(found) for part, found in rows.items()}
    counts |= {f"positives_{part}": int(target[found].sum()) for part, found in rows.items()}
    series = []
    for name, values in outcome.curves.items():
        part, metric = name.split("_", 1)
        series.append(Series(part, metric, np.asarray(values, np.float64)))
    known: dict[str, Any] = {
        **recipe_facts(recipe, None),
        **class_weight_facts(recipe, counts["positives_train"] / max(counts["rows_train"], 1)),
        **counts,
        "validation_way": validation_way(split.method),
        "validation_is_test": False,
        "resampling": recipe.imbalance.resampling.name,
        "resampled_before_split": False,
        "seed": outcome.seed,
        "sample_weight": row_weights,
        "data_warnings": data_warnings,
        "origins": dict.fromkeys(counts, "counted"),
    }
    return Log(
        source=source,
        format="steelyard",
        history=History(np.arange(1, outcome.epochs + 1), tuple(series))
        if series and outcome.epochs
        else None,
        facts=Facts(**known),
    )


def log_of_study(
    plan: Plan,
    trials: Sequence[Trial],
    *,
    asked: int | None = None,
    rows_validation: int | None = None,
    positives_validation: int | None = None,
    source: str = "",
) -> Log:
    """The log of a search: the table of its finished trials, in the order of their numbers.

    A metric is the mean over the networks of a trial at their best epochs, its spread the deviation over
    seeds within a fold, pooled over folds. A pruned trial has the values it had when it was stopped. Each
    network of a trial has a seed of its own, those of different folds too. ``asked`` is how many trials there
    are to be; the rows are those of all folds together, each of which judges once per seed.
    """
    finished = [
        trial for trial in trials if trial.state is not TrialState.RUNNING and trial.values is not None
    ]
    paths = dict.fromkeys(path for trial in finished for path in trial.point)
    values = np.array([trial.values for trial in finished], np.float64)
    values = values.reshape(len(finished), len(plan.metrics))
    names = [f"validation_{_CANONICAL.get(name, name)}" for name in plan.metrics]
    spreads = {
        name: np.array([_over_seeds(trial, metric) for trial in finished])
        for name, metric in zip(names, plan.metrics, strict=True)
    }
    table = TrialTable(
        parameters={path: [trial.point.get(path) for trial in finished] for path in paths},
        metrics={name: np.ascontiguousarray(values[:, column]) for column, name in enumerate(names)},
        ranked_by=names[0],
        spread={name: spread for name, spread in spreads.items() if np.isfinite(spread).any()},
        asked=asked,
        epochs=np.array([_epochs(trial) for trial in finished], np.float64),
    )
    facts: dict[str, Any] = {} if plan.recipe is None else recipe_facts(plan.recipe, None)
    return Log(
        source=source,
        format="steelyard study",
        facts=Facts(
            **{"framework": "steelyard", **facts},
            seeds=plan.folds * plan.seeds,
            rows_validation=rows_validation,
            positives_validation=positives_validation,
            validation_way=_PLANNED[plan.by],
            validation_is_test=False,
        ),
        trials=table,
    )


def validation_way(method: str) -> str | None:
    """The way of splitting that ``Split.method`` tells; None if it tells none.

    >>> validation_way("stratified at random, 60/20/20, seed 0")
    'stratified'
    """
    return next((way for word, way in _WAYS if word in method), None)


def layer_facts(network: Network, inputs: int | None) -> tuple[LayerFact, ...]:
    """The layers from input to logit. The sigmoid belongs to the loss, which takes logits."""
    found = []
    width = inputs
    for layer in network.stack():
        match layer:
            case Dense():
                found.append(
                    LayerFact(
                        "dense",
                        units=layer.units,
                        inputs=width,
                        activation=layer.activation,
                        l1=layer.l1,
                        l2=layer.l2,
                        kernel_initializer=layer.kernel_initializer.name,
                        bias_initializer=layer.bias_initializer.name,
                    )
                )
                width = layer.units
            case ActivationLayer():
                found.append(LayerFact("activation", activation=layer.activation))
            case Dropout():
                found.append(LayerFact("dropout", rate=layer.rate))
            case BatchNormalization():
                found.append(LayerFact("batch_normalization"))
    return tuple(found)


def recipe_facts(recipe: Recipe, inputs: int | None) -> dict[str, Any]:
    """What a recipe alone tells of a run, by the names of :class:`~steelyard.log.Facts`.

    ``inputs`` is the width of what enters the network, if it is known.
    """
    batch = recipe.training.batch_size
    return {
        "framework": "steelyard",
        "loss": recipe.loss.name,
        "from_logits": True,
        "label_smoothing": recipe.loss.label_smoothing,
        "layers": layer_facts(recipe.network, inputs),
        "optimizer": recipe.optimizer.name,
        "learning_rate": recipe.optimizer.learning_rate,
        "batch_size": None if batch == "auto" else batch,
        "planned_epochs": recipe.training.epochs,
        "shuffled": recipe.training.shuffle,
        "metric_functions": (),
        "stopping": _stopping(recipe),
        "scaling": recipe.preprocessing.scaling,
        "scaled_before_split": False,
    }


def class_weight_facts(recipe: Recipe, rate: float) -> dict[str, Any]:
    """The class weights of a recipe for rows whose share of positives is ``rate``, likewise.

    Not those that are worked out from resampled rows, whose share is another.
    """
    weights = recipe.imbalance.class_weight
    if isinstance(weights, ClassWeight):
        return {"class_weight": (weights.negative, weights.positive), "class_weight_type": "dict"}
    if weights == "none":
        return {"class_weight": (1.0, 1.0), "class_weight_type": "none"}
    if recipe.imbalance.resampling.name != "none":
        return {}
    if weights == "square_root" and 0.0 < rate < 1.0:
        pair = (math.sqrt(0.5 / (1.0 - rate)), math.sqrt(0.5 / rate))
        return {"class_weight": pair, "class_weight_type": "dict"}
    return {"class_weight_type": weights}


def with_lost_epoch(history: History) -> History:
    """The curves of a run that diverged, with one epoch more in which no loss is a number: that epoch was
    never finished, so the run itself does not have it."""
    last = int(history.epochs[-1]) if len(history) else 0
    return History(
        np.append(history.epochs, last + 1),
        tuple(replace(one, values=np.append(one.values, math.nan), measured=None) for one in history.series),
    )


def _stopping(recipe: Recipe) -> Stopping | None:
    """None if the epoch is chosen by nothing: all are trained and the last weights kept."""
    training = recipe.training
    if training.patience is None and not training.restore_best_weights:
        return None
    return Stopping(
        monitor=recipe.monitor,
        patience=training.patience,
        mode="min" if recipe.monitor.endswith(("loss", "objective")) else "max",
        restore_best=training.restore_best_weights,
    )


def _epochs(trial: Trial) -> float:
    """The median over its networks."""
    return float(np.median([network.epochs for network in trial.networks])) if trial.networks else math.nan


def _over_seeds(trial: Trial, metric: str) -> float:
    """Pooled over folds; NaN with one seed."""
    folds: dict[int, list[float]] = {}
    for network in trial.networks:
        if metric in network.best:
            folds.setdefault(network.fold, []).append(network.best[metric])
    within = [float(np.var(found, ddof=1)) for found in folds.values() if len(found) > 1]
    return float(np.sqrt(np.mean(within))) if within else math.nan
