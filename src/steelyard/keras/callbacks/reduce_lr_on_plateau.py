"""Lowers the learning rate when a metric no longer improves."""

from __future__ import annotations

from steelyard.keras.callbacks.monitor import Monitor
from steelyard.keras.checks import real
from steelyard.keras.console import say
from steelyard.keras.hooks import Callback, Logs


class ReduceLROnPlateau(Callback):
    """Multiplies the learning rate by ``factor`` when ``monitor`` has not improved for ``patience`` epochs.

    monitor, mode: as in EarlyStopping. factor: below 1. verbose: 1 says so. min_delta: an improvement is
    more than this. cooldown: epochs to wait after a reduction before counting again. min_lr: not below
    this. epsilon: Keras 2's name of min_delta (Keras 3 swallows it without effect).

    The logs get ``learning_rate``, that of the epoch that has ended.
    Source: keras/src/callbacks/reduce_lr_on_plateau.py.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        epsilon: float | None = None,
    ) -> None:
        super().__init__()
        self._rule = Monitor("ReduceLROnPlateau", monitor, mode, min_delta if epsilon is None else epsilon)
        self.monitor = monitor
        self.factor = real("ReduceLROnPlateau: factor", factor, low=0, below=1)
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.best: float | None = None
        self.wait = 0
        self.cooldown_counter = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Forgets the last fit."""
        self._rule.begin(self.model.metrics)
        self.best = None
        self.wait = 0
        self.cooldown_counter = 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Judges the epoch."""
        logs = {} if logs is None else logs
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        current = self._rule.value(logs, "The learning rate stays.")
        if current is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
        if self._rule.improves(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._reduce(epoch):
                self.cooldown_counter = self.cooldown
                self.wait = 0

    def in_cooldown(self) -> bool:
        """Whether epochs without improvement do not count yet."""
        return self.cooldown_counter > 0

    def _reduce(self, epoch: int) -> bool:
        old = float(self.model.optimizer.learning_rate)
        if old <= self.min_lr:
            return False
        new = max(old * self.factor, self.min_lr)
        self.model.optimizer.learning_rate = new
        if self.verbose > 0:
            say(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {new}.")
        return True
