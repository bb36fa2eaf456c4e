"""What a Keras model says of rows in the midst of its training, without changing what comes after."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from scipy.special import expit

from steelyard.doctor.given import Rows, labels_of, probabilities_of
from steelyard.log import Facts, Predictions

_BATCH = 4096
"""Rows that are predicted together."""
_LEAST = 1e-7
"""Keras' least probability in a loss."""


def predicted(model: Any, rows: Rows, facts: Facts) -> Predictions:
    """Labels and probabilities of the rows; ``facts`` say whether the network ends in logits.

    :class:`~steelyard.errors.DataError` if what it says are no probabilities, and whatever the model raises.
    """
    x, y = rows
    with undisturbed():
        output = np.asarray(model.predict(x, batch_size=_BATCH, verbose=0))
    if facts.from_logits or (facts.layers and facts.layers[-1].activation == "linear"):
        output = expit(output.astype(np.float64))
    return Predictions(labels_of(y, "validation"), probabilities_of(output))


def log_loss(found: Predictions) -> float:
    """The mean cross-entropy, in nats, with probabilities kept off 0 and 1 as Keras does."""
    p = np.clip(found.probability, _LEAST, 1.0 - _LEAST)
    return float(-np.mean(np.log(np.where(found.target == 1, p, 1.0 - p))))


@contextmanager
def undisturbed() -> Iterator[None]:
    """Puts the random states that all share back: Python's, numpy's, and PyTorch's if that is loaded.

    A ``DataLoader`` of PyTorch draws from the shared state whenever it begins, also for ``predict``, and the
    next epoch would shuffle its rows differently.
    """
    torch = sys.modules.get("torch")
    python, numpy = random.getstate(), np.random.get_state()
    pytorch = None if torch is None else torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        if torch is not None:
            torch.set_rng_state(pytorch)
