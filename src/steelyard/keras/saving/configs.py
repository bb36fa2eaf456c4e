"""The configuration of a network, as Keras 2 and 3 write it, as layers; and back, as Keras 3 does.

``Sequential`` is ``{"name", "layers"}``, before Keras 2.2 the bare list of layers; ``Functional`` is read
where it is one chain. Nothing in a configuration is imported or run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from steelyard.errors import SteelyardError
from steelyard.keras.layers import KNOWN, LAYERS, InputLayer, Layer, deserialize, serialize
from steelyard.keras.layers.layer import FLOAT32
from steelyard.keras.saving.chain import Entry, chain
from steelyard.keras.saving.refusal import Refused, clauses
from steelyard.keras.saving.shapes import parameters
from steelyard.keras.serialized import Config, read_form, serialized

_FUNCTIONAL = ("Functional", "Model")
_MOST_LAYERS = 10_000
_MOST_PARAMETERS = 2**31
_THERE_ARE = f"The layers there are: {', '.join(name for name in LAYERS if name != 'InputLayer')}."


@dataclass(frozen=True, eq=False)
class Architecture:
    """A stack of layers without weights. ``input`` is None if the configuration does not tell it."""

    name: str
    layers: tuple[Layer, ...]
    input: InputLayer | None


def parsed(text: str, place: str) -> Any:
    """JSON as objects; :class:`Refused` where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused("K230", f"{place} is not JSON: {error}") from None


def read_architecture(form: object) -> Architecture:
    """The layers of a model from its configuration; every layer that cannot be used is told at once."""
    if not isinstance(form, Mapping):
        raise Refused("K230", f"a model is described by an object of keys and values, not by {_kind(form)}")
    try:
        kind, config = read_form("the model", form)
    except SteelyardError as error:
        raise _as_refused("the model", error) from None
    if kind != "Sequential" and kind not in _FUNCTIONAL:
        raise Refused(
            "K231",
            f"the model is a {kind}; what can be read is Sequential, and Functional if it is one chain",
        )
    settings: Mapping[str, Any] = config if isinstance(config, Mapping) else {"layers": config}
    entries = _entries(settings.get("layers"))
    if kind in _FUNCTIONAL:
        entries = chain(settings, entries)
    return _architecture(
        str(settings.get("name") or "sequential"), entries, settings.get("build_input_shape")
    )


def model_config(name: str, layers: Sequence[Layer], input: InputLayer | None) -> Config:
    """What ``Sequential.get_config`` of Keras 3 gives. The layers must have names."""
    first = [input] if input is not None else []
    config: Config = {
        "name": name,
        "trainable": True,
        "dtype": FLOAT32,
        "layers": [serialize(layer) for layer in (*first, *layers)],
    }
    if input is not None and layers:
        config["build_input_shape"] = input.batch_shape
    return config


def model_form(name: str, layers: Sequence[Layer], input: InputLayer | None) -> Config:
    """The whole description of a model, as ``to_json`` and ``config.json`` have it."""
    form = serialized("keras", "Sequential", model_config(name, layers, input))
    if input is not None:
        form["build_config"] = {"input_shape": input.batch_shape}
    return form


def legacy_form(form: Config) -> Config:
    """The same as ``.h5`` files have it: layers and model by class name and configuration alone."""
    config = dict(form["config"])
    config["layers"] = [
        {"class_name": layer["class_name"], "config": layer["config"]} for layer in config["layers"]
    ]
    return {"class_name": form["class_name"], "config": config}


def _entries(layers: object) -> list[Entry]:
    if not isinstance(layers, list) or not layers:
        raise Refused("K230", f"the model has no list of layers; found {_kind(layers)}")
    if len(layers) > _MOST_LAYERS:
        raise Refused("K233", f"the model has {len(layers):,} layers; at most {_MOST_LAYERS:,} make sense")
    wrong = [
        f"layer {number} is not an object with a class_name"
        for number, layer in enumerate(layers, 1)
        if not isinstance(layer, Mapping) or not isinstance(layer.get("class_name"), str)
    ]
    if wrong:
        raise Refused("K230", *wrong)
    return layers


def _architecture(name: str, entries: Sequence[Entry], build_input_shape: object) -> Architecture:
    layers: list[Layer] = []
    problems: list[Refused] = []
    for number, entry in enumerate(entries, 1):
        try:
            layers.append(_layer(number, entry))
        except Refused as problem:
            problems.append(problem)
    if problems:
        raise Refused.gathered(*problems)
    first = layers[0] if isinstance(layers[0], InputLayer) else None
    layers = layers[1:] if first else layers
    for number, layer in enumerate(layers, 2 if first else 1):
        if isinstance(layer, InputLayer):
            raise Refused("K231", f"layer {number} {layer.name!r} is a second input; a stack has one")
    twice = {layer.name for layer in layers if sum(layer.name == other.name for other in layers) > 1}
    if twice:
        raise Refused("K231", f"several layers have the same name: {', '.join(sorted(map(str, twice)))}")
    if not layers:
        raise Refused("K231", "the model has an input and no other layer")
    first = first or _implied_input(layers, build_input_shape)
    size = parameters(layers, first.input_width if first else 1)
    if size > _MOST_PARAMETERS:
        raise Refused("K233", f"the network has {size:,} parameters; at most {_MOST_PARAMETERS:,} make sense")
    return Architecture(name, tuple(layers), first)


def _implied_input(layers: Sequence[Layer], build_input_shape: object) -> InputLayer | None:
    """Keras 2 wrote the shape into the first layer; Keras 3 notes with which one the model was built."""
    width = layers[0].input_width
    try:
        if width is not None:
            return InputLayer(shape=(width,))
        if isinstance(build_input_shape, list):
            return InputLayer(batch_shape=build_input_shape)
    except SteelyardError as error:
        raise _as_refused("the input", error) from None
    return None


def _layer(number: int, entry: Entry) -> Layer:
    kind, config = str(entry["class_name"]), entry.get("config")
    name = config.get("name") if isinstance(config, Mapping) else None
    place = f"layer {number} {name!r}" if name else f"layer {number}"
    if kind == "Lambda":
        raise Refused("K233", f"{place} is a Lambda: code inside the file, which is never run")
    registered = entry.get("registered_name")
    if kind not in LAYERS or (isinstance(registered, str) and ">" in registered):
        article = "an" if kind.startswith(("A", "E", "I", "O", "LSTM")) else "a"
        why = KNOWN.get(kind, "it is not one of Keras' own") if kind not in LAYERS else "it is someone's own"
        raise Refused("K231", f"{place} is {article} {registered or kind}: {why}", help=_THERE_ARE)
    try:
        return deserialize(entry, place)
    except SteelyardError as error:
        raise _as_refused(place, error) from None


def _as_refused(place: str, error: SteelyardError) -> Refused:
    refused = Refused("K231")
    refused.problems = clauses(error, place)
    return refused


def _kind(value: object) -> str:
    return {list: "a list", str: "text", dict: "an object", type(None): "nothing"}.get(
        type(value), "a number"
    )
