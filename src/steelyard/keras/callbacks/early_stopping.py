"""Stops when a metric no longer improves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.keras.callbacks.monitor import Monitor
from steelyard.keras.console import say
from steelyard.keras.hooks import Callback, Logs


class EarlyStopping(Callback):
    """Stops training when ``monitor`` has not improved for ``patience`` epochs.

    monitor: name in the logs. min_delta: an improvement is more than this. patience: 0 stops at the first
    epoch without improvement, though never at the very first. verbose: 1 says when and why. mode: "min",
    "max", or "auto", which goes by the metric. baseline: epochs that do not beat this count as without
    improvement. restore_best_weights: at the end take the weights of the best epoch (of the best so far,
    even if none beats ``baseline``). start_from_epoch: epochs before it are not looked at.

    A NaN is never better, and nothing is better than a NaN: if the first value is one, it stays the best.
    Source: keras/src/callbacks/early_stopping.py.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__()
        self._rule = Monitor("EarlyStopping", monitor, mode, min_delta)
        self.monitor = monitor
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self.wait = 0
        self.stopped_epoch = 0
        self.best: float | None = None
        self.best_epoch = 0
        self.best_weights: list[NDArray[np.float32]] | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Forgets the last fit."""
        self._rule.begin(self.model.metrics)
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_epoch = 0
        self.best_weights = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Judges the epoch."""
        current = self._rule.value(logs, "Training is not stopped.")
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self.best_weights = self.model.get_weights()
            self.best_epoch = epoch
        self.wait += 1
        if self._rule.improves(current, self.best):
            self.best = current
            self.best_epoch = epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self._rule.improves(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Says that it stopped, and restores."""
        if self.stopped_epoch > 0 and self.verbose > 0:
            say(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                say(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)
