"""The same program on Keras and on ours: a function that is given either."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard import keras as ours

Build = Callable[[Any], Any]
"""Given ``keras``, makes and compiles a model whose input is known."""


@dataclass(frozen=True)
class Table:
    x: NDArray[np.float64]
    y: NDArray[np.int64]
    x_val: NDArray[np.float64]
    y_val: NDArray[np.int64]


def table(rows: int = 240, validation: int = 90, columns: int = 5, seed: int = 0) -> Table:
    """About one in six rows is positive."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows + validation, columns))
    y = (x[:, 0] + x[:, 1] ** 2 + 0.5 * rng.normal(size=len(x)) > 2.0).astype(np.int64)
    return Table(x[:rows], y[:rows], x[rows:], y[rows:])


def fit_both(
    keras: ModuleType, build: Build, *fits: Callable[[Any], Any]
) -> tuple[Any, Any, list[Any], list[Any]]:
    """Two models with the same weights, given the same fits: theirs, ours, their histories, our histories."""
    ours.utils.set_random_seed(0)
    mine, theirs = build(ours), build(keras)
    theirs.set_weights(mine.get_weights())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        our_histories = [fit(mine) for fit in fits]
        their_histories = [fit(theirs) for fit in fits]
    return theirs, mine, their_histories, our_histories
