"""What ``model.compile`` asks for: the loss, the metrics, the optimizer and its learning rate."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from steelyard.diagnosis.readers.post.values import ABSENT, Call, Name, number
from steelyard.diagnosis.readers.post.words import snake_case, spoken

_LOSSES = MappingProxyType(
    {
        "bce": "binary_crossentropy",
        "binary_cross_entropy": "binary_crossentropy",
        "mean_squared_error": "mse",
        "mean_absolute_error": "mae",
        "bceloss": "binary_crossentropy",
        "bcewith_logits_loss": "binary_crossentropy",
    }
)
_RATES = MappingProxyType(
    {"adam": 0.001, "adamw": 0.001, "nadam": 0.001, "adamax": 0.001, "rmsprop": 0.001, "sgd": 0.01}
)
"""Learning rates that Keras takes if none is given, where all its versions agree (Nadam's and Adamax's were
0.002 until 2.3)."""
_CLASSES_OF_METRICS = frozenset(
    {
        "precision",
        "recall",
        "auc",
        "accuracy",
        "binary_accuracy",
        "f1_score",
        "fbeta_score",
        "true_positives",
        "false_positives",
        "true_negatives",
        "false_negatives",
        "binary_crossentropy",
        "mean",
        "mean_metric_wrapper",
        "precision_at_recall",
        "recall_at_precision",
        "sensitivity_at_specificity",
        "specificity_at_sensitivity",
    }
)
_FUNCTIONS_OF_KERAS_1 = frozenset({"precision", "recall", "fmeasure", "fbeta_score", "matthews_correlation"})


@dataclass(frozen=True)
class Compiled:
    """The arguments of ``compile``; None for what is not known."""

    loss: str | None = None
    from_logits: bool | None = None
    label_smoothing: float | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    learning_rate_is_default: bool = False
    metrics: tuple[str, ...] | None = None
    metric_functions: tuple[str, ...] | None = None
    pr_metrics: tuple[str, ...] | None = None


def compiled(call: Call, keras_1: bool = False) -> Compiled:
    """What a call of ``compile`` says. ``keras_1``: precision and recall given as strings are functions."""
    loss, from_logits, smoothing = _loss(call.argument(1, "loss"))
    optimizer, rate, default = optimizer_of(call.argument(0, "optimizer"))
    asked = call.argument(2, "metrics")
    metrics, functions = _metrics(asked, keras_1)
    return Compiled(
        loss, from_logits, smoothing, optimizer, rate, default, metrics, functions, _pr_metrics(asked)
    )


def _loss(value: Any) -> tuple[str | None, bool | None, float | None]:
    name = spoken(value)
    if name is None:
        return None, None, None
    loss = _LOSSES.get(name, name)
    known = loss.endswith("crossentropy")
    if not isinstance(value, Call):
        return loss, False if known else None, 0.0 if known else None
    logits = value.argument(0, "from_logits")
    smoothing = number(value.argument(1, "label_smoothing"))
    return (
        loss,
        logits if isinstance(logits, bool) else False if known and logits is ABSENT else None,
        smoothing if smoothing is not None else 0.0 if known else None,
    )


def optimizer_of(value: Any) -> tuple[str | None, float | None, bool]:
    """Name of an optimizer in lower case, its learning rate at the start, and whether that is Keras' own."""
    name = spoken(value)
    if name is None:
        return None, None, False
    name = name.removesuffix("_optimizer").replace("_", "")
    name = {"rms": "rmsprop", "gradientdescent": "sgd"}.get(name, name)
    rate: Any = ABSENT
    if isinstance(value, Call):
        rate = value.argument(0, "learning_rate", "lr")
        if isinstance(rate, Call) and "initial_learning_rate" in rate.keywords:
            rate = rate.keywords["initial_learning_rate"]
        elif isinstance(rate, Call) and "." in rate.function and rate.name == "parameters":
            rate = ABSENT  # PyTorch's first argument
    if rate is ABSENT:
        default = _RATES.get(name)
        return name, default, default is not None
    return name, number(rate), False


def _metrics(value: Any, keras_1: bool) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    if value is ABSENT or value is None:
        return (), ()
    if isinstance(value, str | Name):
        value = [value]
    if not isinstance(value, list | tuple):
        return None, None
    names: list[str] = []
    functions: list[str] = []
    for one in value:
        name = _metric_name(one)
        if name is None:
            return None, None
        names.append(name)
        if _is_a_function(one, name, keras_1):
            functions.append(name)
    return tuple(names), tuple(functions)


def _pr_metrics(value: Any) -> tuple[str, ...] | None:
    """Names of the areas that are of precision and recall; None if there are none, or one of ROC has the same
    name until Keras numbers them."""
    areas = [one for one in (value if isinstance(value, list | tuple) else ()) if isinstance(one, Call)]
    named = [(_metric_name(one), one.argument(1, "curve") == "PR") for one in areas if spoken(one) == "auc"]
    of_roc = {name for name, of_pr in named if not of_pr}
    return tuple(name for name, of_pr in named if of_pr and name and name not in of_roc) or None


def _is_a_function(value: Any, name: str, keras_1: bool) -> bool:
    """Is a metric a function of a batch, whose values Keras averages?"""
    if isinstance(value, Name):
        return snake_case(value.last) not in ("accuracy", "binary_accuracy")
    if isinstance(value, Call):
        return snake_case(value.name) not in _CLASSES_OF_METRICS
    return keras_1 and name in _FUNCTIONS_OF_KERAS_1


def _metric_name(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, Name):
        return value.last
    if isinstance(value, Call):
        given = value.argument(None, "name")
        return given if isinstance(given, str) else spoken(value)
    return None
