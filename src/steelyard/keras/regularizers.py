"""Penalties on weights, by Keras' names (``keras/src/regularizers/regularizers.py``)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any, Self

from steelyard.errors import SteelyardError, did_you_mean
from steelyard.keras.checks import import_hint, listed, real
from steelyard.keras.codes import refuse
from steelyard.keras.serialized import Config, arguments, read_form, serialized

DEFAULT = 0.01
"""Keras' factor where none is written."""


class L1L2:
    """Adds ``l1 * sum(|w|) + l2 * sum(w ** 2)`` to the loss."""

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0) -> None:
        self.l1 = real("L1L2: l1", 0.0 if l1 is None else l1, low=0)
        self.l2 = real("L1L2: l2", 0.0 if l2 is None else l2, low=0)

    def get_config(self) -> Config:
        """The arguments of the constructor, as Keras writes them."""
        return {"l1": self.l1, "l2": self.l2}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`get_config`."""
        return cls(**arguments(cls.__name__, cls.__init__, config))


class L1:
    """Adds ``l1 * sum(|w|)`` to the loss. ``l`` is what Keras 2 called the factor."""

    def __init__(self, l1: float | None = DEFAULT, *, l: float | None = None) -> None:  # noqa: E741  # Keras' name
        factor = l1 if l is None else l
        self.l1 = real("L1: l1", DEFAULT if factor is None else factor, low=0)
        self.l2 = 0.0

    def get_config(self) -> Config:
        """The arguments of the constructor, as Keras writes them."""
        return {"l1": self.l1}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`get_config`."""
        return cls(**arguments(cls.__name__, cls.__init__, config))


class L2:
    """Adds ``l2 * sum(w ** 2)`` to the loss. ``l`` is what Keras 2 called the factor."""

    def __init__(self, l2: float | None = DEFAULT, *, l: float | None = None) -> None:  # noqa: E741  # Keras' name
        factor = l2 if l is None else l
        self.l1 = 0.0
        self.l2 = real("L2: l2", DEFAULT if factor is None else factor, low=0)

    def get_config(self) -> Config:
        """The arguments of the constructor, as Keras writes them."""
        return {"l2": self.l2}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`get_config`."""
        return cls(**arguments(cls.__name__, cls.__init__, config))


Regularizer = L1L2 | L1 | L2
"""Each has ``l1`` and ``l2``, one of which may be 0."""

l1 = L1
l2 = L2


def l1_l2(l1: float | None = None, l2: float | None = None) -> L1L2:
    """Both penalties. Both factors must be given: one left out was 0.01 to Keras 2 and is 0 to Keras 3."""
    if l1 is None or l2 is None:
        missing = "l1 and l2" if l1 is None and l2 is None else "l1" if l1 is None else "l2"
        raise refuse(
            "K205",
            f"l1_l2: {missing} must be given: what is left out was 0.01 to Keras 2 and is 0 to Keras 3",
            "Write l1_l2(l1=..., l2=...).",
        )
    return L1L2(l1, l2)


_CLASSES: Mapping[str, type[L1L2] | type[L1] | type[L2]] = {"L1": L1, "L2": L2, "L1L2": L1L2}


_PLAIN: Mapping[object, Callable[[], Regularizer]] = {
    "l1": L1,
    "L1": L1,
    L1: L1,
    "l2": L2,
    "L2": L2,
    L2: L2,
    "l1_l2": lambda: L1L2(DEFAULT, DEFAULT),  # as Keras 2 had it, and as Keras 3 still documents it
}
"""What means a regularizer with Keras' factors."""


def get(identifier: object, where: str = "regularizer") -> Regularizer | None:
    """The regularizer meant by None, a name, a class, an instance or a configuration of Keras 2 or 3.

    ``where`` names the argument in messages. Anything else is refused with K205.
    """
    if identifier is None or isinstance(identifier, Regularizer):
        return identifier
    if isinstance(identifier, Mapping):
        name, config = read_form(where, identifier)
        if name not in _CLASSES:
            raise _unknown(where, name)
        return _CLASSES[name].from_config(config)
    if isinstance(identifier, Hashable) and identifier in _PLAIN:
        return _PLAIN[identifier]()
    if isinstance(identifier, Hashable) and identifier in ("L1L2", "l1l2", L1L2, l1_l2):
        raise refuse(
            "K205",
            f"{where}: to Keras, L1L2 without factors means factors of 0, which is no penalty at all",
            "Write L1L2(l1=..., l2=...), or 'l1_l2' for 0.01 each.",
        )
    raise _unknown(where, identifier)


def serialize(regularizer: Regularizer | None) -> Config | None:
    """Keras 3's serialized form; None for None."""
    if regularizer is None:
        return None
    return serialized("keras.regularizers", type(regularizer).__name__, regularizer.get_config())


def deserialize(config: Mapping[str, Any]) -> Regularizer | None:
    """The inverse of :func:`serialize`; reads Keras 2's form too."""
    return get(config)


def _unknown(where: str, found: object) -> SteelyardError:
    name = found if isinstance(found, str) else getattr(found, "__name__", type(found).__name__)
    names = [*_CLASSES, "l1", "l2", "l1_l2"]
    help = "" if isinstance(found, str) else import_hint(found, names, "steelyard.keras.regularizers")
    hint = "" if help else did_you_mean(name, names)
    return refuse("K205", f"{where}: {name!r} is not supported{hint}; there are {listed(names)}", help)


# Type checkers must not see this function: to them it would make every misspelt name an attribute.
if not TYPE_CHECKING:

    def __getattr__(name):
        if name in ("OrthogonalRegularizer", "orthogonal_regularizer", "Regularizer"):
            raise _unknown("keras.regularizers", name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
