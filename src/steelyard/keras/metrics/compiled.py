"""From what ``compile(metrics=[...])`` is given to metrics with names of their own."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from steelyard.errors import did_you_mean
from steelyard.keras.checks import import_hint
from steelyard.keras.codes import refuse, warn
from steelyard.keras.metrics import confusion, distance, f_score, functions, ranking
from steelyard.keras.metrics.functions import FunctionMetric, MetricFunction
from steelyard.keras.metrics.metric import Metric, Target
from steelyard.keras.serialized import arguments, read_form, serialized

Spec = str | Metric | type[Metric] | MetricFunction | Mapping[str, Any]
"""A metric in ``compile``: a name, an object, a class, a function, or Keras' configuration of one."""

_COMPLETE: tuple[type[Metric], ...] = (
    confusion.BinaryAccuracy,
    confusion.Precision,
    confusion.Recall,
    f_score.F1Score,
    f_score.FBetaScore,
    ranking.AUC,
    confusion.TruePositives,
    confusion.FalsePositives,
    confusion.TrueNegatives,
    confusion.FalseNegatives,
    distance.BinaryCrossentropy,
    distance.MeanSquaredError,
    distance.RootMeanSquaredError,
    distance.MeanAbsoluteError,
)
_UNDER_A_CONDITION: tuple[type[Metric], ...] = (
    ranking.PrecisionAtRecall,
    ranking.RecallAtPrecision,
    ranking.SensitivityAtSpecificity,
    ranking.SpecificityAtSensitivity,
)

CLASSES = {made.__name__: made for made in (*_COMPLETE, *_UNDER_A_CONDITION)}
"""Metrics by the name of their class."""

NAMES: dict[str, Callable[[], Metric]] = {
    **{name: made for made in _COMPLETE for name in (made.__name__, made.default_name())},
    "accuracy": confusion.BinaryAccuracy,
    "acc": confusion.BinaryAccuracy,
    "f1": lambda: f_score.F1Score(threshold=0.5),
    "crossentropy": distance.BinaryCrossentropy,
    "ce": distance.BinaryCrossentropy,
    "bce": distance.BinaryCrossentropy,
    "BCE": distance.BinaryCrossentropy,
    "mse": distance.MeanSquaredError,
    "MSE": distance.MeanSquaredError,
    "mae": distance.MeanAbsoluteError,
    "MAE": distance.MeanAbsoluteError,
}
"""What a string may be. ``f1`` is ours; the others are Keras'."""

_FUNCTIONS: tuple[tuple[MetricFunction, Callable[[], Metric]], ...] = (
    (functions.binary_accuracy, confusion.BinaryAccuracy),
    (functions.precision, confusion.Precision),
    (functions.recall, confusion.Recall),
    (functions.f1, lambda: f_score.F1Score(threshold=0.5)),
    (functions.auc, ranking.AUC),
    (functions.binary_crossentropy, distance.BinaryCrossentropy),
    (functions.mean_squared_error, distance.MeanSquaredError),
)
"""Our own functions, as the metrics that the engine knows."""


def get(spec: Spec) -> Metric:
    """The metric that ``spec`` means. Its name is the string, the function's name or the object's own.

    >>> get("acc").name, get("acc").series
    ('acc', 'accuracy')
    """
    if isinstance(spec, Metric):
        return spec
    if isinstance(spec, str):
        if spec not in NAMES:
            raise _unknown(spec)
        return _renamed(NAMES[spec](), spec)
    if isinstance(spec, Mapping):
        return deserialize(spec)
    if hasattr(spec, "update_state"):
        kind = spec if isinstance(spec, type) else type(spec)
        raise refuse(
            "K223",
            f"{kind.__module__}.{kind.__qualname__} is a metric of another library",
            help=import_hint(spec, CLASSES, "steelyard.keras.metrics"),
        )
    if inspect.isclass(spec):
        return get(spec())
    if not callable(spec):
        raise _unknown(repr(spec))
    for function, make in _FUNCTIONS:
        if spec is function:
            return _renamed(make(), functions.function_name(spec))
    return FunctionMetric(spec)


def compile_metrics(specs: object) -> list[Metric]:
    """The metrics of a model, each with a name of its own: a second unnamed ``AUC()`` becomes ``auc_1``.

    ``specs`` is None, one metric, or a list of them, nested or by output as Keras allows. The user's
    objects are left as they are. (In Keras numbers go on over all models of a session, so that a
    notebook's second model has ``val_auc_1``; here they begin again with each model.)
    """
    named: dict[str, Metric] = {}
    for metric in map(get, _flat(specs)):
        name = metric.name
        if name == metric.default_name():
            number = 0
            while name in named:
                number += 1
                name = f"{metric.name}_{number}"
        if name in named or name == "loss":
            raise refuse("K226", f"two columns of the history would be called {name!r}")
        named[name] = metric if name == metric.name else _renamed(copy.copy(metric), name)
    return list(named.values())


def warn_undefined(metrics: Sequence[Metric], target: Target, rows: str) -> None:
    """Warns (K122) of metrics that are undefined on these rows, because one class is missing.

    Once per fit; ``rows`` says which: "the validation rows".
    """
    positives = int(np.count_nonzero(target))
    missing = {"positives": positives == 0, "negatives": positives == len(target)}
    for kind, is_missing in missing.items():
        needing = [m.name for m in metrics if is_missing and getattr(m, f"needs_{kind}")]
        if needing:
            warn(
                "K122",
                f"{', '.join(needing)}: undefined (NaN), because {rows} hold no {kind}; Keras reports 0.0.",
            )


def warn_of_logits(metrics: Sequence[Metric]) -> None:
    """Warns (K124) of metrics that compare with a probability, in a model whose output is a logit."""
    compared = [m.name for m in metrics if m.threshold is not None and m.threshold > 0]
    if compared:
        warn(
            "K124",
            f"{', '.join(compared)}: the output is a logit and is compared with a probability, as in Keras. "
            "A probability of 0.5 is a logit of 0: write Precision(thresholds=0), or end the network "
            "with a sigmoid.",
        )


def serialize(metric: Metric) -> dict[str, Any]:
    """Keras 3's configuration of a metric, as in the files it writes."""
    if isinstance(metric, FunctionMetric):
        name = functions.function_name(metric.function)
        return {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}
    return serialized("keras.metrics", type(metric).__name__, metric.get_config())


def deserialize(config: Mapping[str, Any], custom_objects: Mapping[str, Spec] | None = None) -> Metric:
    """The reverse of :func:`serialize`; also reads Keras 2's form, which has no ``module``."""
    name, given = read_form("metric", config)
    if name == "function":
        name, given = str(given), {}
    if custom_objects and name in custom_objects:
        return get(custom_objects[name])
    if name not in CLASSES:
        if name in NAMES:
            return get(name)
        raise _unknown(name)
    made = CLASSES[name]
    return made.from_config(arguments(f"metric {name}", made.__init__, given))


def _flat(specs: object) -> Iterable[Any]:
    if specs is None:
        return
    if isinstance(specs, list | tuple):
        for spec in specs:
            yield from _flat(spec)
    elif isinstance(specs, Mapping) and "class_name" not in specs:
        for spec in specs.values():
            yield from _flat(spec)
    else:
        yield specs


def _renamed(metric: Metric, name: str) -> Metric:
    metric.name = name
    return metric


def _unknown(name: str) -> Exception:
    return refuse(
        "K223",
        f"unknown metric {name}{did_you_mean(name, NAMES)}; known are {', '.join(NAMES)}, the classes "
        f"{', '.join(CLASSES)}, and any function f(y_true, y_pred)",
    )
