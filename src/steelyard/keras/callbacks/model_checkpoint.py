"""Saves the model, or its weights, after epochs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from steelyard.errors import OutputError, did_you_mean
from steelyard.keras.callbacks.monitor import Monitor
from steelyard.keras.codes import refuse
from steelyard.keras.console import say
from steelyard.keras.hooks import Callback, Logs

MODEL_SUFFIXES = (".keras", ".h5", ".hdf5")
WEIGHT_SUFFIXES = (".weights.h5", ".h5", ".hdf5")
"""Keras 3 insists on .weights.h5; older programs write the others."""


class ModelCheckpoint(Callback):
    """Saves the model after each epoch, or after each that is the best so far.

    filepath: ends in .keras, .h5 or .hdf5 (weights: .weights.h5, .h5 or .hdf5); may hold ``{epoch}``, which
    counts from 1, and names of the logs: ``"{epoch:02d}-{val_loss:.2f}.keras"``. Folders are made.
    monitor, mode: as in EarlyStopping. verbose: 1 says what is saved. save_best_only: skip epochs that
    do not improve; the best is kept over several fits. save_weights_only: the weights instead of the
    model. save_freq: "epoch"; a number of batches is refused (K228). initial_value_threshold: the first
    to be saved must beat it. period: save every so many epochs (from Keras 2).
    Source: keras/src/callbacks/model_checkpoint.py.
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: Literal["epoch"] = "epoch",
        initial_value_threshold: float | None = None,
        period: int = 1,
    ) -> None:
        super().__init__()
        self._rule = Monitor("ModelCheckpoint", monitor, mode)
        self.filepath = os.fspath(filepath)
        self.monitor = monitor
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self.best = initial_value_threshold
        self.period = period
        self._epochs_since_saving = 0
        if save_freq != "epoch":
            raise refuse(
                "K228",
                f"ModelCheckpoint(save_freq={save_freq!r}): the engine trains a whole epoch without "
                "returning to Python, so nothing can be saved within one",
                help="Write save_freq='epoch'.",
            )
        suffixes = WEIGHT_SUFFIXES if save_weights_only else MODEL_SUFFIXES
        if not self.filepath.endswith(suffixes):
            raise refuse(
                "K228",
                f"ModelCheckpoint: the file must end in {' or '.join(suffixes)}; found {self.filepath!r}",
            )

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Decides the direction, if there is one to decide."""
        if self.save_best_only:
            self._rule.begin(self.model.metrics)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Saves, if it is time and the model deserves it."""
        self._epochs_since_saving += 1
        if self._epochs_since_saving < self.period:
            return
        self._epochs_since_saving = 0
        path = self._path(epoch, logs or {})
        if not self._deserves(epoch, logs, path):
            return
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"ModelCheckpoint: the folder of {path!r} cannot be made: {error.strerror}"
            ) from error
        if self.save_weights_only:
            self.model.save_weights(path, overwrite=True)
        else:
            self.model.save(path, overwrite=True)
        if self.verbose > 0:
            say(f"\nEpoch {epoch + 1}: finished saving model to {path}")

    def _deserves(self, epoch: int, logs: Logs | None, path: str) -> bool:
        if not self.save_best_only:
            self._tell(f"\nEpoch {epoch + 1}: saving model to {path}")
            return True
        current = self._rule.value(logs, "The model is saved after every epoch.")
        if current is None:
            return True
        best = "None" if self.best is None else f"{self.best:.5f}"
        if not self._rule.improves(current, self.best):
            self._tell(f"\nEpoch {epoch + 1}: {self.monitor} did not improve from {best}")
            return False
        self._tell(
            f"\nEpoch {epoch + 1}: {self.monitor} improved from {best} to {current:.5f}, "
            f"saving model to {path}"
        )
        self.best = current
        return True

    def _tell(self, message: str) -> None:
        if self.verbose > 0:
            say(message)

    def _path(self, epoch: int, logs: Logs) -> str:
        try:
            return self.filepath.format(epoch=epoch + 1, **logs)
        except (KeyError, IndexError, ValueError) as error:
            missing = str(error.args[0]) if isinstance(error, KeyError) else ""
            raise refuse(
                "K228",
                f"ModelCheckpoint: the name {self.filepath!r} cannot be filled in: {error}"
                f"{did_you_mean(missing, logs)}; there are epoch, {', '.join(logs)}",
            ) from error
