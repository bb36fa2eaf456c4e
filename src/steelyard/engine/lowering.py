"""Recipe and data, turned into the flat description that the extension reads.

Whatever needs the training rows is decided here: class weights, the base rate for the last bias
and for logit adjustment, the rows on which the plain training curves are measured. The extension
knows formulas, not intentions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.data.encoding import Encoding
from steelyard.engine.job import Job
from steelyard.errors import DataError, RecipeError
from steelyard.recipe import imbalance, initializer, loss, network, optimizer, schedule
from steelyard.recipe.recipe import Recipe
from steelyard.recipe.training import Training

METRICS = ("loss", "accuracy", "precision", "recall", "f1", "roc_auc", "average_precision")
RUNNING = {metric: ("train", f"running_{metric}") for metric in METRICS}
SERIES = (
    ("train", "objective"),
    ("train", "penalty"),
    ("train", "learning_rate"),
    ("train", "seconds"),
    *(("train", metric) for metric in METRICS),
    *(("validation", metric) for metric in METRICS),
    *RUNNING.values(),
)
"""The columns of the history that the extension returns."""
COLUMNS = tuple(f"{split}_{metric}" for split, metric in SERIES)
_RANKING = ("roc_auc", "average_precision")
_FALLING = ("loss", "objective")

Flat = dict[str, Any]


def lower_job(job: Job, target: NDArray[np.uint8], row_weights: NDArray[np.float32] | None) -> Flat:
    """The whole job as plain numbers, names and arrays."""
    recipe, natural = job.recipe, job.split.train
    if job.resampled is None:
        _refuse_resampling(recipe.imbalance)
    train = natural if job.resampled is None else job.resampled
    labels = target[train]
    weights = class_weights(recipe.imbalance, labels)
    base = class_totals(labels, None if row_weights is None else row_weights[train])
    stack = recipe.network.stack()
    _check_stack(stack, job.encoding)
    return {
        "network": lower_network(
            recipe.network, log_odds=_log_odds(weights[0] * base[0], weights[1] * base[1])
        ),
        "encoding": lower_encoding(job.encoding),
        "loss": _loss(recipe.loss, weights, labels, job.prior_offset),
        "optimizer": _optimizer(recipe.optimizer, has_validation=len(job.split.validation) > 0),
        "training": _training(
            recipe,
            len(train),
            _positive_share(recipe.imbalance, labels),
            has_validation=len(job.split.validation) > 0,
        ),
        "seed": job.seed,
        "train": _rows(train),
        "validation": _rows(job.split.validation),
        "metric_rows": _rows(metric_rows(natural, target[natural], recipe.training.train_metric_rows)),
        "initial_weights": lower_weights(job.initial_weights or {}),
        "epochs_before": job.progress.epochs if job.progress else 0,
        "steps_before": job.progress.steps if job.progress else 0,
        "slots": [lower_weights(slot) for slot in job.progress.slots] if job.progress else [],
        "running_metrics": bool(job.running_metrics),
        "running_ranking": any(metric in _RANKING for metric in job.running_metrics),
    }


def lower_weights(weights: Mapping[str, NDArray[np.float32]]) -> Flat:
    """Tensors as C-contiguous float32 arrays."""
    return {name: np.ascontiguousarray(tensor, dtype=np.float32) for name, tensor in weights.items()}


def lower_encoding(encoding: Encoding) -> Flat:
    """A fitted encoding."""
    return {
        "shift": np.ascontiguousarray(encoding.shift, np.float32),
        "scale": np.ascontiguousarray(encoding.scale, np.float32),
        "fill": np.ascontiguousarray(encoding.fill, np.float32),
        "inverse_clip": np.ascontiguousarray(encoding.inverse_clip, np.float32),
        "indicators": np.ascontiguousarray(encoding.indicators, np.int32),
        "categories": [
            {
                "slots": np.ascontiguousarray(category.slots, np.int32),
                "size": category.size,
                "embedding_dim": category.embedding_dim,
            }
            for category in encoding.categories
        ],
    }


def lower_network(net: network.Network, log_odds: float = 0.0) -> Flat:
    """A network; ``log_odds`` is what the initializer of that name stands for."""
    return {
        "layers": [_layer(layer, log_odds) for layer in net.stack()],
        "embedding_initializer": _initializer(net.embedding_initializer, log_odds),
    }


def class_totals(labels: NDArray[np.uint8], row_weights: NDArray[np.float32] | None) -> tuple[float, float]:
    """Rows, or the weight of the rows, of the negative and of the positive class."""
    if row_weights is None:
        positive, total = float(np.count_nonzero(labels)), float(len(labels))
    else:
        positive, total = (
            float(row_weights @ labels.astype(np.float64)),
            float(row_weights.sum(dtype=np.float64)),
        )
    return total - positive, positive


def class_weights(spec: imbalance.Imbalance, labels: NDArray[np.uint8]) -> tuple[float, float]:
    """Weights of negative and positive rows.

    >>> class_weights(imbalance.Imbalance(class_weight="balanced"), np.array([0, 0, 0, 1], np.uint8))
    (0.6666666666666666, 2.0)
    """
    if isinstance(spec.class_weight, imbalance.ClassWeight):
        return spec.class_weight.negative, spec.class_weight.positive
    if spec.class_weight == "none":
        return 1.0, 1.0
    _need_both_classes(f"imbalance.class_weight: {spec.class_weight!r}", labels)
    positives = int(labels.sum())
    negatives = len(labels) - positives
    balanced = (len(labels) / (2 * negatives), len(labels) / (2 * positives))
    if spec.class_weight == "balanced":
        return balanced
    return math.sqrt(balanced[0]), math.sqrt(balanced[1])


def batch_size(spec: Training, rows: int) -> int:
    """Rows per step when ``rows`` rows train.

    >>> [batch_size(Training(), rows) for rows in (100, 3000, 20_000, 10**7)]
    [16, 64, 256, 256]
    """
    if spec.batch_size != "auto":
        return spec.batch_size
    return int(2 ** np.floor(np.log2(np.clip(rows / 32, 16, 256))))


def metric_rows(train: NDArray[np.int64], labels: NDArray[np.uint8], limit: int) -> NDArray[np.int64]:
    """At most ``limit`` training rows with the class ratio of all of them, spread evenly over the table.

    Each class keeps the same share of its rows, at least one.
    """
    if len(train) <= limit:
        return train
    parts = []
    for label in (0, 1):
        rows = train[labels == label]
        count = min(len(rows), max(1, round(limit * len(rows) / len(train)))) if len(rows) else 0
        parts.append(rows[np.linspace(0, len(rows) - 1, count).astype(np.int64)] if count else rows)
    return np.sort(np.concatenate(parts))


def _rows(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.ascontiguousarray(rows, np.int64)


def _need_both_classes(what: str, labels: NDArray[np.uint8]) -> None:
    positives = int(labels.sum())
    if positives in (0, len(labels)):
        raise DataError(
            f"{what} needs both classes among the training rows; found {positives} positive of {len(labels)}"
        )


def _log_odds(negative: float, positive: float) -> float:
    # One class only (or no weight on it): half a row stands in for it, so that the logit is finite.
    return math.log(max(positive, 0.5) / max(negative, 0.5))


def _check_stack(stack: tuple[network.Layer, ...], encoding: Encoding) -> None:
    one_hot = any(category.embedding_dim == 0 for category in encoding.categories)
    if not one_hot:
        return
    for position, layer in enumerate(stack):
        if isinstance(layer, network.Dense):
            return
        if not isinstance(layer, network.Dropout):
            raise RecipeError(
                f"network.layers[{position}]: {layer.layer} cannot stand before the first dense layer when "
                "categories are one-hot, because one-hot columns are never written out",
                help="put a dense layer before it, or embed all categories: preprocessing.one_hot_levels=0",
            )


def _initializer(spec: initializer.Initializer, log_odds: float) -> Flat:
    flat: Flat = {"kind": "constant", "a": 0.0, "b": 0.0, "average_fan": False, "truncated_normal": False}
    match spec:
        case initializer.VarianceScaling(name=name):
            family, distribution = name.rsplit("_", 1)
            flat |= {
                "kind": "variance_scaling",
                "a": 2.0 if family == "he" else 1.0,
                "average_fan": family == "glorot",
                "truncated_normal": distribution == "normal",
            }
        case initializer.Ones():
            flat["a"] = 1.0
        case initializer.Constant(value=value):
            flat["a"] = value
        case initializer.RandomNormal(mean=mean, stddev=stddev):
            flat |= {"kind": "normal", "a": mean, "b": stddev}
        case initializer.RandomUniform(minval=low, maxval=high):
            flat |= {"kind": "uniform", "a": low, "b": high}
        case initializer.LogOdds():
            flat["a"] = log_odds
    return flat


def _layer(spec: network.Layer, log_odds: float) -> Flat:
    match spec:
        case network.Dense():
            flat = spec.model_dump(exclude={"layer", "kernel_initializer", "bias_initializer"})
            return flat | {
                "kind": "dense",
                "kernel_initializer": _initializer(spec.kernel_initializer, log_odds),
                "bias_initializer": _initializer(spec.bias_initializer, log_odds),
            }
        case _:
            return spec.model_dump(exclude={"layer"}) | {"kind": spec.layer}


def _refuse_resampling(spec: imbalance.Imbalance) -> None:
    if not isinstance(spec.resampling, imbalance.NoResampling | imbalance.BalancedBatches):
        raise RecipeError(
            f"imbalance.resampling: {spec.resampling.name!r} belongs to a table and its split: it is "
            "done on the training rows of each fold, after the split, and the engine is given those rows",
            help="use steelyard.train, cross_validate, SteelyardClassifier or fit(resampling=...) of a Keras "
            "program",
        )


def _positive_share(spec: imbalance.Imbalance, labels: NDArray[np.uint8]) -> float:
    if not isinstance(spec.resampling, imbalance.BalancedBatches):
        return 0.0
    _need_both_classes("imbalance.resampling: 'balanced_batches'", labels)
    return spec.resampling.positive_share


def _loss(
    spec: loss.Loss, weights: tuple[float, float], labels: NDArray[np.uint8], prior_offset: float
) -> Flat:
    flat: Flat = {
        "kind": "crossentropy",
        "smoothing": spec.label_smoothing,
        "gamma": 0.0,
        "alpha": -1.0,
        "logit_offset": 0.0,
        "prior_offset": prior_offset,
        "negative_weight": weights[0],
        "positive_weight": weights[1],
    }
    match spec:
        case loss.FocalCrossentropy(gamma=gamma, alpha=alpha):
            flat |= {"kind": "focal", "gamma": gamma, "alpha": -1.0 if alpha is None else alpha}
        case loss.LogitAdjusted(tau=tau):
            _need_both_classes("loss: 'logit_adjusted'", labels)
            flat["logit_offset"] = tau * _log_odds(*class_totals(labels, None))
    return flat


def _optimizer(spec: optimizer.Optimizer, has_validation: bool) -> Flat:
    flat: Flat = {
        "kind": "adam" if spec.name == "adamw" else spec.name,
        "momentum": 0.0,
        "beta_1": 0.9,
        "beta_2": 0.999,
        "rho": 0.9,
        "epsilon": 1e-7,
        "initial_accumulator": 0.0,
        "nesterov": False,
        "amsgrad": False,
        "centered": False,
    }
    given = spec.model_dump(exclude={"name", "schedule"})
    flat |= {key: 0.0 if value is None else value for key, value in given.items()}
    flat["initial_accumulator"] = flat.pop("initial_accumulator_value", 0.0)
    return flat | {"schedule": _schedule(spec.schedule, has_validation)}


def _schedule(spec: schedule.Schedule, has_validation: bool) -> Flat:
    flat: Flat = {
        "kind": spec.name,
        "factor": 1.0,
        "warmup": 0.0,
        "initial": 0.0,
        "final": 0.0,
        "every": 1,
        "monitor": 0,
        "monitor_rises": False,
        "patience": 0,
        "cooldown": 0,
        "min_delta": 0.0,
        "min_learning_rate": 0.0,
    }
    flat |= spec.model_dump(exclude={"name", "initial_divisor", "final_divisor", "monitor"})
    match spec:
        case schedule.OneCycle(initial_divisor=initial, final_divisor=final):
            flat |= {"initial": 1.0 / initial, "final": 1.0 / final}
        case schedule.ReduceOnPlateau(monitor=monitor):
            flat |= {
                "monitor": _column("optimizer.schedule.monitor", monitor, has_validation),
                "monitor_rises": _rises(monitor),
            }
    return flat


def _training(recipe: Recipe, rows: int, positive_share: float, has_validation: bool) -> Flat:
    spec = recipe.training
    # Without early stopping and best weights the monitor only names the best epoch.
    needed = spec.patience is not None or spec.restore_best_weights
    return {
        "epochs": spec.epochs,
        "batch_size": batch_size(spec, rows),
        "shuffle": spec.shuffle,
        "positive_share": positive_share,
        "monitor": _column("training.monitor", recipe.monitor, has_validation or not needed),
        "monitor_rises": _rises(recipe.monitor),
        "patience": spec.patience or 0,
        "min_delta": spec.min_delta,
        "restore_best": spec.restore_best_weights,
        "max_seconds": math.inf if spec.max_seconds is None else spec.max_seconds,
    }


def _column(path: str, name: str, has_validation: bool) -> int:
    if name.startswith("validation_") and not has_validation:
        raise RecipeError(
            f"{path}: is {name!r}, but the split has no validation rows",
            help=f"give validation rows, or set {path} to {name.replace('validation_', 'train_')!r}",
        )
    return COLUMNS.index(name)


def _rises(name: str) -> bool:
    return not name.endswith(_FALLING)
