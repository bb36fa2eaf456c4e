"""The L1 and L2 penalty of a network that has not been trained yet, from how its weights are drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from steelyard.log import LayerFact

_DENSITY_0 = 1.0 / math.sqrt(2.0 * math.pi)
_DENSITY_2 = _DENSITY_0 * math.exp(-2.0)
_INSIDE = math.erf(math.sqrt(2.0))
"""Share of a normal distribution within two standard deviations."""


@dataclass(frozen=True)
class _Draw:
    """The first four absolute moments of one weight."""

    first: float
    second: float
    third: float
    fourth: float


def initial_penalty(layers: Sequence[LayerFact]) -> tuple[float, float] | None:
    """Mean and standard deviation of the penalty of an untrained stack of layers; None if it is not known.

    Weights are drawn independently; biases start at zero and are not counted. A layer without a known
    initializer has that of Keras, ``glorot_uniform``.
    """
    mean = variance = 0.0
    for layer in layers:
        if not (layer.l1 or layer.l2):
            continue
        if layer.kind != "dense" or layer.inputs is None or layer.units is None:
            return None
        found = kernel_penalty(
            layer.inputs, layer.units, layer.kernel_initializer or "glorot_uniform", l1=layer.l1, l2=layer.l2
        )
        if found is None:
            return None
        mean += found[0]
        variance += found[1] ** 2
    return mean, math.sqrt(variance)


def kernel_penalty(
    inputs: int, units: int, initializer: str, *, l1: float = 0.0, l2: float = 0.0
) -> tuple[float, float] | None:
    """Mean and standard deviation of ``l1 sum |w| + l2 sum w^2`` over draws of one kernel.

    ``initializer`` is a name of Keras with its defaults: ``glorot_normal``, ``HeUniform``,
    ``random_normal`` (0.05). None for one whose distribution is not known here.

    >>> mean, spread = kernel_penalty(125, 80, "glorot_normal", l2=0.01)
    >>> round(mean, 4), round(spread, 4)
    (0.9756, 0.0114)
    """
    name = initializer.lower().replace("_", "").removesuffix("v2")
    weights = inputs * units
    if name in ("orthogonal", "orthogonalinitializer"):
        # Rows or columns are of length 1, whatever is drawn.
        smaller = min(inputs, units)
        typical = math.sqrt(2.0 / math.pi / max(inputs, units))
        return l1 * weights * typical + l2 * smaller, l1 * math.sqrt(weights) * 0.6 * typical
    draw = _draw(name, inputs, units)
    if draw is None:
        return None
    mean = l1 * draw.first + l2 * draw.second
    squared = l1**2 * draw.second + 2.0 * l1 * l2 * draw.third + l2**2 * draw.fourth
    return weights * mean, math.sqrt(weights * max(squared - mean**2, 0.0))


def _draw(name: str, inputs: int, units: int) -> _Draw | None:
    if name in ("zeros", "zero"):
        return _Draw(0.0, 0.0, 0.0, 0.0)
    if name in ("ones", "one"):
        return _Draw(1.0, 1.0, 1.0, 1.0)
    if name in ("randomnormal", "normal"):
        return _scaled(_NORMAL, 0.05)
    if name in ("randomuniform", "uniform"):
        return _uniform(0.05)
    if name == "truncatednormal":
        return _scaled(_TRUNCATED, 0.05)
    if name == "variancescaling":
        name = "lecunnormal"
    for family, variance in (
        ("glorot", 2.0 / (inputs + units)),
        ("he", 2.0 / inputs),
        ("lecun", 1.0 / inputs),
    ):
        if name == f"{family}uniform":
            return _uniform(math.sqrt(3.0 * variance))
        if name == f"{family}normal":
            # Keras widens the normal so that what is left after truncation has this variance.
            return _scaled(_TRUNCATED, math.sqrt(variance / _TRUNCATED.second))
    return None


_NORMAL = _Draw(2.0 * _DENSITY_0, 1.0, 4.0 * _DENSITY_0, 3.0)
_TRUNCATED = _Draw(
    first=2.0 * (_DENSITY_0 - _DENSITY_2) / _INSIDE,
    second=1.0 - 4.0 * _DENSITY_2 / _INSIDE,
    third=(4.0 * _DENSITY_0 - 12.0 * _DENSITY_2) / _INSIDE,
    fourth=3.0 - (12.0 + 16.0) * _DENSITY_2 / _INSIDE,
)
"""A standard normal, cut off at two standard deviations."""


def _uniform(limit: float) -> _Draw:
    return _Draw(limit / 2.0, limit**2 / 3.0, limit**3 / 4.0, limit**4 / 5.0)


def _scaled(draw: _Draw, by: float) -> _Draw:
    return _Draw(draw.first * by, draw.second * by**2, draw.third * by**3, draw.fourth * by**4)
