"""Optimizers by name: reading and writing them, and refusing those there are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steelyard.errors import SteelyardError, did_you_mean
from steelyard.keras.checks import import_hint, listed
from steelyard.keras.codes import refuse
from steelyard.keras.optimizers.optimizer import Optimizer
from steelyard.keras.optimizers.rules import SGD, Adadelta, Adagrad, Adam, Adamax, AdamW, Nadam, RMSprop
from steelyard.keras.serialized import Config, read_form, serialized

OPTIMIZERS: Mapping[str, type[Optimizer]] = {
    each.__name__: each for each in (SGD, Adam, AdamW, Adadelta, Adagrad, RMSprop, Adamax, Nadam)
}
"""The optimizers there are, by the name of the class."""
_NAMES: Mapping[str, type[Optimizer]] = {name.lower(): each for name, each in OPTIMIZERS.items()}

OTHERS = (
    "Adafactor",
    "Ftrl",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "MultiOptimizer",
    "Muon",
    "OptimizerMap",
    "ScheduleFreeAdamW",
)
"""Optimizers that Keras has and the engine does not."""


def get(identifier: object) -> Optimizer:
    """The optimizer meant by a name in any case, a class, an instance or a configuration of Keras 2 or 3.

    Anything else is refused with K206.
    """
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, Mapping):
        name, config = read_form("optimizer", identifier)
        if name.lower() not in _NAMES:
            raise unsupported(name)
        return _NAMES[name.lower()].from_config(config)
    if isinstance(identifier, str):
        if identifier.lower() not in _NAMES:
            raise unsupported(identifier)
        return _NAMES[identifier.lower()]()  # type: ignore[call-arg]  # each has defaults for its arguments
    if isinstance(identifier, type) and identifier in OPTIMIZERS.values():
        made: Optimizer = identifier()
        return made
    raise unsupported(identifier)


def serialize(optimizer: Optimizer) -> Config:
    """Keras 3's serialized form."""
    return serialized("keras.optimizers", type(optimizer).__name__, optimizer.get_config())


def deserialize(config: Mapping[str, Any]) -> Optimizer:
    """The inverse of :func:`serialize`; reads Keras 2's form too."""
    return get(config)


def unsupported(found: object) -> SteelyardError:
    """The error for an optimizer that there is not."""
    name = found if isinstance(found, str) else getattr(found, "__name__", type(found).__name__)
    help = "" if isinstance(found, str) else import_hint(found, OPTIMIZERS, "steelyard.keras.optimizers")
    hint = "" if help or name in OTHERS else did_you_mean(name, OPTIMIZERS)
    names = listed(list(OPTIMIZERS))
    return refuse("K206", f"optimizer {name!r} is not supported{hint}; there are {names}", help)
