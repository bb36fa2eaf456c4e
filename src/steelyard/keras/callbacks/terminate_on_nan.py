"""Stops when the loss is not finite."""

from __future__ import annotations

import math

from steelyard.keras.console import say
from steelyard.keras.hooks import Callback, Logs


class TerminateOnNaN(Callback):
    """Stops training after an epoch whose ``loss`` is NaN or infinite.

    raise_error: raise RuntimeError instead, so that no ``on_train_end`` is called. Keras looks after every
    batch; here the engine itself stops at the batch where the loss or a gradient is not finite, and this
    callback sees the end of that epoch. Source: keras/src/callbacks/terminate_on_nan.py.
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Judges the epoch."""
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(f"NaN or Inf loss encountered in epoch {epoch + 1}. Loss value: {loss}.")
        say(f"Epoch {epoch + 1}: Invalid loss, terminating training")
        self.model.stop_training = True
