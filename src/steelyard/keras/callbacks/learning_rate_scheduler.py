"""Sets the learning rate by a function of the epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import numpy as np

from steelyard.keras.codes import refuse
from steelyard.keras.console import say
from steelyard.keras.hooks import Callback, Logs


class LearningRateScheduler(Callback):
    """Before each epoch sets the learning rate to ``schedule(epoch, learning_rate)``.

    schedule: gets the epoch, from 0, and the learning rate now; a function of the epoch alone is called
    with that. It returns a float. verbose: 1 says what is set. The logs get ``learning_rate``.
    Source: keras/src/callbacks/learning_rate_scheduler.py.
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Sets it."""
        now = float(self.model.optimizer.learning_rate)
        rate = self.schedule(epoch, now) if self._takes_two(epoch, now) else self.schedule(epoch)
        if not isinstance(rate, float | np.float32):
            raise refuse(
                "K228",
                f"LearningRateScheduler: the schedule must return a float; for epoch {epoch} it returned "
                f"{rate!r}",
            )
        self.model.optimizer.learning_rate = float(rate)
        if self.verbose > 0:
            say(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Records it."""
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)

    def _takes_two(self, epoch: int, learning_rate: float) -> bool:
        # Keras calls it with two and, on any TypeError, again with one; which hides errors of the schedule.
        try:
            inspect.signature(self.schedule).bind(epoch, learning_rate)
        except (TypeError, ValueError):  # ValueError: written in C, without a signature
            return False
        return True
