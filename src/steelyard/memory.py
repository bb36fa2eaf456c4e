"""How much memory a population takes, and how much it may."""

from __future__ import annotations

import math

from steelyard.engine.lowering import batch_size
from steelyard.jobs import Task
from steelyard.recipe.network import Dense
from steelyard.run import weight_shapes

MOST_BYTES = 1 << 30
"""What invented rows and networks of one population may take."""

MOST_RESTING_BYTES = 4 << 30
"""What networks may take that wait for each other, and so cannot be trained in several populations."""

_COPIES_OF_WEIGHTS = 6
"""Current and best weights, gradients, what an optimizer remembers of them, and what comes back."""

_ROWS_AT_ONCE = 256
"""The engine makes room for at least this many rows in a forward pass."""


def network_bytes(task: Task) -> int:
    """What a network of the task leaves in memory until its population is done."""
    shapes = weight_shapes(task.recipe.network, task.encoding).values()
    return _COPIES_OF_WEIGHTS * 4 * sum(math.prod(shape) for shape in shapes)


def resting_bytes(task: Task) -> int:
    """What a network of the task takes while it rests: it keeps its activations and the order of its rows.

    Found to be within a sixth of what processes grow by.
    """
    rows = len(task.resampled.rows) + len(task.resampled.synthetic_target)
    widths = [task.encoding.inputs]
    for layer in task.recipe.network.stack():
        widths.append(layer.units if isinstance(layer, Dense) else widths[-1])
    at_once = max(_ROWS_AT_ONCE, min(batch_size(task.recipe.training, rows), rows))
    activations = at_once * (2 * sum(widths) + 2 * max(widths))
    return network_bytes(task) + 4 * activations + 8 * rows + 8 * len(task.split.validation)


def rows_bytes(task: Task) -> int:
    """What the rows take that the task learns from, invented ones with their values."""
    synthetic = task.resampled.synthetic
    values = 0 if synthetic is None else synthetic.numeric.nbytes + synthetic.codes.nbytes
    return values + task.resampled.rows.nbytes
