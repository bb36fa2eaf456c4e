"""Activation functions by Keras' names (``keras/src/activations/activations.py``), on numpy arrays.

The engine has them compiled in and is told their name; the functions are here to be named by, and to be
called by whoever wants their values. They take anything array-like and return an array of the same shape,
in its floating-point type, or float32 for whole numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from steelyard.errors import SteelyardError, did_you_mean
from steelyard.keras.checks import listed
from steelyard.keras.codes import refuse
from steelyard.keras.serialized import read_form
from steelyard.recipe import network

Activation = Callable[..., NDArray[Any]]
"""An activation function; its first argument is an array."""


def linear(x: ArrayLike) -> NDArray[Any]:
    """``x`` itself."""
    return _floats(x)


def relu(
    x: ArrayLike, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> NDArray[Any]:
    """``max(x, 0)``; with ``threshold`` t and ``negative_slope`` s: x where x > t, else ``s (x - t)``;
    no more than ``max_value``."""
    x = _floats(x)
    y = np.where(x > threshold, x, negative_slope * (x - threshold))
    return _like(x, y if max_value is None else np.minimum(y, max_value))


def leaky_relu(x: ArrayLike, negative_slope: float = 0.2) -> NDArray[Any]:
    """``x`` above zero, ``negative_slope * x`` below (Maas et al. 2013)."""
    x = _floats(x)
    return _like(x, np.where(x > 0, x, negative_slope * x))


def elu(x: ArrayLike, alpha: float = 1.0) -> NDArray[Any]:
    """``x`` above zero, ``alpha (exp(x) - 1)`` below (Clevert et al. 2016)."""
    x = _floats(x)
    return _like(x, np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))))


def selu(x: ArrayLike) -> NDArray[Any]:
    """``1.0507 elu(x, 1.6733)``: keeps mean 0 and variance 1 (Klambauer et al. 2017)."""
    x = _floats(x)
    return _like(x, 1.0507009873554805 * elu(x, 1.6732632423543772))


def gelu(x: ArrayLike, approximate: bool = False) -> NDArray[Any]:
    """``x`` times the normal distribution function of x (Hendrycks & Gimpel 2016), or ``approximate``."""
    x = _floats(x)
    if approximate:
        return _like(x, 0.5 * x * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3))))
    from scipy.special import ndtr  # scipy is slow to load, and only this function needs it

    return _like(x, x * ndtr(x))


def silu(x: ArrayLike) -> NDArray[Any]:
    """``x sigmoid(x)``, also called swish."""
    x = _floats(x)
    return _like(x, x * sigmoid(x))


swish = silu


def mish(x: ArrayLike) -> NDArray[Any]:
    """``x tanh(softplus(x))`` (Misra 2019)."""
    x = _floats(x)
    return _like(x, x * np.tanh(softplus(x)))


def tanh(x: ArrayLike) -> NDArray[Any]:
    """The hyperbolic tangent."""
    return cast(NDArray[Any], np.tanh(_floats(x)))


def sigmoid(x: ArrayLike) -> NDArray[Any]:
    """``1 / (1 + exp(-x))``."""
    x = _floats(x)
    small = np.exp(-np.abs(x))  # never overflows
    return _like(x, np.where(x >= 0, 1.0, small) / (1.0 + small))


def softplus(x: ArrayLike) -> NDArray[Any]:
    """``log(1 + exp(x))``."""
    x = _floats(x)
    return _like(x, np.logaddexp(x, 0.0))


FUNCTIONS: Mapping[str, Activation] = {
    function.__name__: function
    for function in (linear, relu, leaky_relu, elu, selu, gelu, silu, mish, tanh, sigmoid, softplus)
}
"""The functions that the engine has, by the names it and Keras know them by."""

_ALIASES = {"swish": "silu"}

_INSTEAD = {
    "softmax": "a softmax over one unit is always 1: end with Dense(1, activation='sigmoid')",
    "log_softmax": "end with Dense(1, activation='sigmoid')",
    "sparsemax": "end with Dense(1, activation='sigmoid')",
    "hard_sigmoid": "the nearest is 'sigmoid'",
    "hard_silu": "the nearest is 'silu'",
    "hard_swish": "the nearest is 'silu'",
    "hard_tanh": "the nearest is 'tanh'",
    "softsign": "the nearest is 'tanh'",
    "relu6": "the nearest is 'relu'",
    "celu": "the nearest is 'elu', which celu with alpha 1 is",
    "exponential": "",
    "glu": "",
    "hard_shrink": "",
    "log_sigmoid": "",
    "soft_shrink": "",
    "sparse_plus": "the nearest is 'softplus'",
    "sparse_sigmoid": "the nearest is 'sigmoid'",
    "squareplus": "the nearest is 'softplus'",
    "tanh_shrink": "",
    "threshold": "the nearest is 'relu'",
}
"""Activations that Keras has and the engine does not, and what to write instead."""


def get(identifier: object) -> Activation:
    """The function meant by a name, by one of the functions of this module, by a configuration, or by None
    (linear). Anything else is refused with K203."""
    if identifier is None:
        return linear
    if isinstance(identifier, Mapping):
        name, config = read_form("activation", identifier)
        identifier = config if name == "function" else name
    if isinstance(identifier, str):
        name = _ALIASES.get(identifier, identifier)
        if name not in FUNCTIONS:
            raise _unknown(repr(identifier), identifier)
        return FUNCTIONS[name]
    for function in FUNCTIONS.values():
        if function is identifier:
            return function
    name = getattr(identifier, "__name__", "")
    raise _unknown(f"the function {name}" if name else repr(identifier), name)


def serialize(activation: Activation) -> str:
    """The name that a configuration gives the function.

    >>> serialize(swish)
    'silu'
    """
    return get(activation).__name__


def deserialize(config: object) -> Activation:
    """The inverse of :func:`serialize`."""
    return get(config)


def recipe_name(activation: Activation) -> network.Activation:
    """The name in a recipe."""
    return cast(network.Activation, get(activation).__name__)


def _unknown(shown: str, name: str) -> SteelyardError:
    names = f"there are {listed(sorted([*FUNCTIONS, *_ALIASES]))}"
    if name in FUNCTIONS or name in _ALIASES:  # someone else's function of that name
        return refuse("K203", f"activation {shown} is not supported; {names}", f"write activation={name!r}")
    hint = "" if name in _INSTEAD else did_you_mean(name, FUNCTIONS)
    return refuse("K203", f"activation {shown} is not supported{hint}; {names}", _INSTEAD.get(name, ""))


def _floats(x: ArrayLike) -> NDArray[Any]:
    array = np.asarray(x)
    return array if np.issubdtype(array.dtype, np.floating) else array.astype(np.float32)


def _like(x: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    # Python floats leave numpy's types alone, but a function may widen them.
    return y.astype(x.dtype, copy=False)
