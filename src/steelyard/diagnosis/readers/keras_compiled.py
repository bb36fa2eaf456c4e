"""How a Keras model was compiled, from ``compile_config`` or ``training_config``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from steelyard.diagnosis.readers.keras_layers import named, number
from steelyard.diagnosis.readers.names import shown

_LOSSES = MappingProxyType(
    {"bce": "binary_crossentropy", "mean_squared_error": "mse", "mean_absolute_error": "mae"}
)
_RATES = MappingProxyType(
    {"adam": 0.001, "adamw": 0.001, "nadam": 0.001, "adamax": 0.001, "rmsprop": 0.001, "sgd": 0.01}
)
"""Learning rates that Keras takes if none is given."""
_BY_NAME = frozenset(
    {"accuracy", "acc", "binary_accuracy", "auc", "precision", "recall", "binary_crossentropy", "bce", "mse"}
    | {"mae", "mean_squared_error", "mean_absolute_error", "f1_score", "hinge", "cosine_similarity"}
)
"""Metrics of Keras that can be given as text; any other text is a function."""
_FUNCTION, _PR = "function", "PR"
_MOST = 1000
_DEEPEST = 4


@dataclass(frozen=True)
class Compiled:
    """The arguments of ``compile``; None for what is not known."""

    loss: str | None = None
    from_logits: bool | None = None
    label_smoothing: float | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    metrics: tuple[str, ...] | None = None
    metric_functions: tuple[str, ...] | None = None
    pr_metrics: tuple[str, ...] | None = None


def compiled_of(content: Mapping[str, Any]) -> Compiled:
    """What the configuration says."""
    loss, from_logits, smoothing = _loss(content.get("loss"))
    optimizer, rate = _optimizer(content.get("optimizer", content.get("optimizer_config")))
    metrics = list(_metrics(content.get("metrics"), _DEEPEST))[:_MOST]
    return Compiled(
        loss=loss,
        from_logits=from_logits,
        label_smoothing=smoothing,
        optimizer=optimizer,
        learning_rate=rate,
        metrics=tuple(name for name, _ in metrics),
        metric_functions=tuple(name for name, kind in metrics if kind == _FUNCTION),
        pr_metrics=tuple(name for name, kind in metrics if kind == _PR) or None,
    )


def _loss(value: Any) -> tuple[str | None, bool | None, float | None]:
    """That of one output; several have no one loss."""
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    name, config = named(value)
    if name is None:
        return None, None, None
    if name == "loss_function_wrapper" and isinstance(config.get("fn"), str):
        name = shown(config["fn"])
    loss = _LOSSES.get(name, name)
    if not loss.endswith("crossentropy"):
        return loss, None, None
    logits = config.get("from_logits", False)
    smoothing = number(config.get("label_smoothing", 0.0))
    return loss, logits if isinstance(logits, bool) else None, smoothing


def _optimizer(value: Any) -> tuple[str | None, float | None]:
    name, config = named(value)
    if name is None:
        return None, None
    optimizer = {"rms_prop": "rmsprop"}.get(name, name.replace("_", ""))
    rate = config.get("learning_rate", config.get("lr"))
    if isinstance(rate, dict):
        rate = named(rate)[1].get("initial_learning_rate")
    elif rate is None and isinstance(value, str):
        rate = _RATES.get(optimizer)
    return optimizer, number(rate)


def _metrics(value: Any, depth: int) -> Iterator[tuple[str, str]]:
    """Names, and what each is: a plain function whose values over batches are averaged, an area under the
    curve of precision and recall, or anything else."""
    if isinstance(value, dict) and "class_name" not in value and depth:
        value = list(value.values())
    if isinstance(value, list) and depth:
        for one in value:
            yield from _metrics(one, depth - 1)
        return
    name, config = named(value)
    if name is None:
        return
    given = config.get("name")
    if isinstance(value, str):
        yield shown(value), "" if name in _BY_NAME else _FUNCTION
    elif isinstance(value, dict) and value.get("class_name") == "function":
        yield name, "" if name in _BY_NAME else _FUNCTION
    else:
        kind = _PR if name == "auc" and config.get("curve") == "PR" else ""
        yield (shown(given) if isinstance(given, str) else name), kind
