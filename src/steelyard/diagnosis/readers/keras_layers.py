"""Layers of a Keras model from its configuration."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from steelyard.diagnosis.readers.names import shown
from steelyard.log import LayerFact

_DEEPEST = 16
_MOST_LAYERS = 10_000
_LARGEST = 2**40
_INPUTS = frozenset({"input_layer", "input"})
_ACTIVATIONS = frozenset(
    {"re_lu", "relu", "leaky_relu", "prelu", "elu", "selu", "softmax", "thresholded_relu"}
)
_KEEP_THE_WIDTH = frozenset(
    {"activation", "batch_normalization", "layer_normalization", "normalization", "rescaling"}
    | {"gaussian_noise", "activity_regularization", "masking", "unit_normalization"}
)
_DEFAULT_PENALTY = 0.01
"""Of a regularizer given by its name."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPELLINGS = MappingProxyType(
    {"ReLU": "relu", "LeakyReLU": "leaky_relu", "PReLU": "prelu", "ELU": "elu", "SELU": "selu"}
    | {"ThresholdedReLU": "thresholded_relu", "L1L2": "l1_l2", "InputLayer": "input_layer"}
)
_OLD_INITIALIZERS = MappingProxyType(
    {"zero": "zeros", "one": "ones", "uniform": "random_uniform", "normal": "random_normal"}
)
_VARIANCES = MappingProxyType({(1.0, "fan_avg"): "glorot", (2.0, "fan_in"): "he", (1.0, "fan_in"): "lecun"})


def layers_of(model: Mapping[str, Any]) -> tuple[LayerFact, ...] | None:
    """The layers from input to output, without input layers; None where they are no chain."""
    chain = _chain(model, _DEEPEST)
    if chain is None:
        return None
    layers: list[LayerFact] = []
    width: int | None = None
    for class_name, config in chain:
        kind = snake_case(class_name)
        width = _stated_width(config) or width
        if kind in _INPUTS:
            continue
        layer = replace(_layer(kind, config), inputs=width)
        layers.append(layer)
        if kind == "dense":
            width = layer.units
        elif not (kind in _KEEP_THE_WIDTH or kind in _ACTIVATIONS or "dropout" in kind):
            width = None
    return tuple(layers) or None


def snake_case(name: str) -> str:
    """The name of a class as Keras writes the object's: ``Custom>BatchNormalization`` too.

    >>> snake_case("BatchNormalization"), snake_case("Custom>ReLU"), snake_case("L1L2")
    ('batch_normalization', 'relu', 'l1_l2')
    """
    own = shown(name).rpartition(">")[2]
    return _SPELLINGS.get(own) or _HUMP.sub("_", own).lower()


def named(value: Any) -> tuple[str | None, Mapping[str, Any]]:
    """Name and config of something serialized: a text, or ``{"class_name": ..., "config": {...}}``."""
    if isinstance(value, str):
        return snake_case(value.strip()) or None, {}
    if not isinstance(value, dict):
        return None, {}
    config = value.get("config")
    name = value.get("class_name", value.get("name"))
    if name == "function" and isinstance(config, str):
        return snake_case(config), {}
    own = config if isinstance(config, dict) else {key: one for key, one in value.items() if key != "name"}
    return (snake_case(name) if isinstance(name, str) else None), own


def number(value: Any) -> float | None:
    """A finite number of JSON."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def _chain(model: Mapping[str, Any], depth: int) -> list[tuple[str, Mapping[str, Any]]] | None:
    """Class and config of each layer in order, those of models inside of the model in their place."""
    config = model.get("config")
    entries = (
        config if isinstance(config, list) else config.get("layers") if isinstance(config, dict) else None
    )
    if not isinstance(entries, list) or not depth or len(entries) > _MOST_LAYERS:
        return None
    if not all(isinstance(one, dict) and isinstance(one.get("class_name"), str) for one in entries):
        return None
    ordered = entries if _is_sequential(model) else _in_order(entries)
    if ordered is None:
        return None
    chain: list[tuple[str, Mapping[str, Any]]] = []
    for entry in ordered:
        own = entry.get("config")
        if isinstance(own, list) or (isinstance(own, dict) and isinstance(own.get("layers"), list)):
            inside = _chain(entry, depth - 1)
            if inside is None or len(chain) + len(inside) > _MOST_LAYERS:
                return None
            chain += inside
        else:
            chain.append((entry["class_name"], own if isinstance(own, dict) else {}))
    return chain


def _is_sequential(model: Mapping[str, Any]) -> bool:
    name = model.get("class_name")
    return isinstance(name, str) and snake_case(name) == "sequential"


def _in_order(entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]] | None:
    """The layers of a functional model along its connections; None if it branches or joins."""
    by_name = {name: one for one in entries if isinstance(name := _name_of(one), str)}
    if len(by_name) != len(entries):
        return None
    before = {
        name: set(_names_in(one.get("inbound_nodes"), by_name, _DEEPEST)) for name, one in by_name.items()
    }
    after: dict[str, str] = {}
    for name, sources in before.items():
        if len(sources) > 1:
            return None
        for source in sources:
            if source in after:
                return None
            after[source] = name
    starts = [name for name, sources in before.items() if not sources]
    if len(starts) != 1:
        return None
    ordered = [starts[0]]
    while (following := after.get(ordered[-1])) is not None and len(ordered) < len(by_name):
        ordered.append(following)
    return [by_name[name] for name in ordered] if len(set(ordered)) == len(by_name) else None


def _name_of(entry: Mapping[str, Any]) -> Any:
    if isinstance(name := entry.get("name"), str):
        return name
    config = entry.get("config")
    return config.get("name") if isinstance(config, dict) else None


def _names_in(value: Any, known: Mapping[str, Any], depth: int) -> Iterator[str]:
    """Names of layers within lists and dicts; ``["dense", 0, 0, {}]`` and ``keras_history`` hold them."""
    if isinstance(value, str):
        if value in known:
            yield value
    elif depth and isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _names_in(one, known, depth - 1)


def _layer(kind: str, config: Mapping[str, Any]) -> LayerFact:
    trainable = config.get("trainable") is not False
    if kind == "dense":
        l1, l2 = _penalty(config.get("kernel_regularizer", config.get("W_regularizer")))
        return LayerFact(
            "dense",
            units=_whole(config.get("units", config.get("output_dim"))),
            activation=_activation(config.get("activation")),
            l1=l1,
            l2=l2,
            kernel_initializer=_initializer(config.get("kernel_initializer", config.get("init"))),
            bias_initializer=_initializer(config.get("bias_initializer")),
            trainable=trainable,
        )
    if kind in _ACTIVATIONS:
        return LayerFact("activation", activation=kind.replace("re_lu", "relu"), trainable=trainable)
    if kind == "activation":
        return LayerFact(kind, activation=_activation(config.get("activation")), trainable=trainable)
    if "dropout" in kind:
        return LayerFact(kind, rate=number(config.get("rate", config.get("p"))), trainable=trainable)
    return LayerFact(kind, trainable=trainable)


def _stated_width(config: Mapping[str, Any]) -> int | None:
    for key in ("batch_shape", "batch_input_shape", "input_shape"):
        shape = config.get(key)
        if isinstance(shape, list) and len(shape) == 2:
            return _whole(shape[1])
    return _whole(config.get("input_dim"))


def _whole(value: Any) -> int | None:
    found = number(value)
    return int(found) if found is not None and 0 < found < _LARGEST and found == int(found) else None


def _activation(value: Any) -> str | None:
    return "linear" if value is None else named(value)[0]


def _initializer(value: Any) -> str | None:
    name, config = named(value)
    if name == "variance_scaling":
        scale, mode = number(config.get("scale")), config.get("mode")
        family = _VARIANCES.get((scale if scale is not None else 1.0, str(mode)))
        return (
            f"{family}_{'uniform' if config.get('distribution') == 'uniform' else 'normal'}"
            if family
            else name
        )
    return _OLD_INITIALIZERS.get(name or "", name)


def _penalty(value: Any) -> tuple[float, float]:
    """L1 and L2 of a regularizer."""
    if isinstance(value, str):
        name = snake_case(value).replace("_", "")
        return (
            _DEFAULT_PENALTY if name in ("l1", "l1l2") else 0.0,
            _DEFAULT_PENALTY if name in ("l2", "l1l2") else 0.0,
        )
    _, config = named(value)
    l1, l2 = (number(config.get(key)) or 0.0 for key in ("l1", "l2"))
    return max(l1, 0.0), max(l2, 0.0)
