"""The form in which Keras writes its objects into configurations, and how to read it.

Keras 3 writes ``{"module", "class_name", "config", "registered_name"}``
(``keras/src/saving/serialization_lib.py``), Keras 2 ``{"class_name", "config"}``, where ``class_name`` may
begin with ``"Custom>"``. Reading never imports or runs anything: a configuration names a class, and whoever
reads it looks the name up among those it has.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from steelyard.errors import did_you_mean
from steelyard.keras.codes import refuse

Config = dict[str, Any]
"""JSON-like: what ``get_config`` returns and ``from_config`` takes."""


def serialized(module: str, class_name: str, config: Config) -> Config:
    """One object in Keras 3's form.

    >>> serialized("keras.regularizers", "L2", {"l2": 0.01})
    {'module': 'keras.regularizers', 'class_name': 'L2', 'config': {'l2': 0.01}, 'registered_name': None}
    """
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


def read_form(where: str, value: Mapping[str, Any]) -> tuple[str, Any]:
    """The class name and the configuration in a serialized object of Keras 2 or 3.

    ``where`` names the object in messages: "kernel_initializer of layer 'dense'". An object of a class that
    is not Keras' own keeps its module in its name, so that it is not taken for one of the same name.

    >>> read_form("optimizer", {"class_name": "Custom>Adam", "config": {"learning_rate": 0.01}})
    ('Adam', {'learning_rate': 0.01})
    """
    name, config = value.get("class_name"), value.get("config", {})
    if not isinstance(name, str) or not name:
        raise refuse("K212", f"{where}: has no class_name; found the keys {sorted(map(str, value))}")
    module = value.get("module")
    if isinstance(module, str) and module.split(".")[0] not in _OF_KERAS:
        return f"{module}.{name}", config
    return name.removeprefix("Custom>"), config


_OF_KERAS = ("keras", "tensorflow", "tf_keras", "builtins")
"""First words of the modules under which Keras' own objects are written."""


def arguments(
    where: str,
    init: Callable[..., Any],
    config: object,
    *,
    further: Sequence[str] = (),
    ignored: Sequence[str] = (),
    renamed: Mapping[str, str] | None = None,
) -> Config:
    """A configuration as keyword arguments of ``init``.

    ``further`` are those that the signature of ``init`` sums up; ``ignored`` are keys without meaning for
    what is computed; ``renamed`` maps Keras 2's keys to today's. Any other key is refused: it could change
    what the object does.
    """
    if not isinstance(config, Mapping):
        raise refuse("K212", f"{where}: its config must be an object of keys and values; found {config!r}")
    known = parameters_of(init, further)
    found: Config = {}
    for key, value in config.items():
        key = (renamed or {}).get(key, key)
        if key in known:
            found[key] = value
        elif key not in ignored:
            raise refuse("K212", f"{where}: {key!r} is not a known key{did_you_mean(key, known)}")
    for parameter in inspect.signature(init).parameters.values():
        optional = parameter.default is not parameter.empty or parameter.kind == parameter.VAR_KEYWORD
        if not optional and parameter.name not in ("self", *found):
            raise refuse("K212", f"{where}: {parameter.name!r} is missing")
    return found


def parameters_of(init: Callable[..., Any], further: Sequence[str] = ()) -> list[str]:
    """The names of the arguments of ``init``, with ``further`` in the place of a ``**``."""
    names: list[str] = []
    for parameter in inspect.signature(init).parameters.values():
        if parameter.kind == parameter.VAR_KEYWORD:
            names += further
        elif parameter.name != "self":
            names.append(parameter.name)
    return names


def snake_case(name: str) -> str:
    """The name Keras gives to objects of a class (``keras/src/utils/naming.py``).

    >>> [snake_case(name) for name in ("Dense", "BatchNormalization", "LeakyReLU", "RMSprop", "AdamW")]
    ['dense', 'batch_normalization', 'leaky_re_lu', 'rm_sprop', 'adam_w']
    """
    parted = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub("([a-z])([A-Z])", r"\1_\2", parted).lower()
