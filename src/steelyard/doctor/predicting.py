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
_OF_NUMBERS = ("mse", "mae", "huber", "log_cosh")
"""Losses of a number, which is what their network says."""


def predicted(model: Any, rows: Rows, facts: Facts) -> Predictions:
    """Labels and probabilities of the rows; ``facts`` say whether the network ends in logits.

    :class:`~steelyard.errors.DataError` if what it says are no probabilities, and whatever the model raises.
    """
    x, y = rows
    with undisturbed(model):
        output = np.asarray(model.predict(x, batch_size=_BATCH, verbose=0))
    if _ends_in_logits(facts):
        output = expit(output.astype(np.float64))
    return Predictions(labels_of(y, "validation"), probabilities_of(output))


def _ends_in_logits(facts: Facts) -> bool:
    """By the loss; one that is not known here takes what a linear layer says as logits."""
    if facts.from_logits is not None or facts.loss in _OF_NUMBERS:
        return bool(facts.from_logits)
    return facts.layers is not None and facts.layers[-1:] != () and facts.layers[-1].activation == "linear"


def log_loss(found: Predictions) -> float:
    """The mean cross-entropy, in nats, with probabilities kept off 0 and 1 as Keras does."""
    p = np.clip(found.probability, _LEAST, 1.0 - _LEAST)
    return float(-np.mean(np.log(np.where(found.target == 1, p, 1.0 - p))))


@contextmanager
def undisturbed(model: Any) -> Iterator[None]:
    """Puts back what ``predict`` changes of a training that goes on.

    These are the random states that all share: Python's, numpy's, and PyTorch's if that is loaded. A
    ``DataLoader`` of PyTorch draws from the shared state whenever it begins, also for ``predict``, and the
    next epoch would shuffle its rows differently. And it is ``model.history``: Keras 2 puts an empty one in
    its place, which ``fit`` would return.
    """
    history = getattr(model, "history", None)
    torch = sys.modules.get("torch")
    python, numpy = random.getstate(), np.random.get_state()
    pytorch = None if torch is None else torch.get_rng_state()
    try:
        yield
    finally:
        if getattr(model, "history", None) is not history:
            model.history = history
        random.setstate(python)
        np.random.set_state(numpy)
        if torch is not None:
            torch.set_rng_state(pytorch)
