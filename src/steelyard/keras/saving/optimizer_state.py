"""What an optimizer remembers, in the engine's order and in that of Keras' files.

Keras numbers an optimizer's variables: the count of steps, the learning rate, then its arrays, of which
those of one call of ``add_optimizer_variables`` are interleaved by weight (``keras/src/optimizers``). The
engine keeps one set of tensors per slot.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.keras.layers import Layer
from steelyard.keras.optimizers import SGD, Adagrad, Adam, AdamW, Nadam, Optimizer, RMSprop
from steelyard.keras.saving.shapes import Array, trainable_shapes

ReadArray = Callable[[int, tuple[int, ...]], Array]
"""Reads the variable of that number, which must have that shape."""

_BEFORE = 2
"""Variables before the arrays: step count and learning rate. Keras 2.11 to 2.15 wrote the first alone."""


@dataclass(frozen=True, eq=False)
class OptimizerState:
    """``slots[s][t]`` is what slot s of the engine's optimizer keeps for the t-th trainable tensor."""

    steps: int
    slots: tuple[tuple[Array, ...], ...]


@dataclass(frozen=True)
class _Arrangement:
    """``blocks`` are the engine's slots in the order of Keras' file; those within a block are interleaved."""

    slots: int
    blocks: tuple[tuple[int, ...], ...]
    start: float = 0.0
    product: Callable[[int], float] | None = None
    """A last, single number that follows from the count of steps."""


def fresh(optimizer: Optimizer, layers: Sequence[Layer], width: int) -> OptimizerState:
    """What an optimizer remembers before its first step."""
    arrangement = _arrangement(optimizer)
    shapes = trainable_shapes(layers, width)
    one = tuple(np.full(shape, arrangement.start, np.float32) for shape in shapes)
    return OptimizerState(0, (one,) * arrangement.slots)


def to_variables(optimizer: Optimizer, state: OptimizerState) -> list[NDArray[np.generic]]:
    """The variables of Keras' file, in order."""
    arrangement = _arrangement(optimizer)
    variables: list[NDArray[np.generic]] = [
        np.asarray(state.steps, np.int32),
        np.asarray(optimizer.learning_rate, np.float32),
    ]
    tensors = len(state.slots[0]) if state.slots else 0
    variables += [state.slots[slot][tensor] for slot, tensor in _order(arrangement, tensors)]
    if arrangement.product is not None:
        variables.append(np.asarray(arrangement.product(state.steps), np.float32))
    return variables


def from_variables(
    optimizer: Optimizer, layers: Sequence[Layer], width: int, count: int, steps: int, read: ReadArray
) -> OptimizerState | None:
    """The state in a file that has ``count`` variables; None if they are not this optimizer's."""
    arrangement = _arrangement(optimizer)
    shapes = trainable_shapes(layers, width)
    order = list(_order(arrangement, len(shapes)))
    before = count - len(order) - (arrangement.product is not None)
    if before not in (1, _BEFORE):
        return None
    state = fresh(optimizer, layers, width)
    slots = [list(slot) for slot in state.slots]
    for number, (slot, tensor) in enumerate(order, before):
        slots[slot][tensor] = read(number, shapes[tensor])
    return OptimizerState(steps, tuple(map(tuple, slots)))


def optimizer_numbers(optimizer: Optimizer, layers: Sequence[Layer], width: int) -> int:
    """How many numbers Keras' optimizer keeps for the network, as its summary counts them."""
    arrangement = _arrangement(optimizer)
    each = sum(math.prod(shape) for shape in trainable_shapes(layers, width))
    kept = sum(len(block) for block in arrangement.blocks)
    return _BEFORE + kept * each + (arrangement.product is not None)


def _arrangement(optimizer: Optimizer) -> _Arrangement:
    match optimizer:
        case SGD():
            return _Arrangement(1, ((0,),)) if optimizer.momentum else _Arrangement(0, ())
        case Adam() | AdamW():
            return _Arrangement(3, ((0, 1), (2,))) if optimizer.amsgrad else _Arrangement(2, ((0, 1),))
        case Adagrad():
            return _Arrangement(1, ((0,),), start=optimizer.initial_accumulator_value)
        case RMSprop():
            used = ((0,), *([(2,)] if optimizer.momentum else []), *([(1,)] if optimizer.centered else []))
            return _Arrangement(3, used)
        case Nadam():
            return _Arrangement(2, ((0, 1),), product=_nadam_product(optimizer.beta_1))
        case _:
            return _Arrangement(2, ((0, 1),))


def _nadam_product(beta_1: float) -> Callable[[int], float]:
    """The product of the momentum schedule so far (Dozat 2016; ``keras/src/optimizers/nadam.py``)."""

    def product(steps: int) -> float:
        counted = np.arange(1, steps + 1, dtype=np.float64)
        return (
            float(np.exp(np.sum(np.log(beta_1 * (1.0 - 0.5 * 0.96**counted)))))
            if beta_1
            else float(not steps)
        )

    return product


def _order(arrangement: _Arrangement, tensors: int) -> Iterator[tuple[int, int]]:
    """Slot and tensor of each array in Keras' file."""
    for block in arrangement.blocks:
        for tensor in range(tensors):
            for slot in block:
                yield slot, tensor
