"""What a model was compiled with: ``compile_config`` in Keras 3's files, ``training_config`` in ``.h5``.

Optimizer and loss must be understood, or the model is loaded without being compiled (K130); a metric that is
not is left out (K131).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from steelyard.errors import SteelyardError
from steelyard.keras import losses, metrics, optimizers
from steelyard.keras.saving.record import Compiled, MetricSpec
from steelyard.keras.serialized import Config

CustomObjects = Mapping[str, Any]

_PLAIN_ACCURACY = ("accuracy", "acc", "binary_accuracy")
_WEIGHTED = "weighted_"


@dataclass(frozen=True)
class Understood:
    """What could be made of a configuration: ``compiled`` is None if the model cannot be compiled.

    ``refused`` says why, ``left_out`` which metrics are missing and why.
    """

    compiled: Compiled | None
    refused: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def read_compile_config(config: object, custom_objects: CustomObjects) -> Understood:
    """Optimizer, loss and metrics; None if the model was not compiled."""
    if not isinstance(config, Mapping) or not config:
        return Understood(None)
    refused: list[str] = []

    def attempt(what: str, read: Callable[[Any], Any], form: object) -> Any:
        try:
            return read(form)
        except SteelyardError as error:
            refused.extend(f"{what}: {problem}" for problem in error.problems)
            return None

    optimizer = attempt("optimizer", optimizers.get, config.get("optimizer", config.get("optimizer_config")))
    loss = attempt("loss", losses.get, _only(config.get("loss")))
    if config.get("loss_weights"):
        refused.append(f"loss_weights: {config['loss_weights']!r} is not supported; there is one loss")
    if refused:
        return Understood(None, tuple(refused))
    kept: list[MetricSpec] = []
    left_out: list[str] = []
    for form in _flat(config.get("metrics")):
        try:
            kept.append(_metric(form, custom_objects))
        except SteelyardError as error:
            left_out += error.problems
    left_out += [
        f"weighted metric {_name(form)}: metrics are not weighted here"
        for form in _flat(config.get("weighted_metrics"))
    ]
    return Understood(Compiled(optimizer, loss, tuple(kept)), left_out=tuple(left_out))


def compile_config(compiled: Compiled) -> Config:
    """Keras 3's form. What is left out has the default of ``compile``."""
    return {
        "optimizer": optimizers.serialize(compiled.optimizer),
        "loss": losses.serialize(compiled.loss),
        "loss_weights": None,
        "metrics": [_metric_form(metric) for metric in compiled.metrics],
        "weighted_metrics": None,
        "run_eagerly": False,
        "steps_per_execution": 1,
    }


def training_config(compiled: Compiled) -> Config:
    """The form in ``.h5`` files: objects by class name and configuration alone."""
    config = compile_config(compiled)
    optimizer = config.pop("optimizer")
    return {
        **config,
        "loss": _legacy(config["loss"]),
        "metrics": [_legacy(metric) for metric in config["metrics"]],
        "optimizer_config": _legacy(optimizer),
    }


def _metric(form: object, custom_objects: CustomObjects) -> MetricSpec:
    if isinstance(form, str):
        if form in custom_objects:
            spec: MetricSpec = custom_objects[form]
            return spec
        metrics.get(form)  # refuses what it does not know
        return form
    assert isinstance(form, Mapping), "_flat gives texts and objects"
    if form.get("class_name") == "MeanMetricWrapper":
        return _wrapped(form, custom_objects)
    return metrics.deserialize(form, custom_objects)


def _wrapped(form: Mapping[str, Any], custom_objects: CustomObjects) -> MetricSpec:
    """Keras 2's way to write a metric that was given as a function or by name."""
    config = form.get("config")
    config = config if isinstance(config, Mapping) else {}
    function, name = str(config.get("fn")), str(config.get("name"))
    name = name.removeprefix(_WEIGHTED)
    if function in _PLAIN_ACCURACY and name in _PLAIN_ACCURACY:
        return name
    made = metrics.get(custom_objects.get(function, function))
    made.name = name
    return made


def _metric_form(metric: MetricSpec) -> str | Config:
    return metric if isinstance(metric, str) else metrics.serialize(metrics.get(metric))


def _legacy(form: str | Config) -> str | Config:
    """A function goes by its name, as Keras has it there."""
    if isinstance(form, str):
        return form
    if form["class_name"] == "function":
        return str(form["config"])
    return {"class_name": form["class_name"], "config": form["config"]}


def _only(form: object) -> object:
    """The loss of a model with one output, which Keras lets one write as a list or by output."""
    if isinstance(form, list) and len(form) == 1:
        return _only(form[0])
    if isinstance(form, Mapping) and "class_name" not in form and len(form) == 1:
        return _only(next(iter(form.values())))
    return form


def _flat(forms: object) -> Iterator[str | Mapping[str, Any]]:
    """The metrics in a list, nested or by output as Keras allows."""
    if isinstance(forms, str) or (isinstance(forms, Mapping) and "class_name" in forms):
        yield forms
    elif isinstance(forms, list | Mapping):
        for form in forms.values() if isinstance(forms, Mapping) else forms:
            yield from _flat(form)


def _name(form: str | Mapping[str, Any]) -> str:
    if isinstance(form, str):
        return repr(form)
    config = form.get("config")
    return repr(config.get("name") if isinstance(config, Mapping) else config)
