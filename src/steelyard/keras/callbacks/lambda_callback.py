"""A callback made of functions."""

from __future__ import annotations

from collections.abc import Callable

from steelyard.keras.codes import refuse
from steelyard.keras.hooks import Callback, Logs

EpochHook = Callable[[int, Logs | None], object]
TrainHook = Callable[[Logs | None], object]
BatchHook = Callable[..., object]


class LambdaCallback(Callback):
    """Calls the functions given: those of epochs with (epoch, logs), those of training with (logs).

    What Keras calls around batches is refused (K221).
    Source: keras/src/callbacks/lambda_callback.py.
    """

    def __init__(
        self,
        on_epoch_begin: EpochHook | None = None,
        on_epoch_end: EpochHook | None = None,
        on_train_begin: TrainHook | None = None,
        on_train_end: TrainHook | None = None,
        on_train_batch_begin: BatchHook | None = None,
        on_train_batch_end: BatchHook | None = None,
        on_batch_begin: BatchHook | None = None,
        on_batch_end: BatchHook | None = None,
    ) -> None:
        super().__init__()
        around_batches = {
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            "on_batch_begin": on_batch_begin,
            "on_batch_end": on_batch_end,
        }
        refused = [name for name, hook in around_batches.items() if hook is not None]
        if refused:
            raise refuse(
                "K221",
                f"LambdaCallback({', '.join(refused)}): the engine trains a whole epoch without returning to "
                "Python, so this would never be called",
            )
        self._epoch_begin = on_epoch_begin
        self._epoch_end = on_epoch_end
        self._train_begin = on_train_begin
        self._train_end = on_train_end

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Calls the function given."""
        if self._epoch_begin is not None:
            self._epoch_begin(epoch, logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Calls the function given."""
        if self._epoch_end is not None:
            self._epoch_end(epoch, logs)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Calls the function given."""
        if self._train_begin is not None:
            self._train_begin(logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Calls the function given."""
        if self._train_end is not None:
            self._train_end(logs)
