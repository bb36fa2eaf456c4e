"""A functional model that is one chain of layers, as the list that a Sequential would have.

Keras 2 writes a layer's inputs as ``[[["dense", 0, 0, {}]]]``, Keras 3 as calls with arguments
(``serialize_node`` in ``keras/src/models/functional.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from steelyard.keras.saving.refusal import Refused

Entry = Mapping[str, Any]
"""One layer in a configuration: ``class_name``, ``config``, here also ``name`` and ``inbound_nodes``."""


def chain(config: Mapping[str, Any], entries: Sequence[Entry]) -> list[Entry]:
    """The layers from input to output; :class:`Refused` if they branch, join, are shared or are called
    with anything but the layer before."""
    problems: list[str] = []
    inputs = [_name(entry) for entry in entries if entry.get("class_name") == "InputLayer"]
    if len(inputs) != 1:
        problems.append(f"it has {len(inputs)} inputs ({', '.join(inputs) or 'none'}); a chain has one")
    following: dict[str, Entry] = {}
    for entry in entries:
        name = _name(entry)
        nodes = _list(entry.get("inbound_nodes"))
        if name in inputs:
            continue
        if len(nodes) != 1:
            problems.append(f"layer {name!r} is used {len(nodes)} times; in a chain each is used once")
            continue
        sources = list(_tensors(nodes[0]))
        if len(sources) != 1:
            problems.append(f"layer {name!r} has {len(sources)} inputs; in a chain each has one")
        elif sources[0] in following:
            other = _name(following[sources[0]])
            problems.append(f"layers {other!r} and {name!r} branch off after {sources[0]!r}")
        else:
            following[sources[0]] = entry
            if _settings(nodes[0]):
                problems.append(f"layer {name!r} is called with further arguments: {_settings(nodes[0])}")
    if problems:
        raise Refused(
            "K231", *(f"the functional model is not one chain of layers: {problem}" for problem in problems)
        )
    return _followed(config, entries, following, inputs[0])


def _followed(
    config: Mapping[str, Any], entries: Sequence[Entry], following: Mapping[str, Entry], first: str
) -> list[Entry]:
    path = [next(entry for entry in entries if _name(entry) == first)]
    while (name := _name(path[-1])) in following and len(path) <= len(entries):
        path.append(following[name])
    outputs = list(_named(config.get("output_layers")))
    if outputs != [_name(path[-1])] or len(path) != len(entries):
        raise Refused(
            "K231",
            f"the functional model is not one chain of layers: from {first!r} one comes to "
            f"{_name(path[-1])!r} after {len(path)} of {len(entries)} layers; its outputs are {outputs}",
        )
    return path


def _name(entry: Entry) -> str:
    inner = entry.get("config")
    name = entry.get("name") or (inner.get("name") if isinstance(inner, Mapping) else None)
    return str(name)


def _tensors(node: object) -> Iterator[str]:
    """The layers whose outputs enter a node."""
    if isinstance(node, Mapping):  # Keras 3: {"args": [...], "kwargs": {...}}
        if node.get("class_name") == "__keras_tensor__":
            history = _list(_mapping(node.get("config")).get("keras_history"))
            yield str(history[0]) if history else "?"
        else:
            for value in node.values():
                yield from _tensors(value)
    elif isinstance(node, list):
        if _is_reference(node):  # Keras 2: ["dense", 0, 0, {}]
            yield str(node[0])
        else:
            for value in node:
                yield from _tensors(value)


def _settings(node: object) -> str:
    """What a layer is called with besides its input: ``training=True`` keeps dropout on, say.

    ``training=False`` is what Keras 3 notes where nothing was said.
    """
    if isinstance(node, Mapping):
        given = _mapping(node.get("kwargs"))
    else:
        call = node
        while isinstance(call, list) and call and not _is_reference(call):
            call = call[0]
        given = _mapping(call[3]) if isinstance(call, list) and len(call) > 3 else {}
    return ", ".join(f"{key}={value!r}" for key, value in given.items() if value not in (None, False))


def _named(references: object) -> Iterator[str]:
    """The layers in ``["dense", 0, 0]`` or ``[["dense", 0, 0]]``."""
    if isinstance(references, list):
        if _is_reference(references):
            yield str(references[0])
        else:
            for one in references:
                yield from _named(one)


def _is_reference(value: Sequence[object]) -> bool:
    return len(value) >= 3 and isinstance(value[0], str) and isinstance(value[1], int)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
