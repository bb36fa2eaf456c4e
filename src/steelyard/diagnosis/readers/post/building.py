"""The network that a value of a program is, and the layers it begins with."""

from __future__ import annotations

from typing import Any

from steelyard.diagnosis.readers.post.layers import is_layer
from steelyard.diagnosis.readers.post.program import Network
from steelyard.diagnosis.readers.post.scope import Scope
from steelyard.diagnosis.readers.post.values import ABSENT, Call, Name

MOST_LAYERS = 2000
_WRAPPERS = frozenset({"KerasClassifier", "KerasRegressor"})
_ONLY_NETWORKS = frozenset(
    {"epochs", "nb_epoch", "batch_size", "validation_data", "validation_split", "class_weight", "callbacks"}
)
"""Arguments by which ``fit`` of something unknown is that of a network."""


def built(value: Any, scope: Scope) -> Network | None:
    """A new network, if the value is what makes one: a model of Keras, its wrapper for scikit-learn, or a
    call of a function that returns one."""
    if not isinstance(value, Call):
        return None
    if value.name == "Sequential":
        layers = value.argument(0, "layers")
        return Network(list(layers) if isinstance(layers, list | tuple) else [])
    if value.name in ("Model", "Functional") and value.argument(1, "outputs", "output") is not ABSENT:
        return Network(_chain(value.argument(1, "outputs", "output")))
    if value.name in _WRAPPERS:
        function = value.argument(0, "build_fn", "model")
        known = scope.returned(function.path) if isinstance(function, Name) else None
        return Network(
            None if known is None else known.layers, known.compile if known else None, value.keywords
        )
    known = scope.returned(value.function)
    if known is None:
        return None
    return Network(list(known.layers) if known.layers is not None else None, known.compile)


def is_of_a_network(call: Call, method: str) -> bool:
    """Whether ``add``, ``compile`` or ``fit`` of something unknown is that of a network."""
    if method == "add":
        return is_layer(call.argument(0, "layer"))
    if method == "compile":
        return bool({"loss", "optimizer", "metrics"} & set(call.keywords))
    return bool(_ONLY_NETWORKS & set(call.keywords))


def _chain(output: Any) -> list[Any] | None:
    """The layers of a functional model from its output back to its input, in the order of the data; None
    where they branch."""
    layers: list[Any] = []
    one = output[0] if isinstance(output, list) and len(output) == 1 else output
    while len(layers) < MOST_LAYERS:
        if not isinstance(one, Call):
            return layers[::-1] if isinstance(one, Name) and layers else None
        if isinstance(one.receiver, Call) and not one.function:
            layers.append(one.receiver)
            if len(one.arguments) != 1 or isinstance(one.arguments[0], list | tuple):
                return None
            one = one.arguments[0]
        elif is_layer(one):
            layers.append(one)
            return layers[::-1]
        else:
            return None
    return None
