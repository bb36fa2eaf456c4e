"""Callback: what is called before and after training and every epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol, cast

from steelyard.keras.codes import refuse

Logs = dict[str, float]
"""The metrics of an epoch under Keras' names: training, then ``val_``. What a callback adds to it reaches
the callbacks after it and the history."""

BATCH_HOOKS = (
    "on_batch_begin",
    "on_batch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_test_begin",
    "on_test_end",
    "on_test_batch_begin",
    "on_test_batch_end",
    "on_predict_begin",
    "on_predict_end",
    "on_predict_batch_begin",
    "on_predict_batch_end",
)
"""Keras' hooks that are not called here."""


class Callback:
    """Base of callbacks, the user's too. A subclass overrides the hooks that it wants.

    ``model`` is the model that trains: set ``model.stop_training = True`` to stop after this epoch,
    ``model.optimizer.learning_rate`` for another learning rate from the next epoch on;
    ``get_weights()``, ``set_weights()``, ``save()`` and ``predict()`` mean the weights at the end of the
    epoch. ``params`` holds ``verbose``, ``epochs`` and ``steps``. ``validation_data`` is the pair given to
    ``fit``, or None: Keras 2 had it, Keras 3 has not, and old callbacks that compute F1 read it.

    Hooks around batches, ``evaluate`` and ``predict`` are not called; a subclass that has one is refused
    (K221). Source: keras/src/callbacks/callback.py.
    """

    # Of the class, because subclasses with an __init__ of their own often forget to call this one's.
    params: Mapping[str, Any] = MappingProxyType({})
    model: Any = None
    validation_data: Sequence[Any] | None = None

    def set_params(self, params: Mapping[str, Any]) -> None:
        """Called by ``fit`` before :meth:`on_train_begin`."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Called by ``fit`` before :meth:`on_train_begin`."""
        self.model = model

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Called once, before the first epoch."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Called once, after the last epoch, with the logs of that."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Called before every epoch; ``epoch`` counts from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Called after every epoch; ``epoch`` counts from 0."""


class BetweenEpochs(Protocol):
    """A callback for several frameworks, such as :class:`steelyard.Doctor`, which has the hooks of all of
    them: that it is true says that it needs none of those that are not called here."""

    between_epochs: bool


def refuse_batch_hooks(callback: object) -> None:
    """Refuses (K221) a callback with hooks that would never be called."""
    found = [name for name in BATCH_HOOKS if getattr(callback, name, None) is not None]
    if found:
        raise refuse(
            "K221",
            f"{type(callback).__name__} has {', '.join(found)}: the engine trains a whole epoch without "
            "returning to Python, so this would never be called",
        )


def callback_list(callbacks: object) -> list[Callback]:
    """What ``fit(callbacks=...)`` was given, as a flat list; refuses what cannot be called.

    None, one callback, or a list, nested as Keras allows; see :class:`BetweenEpochs` for those that are no
    :class:`Callback`.
    """
    if callbacks is None:
        return []
    if isinstance(callbacks, list | tuple):
        return [one for item in callbacks for one in callback_list(item)]
    if getattr(callbacks, "between_epochs", False) is True and not isinstance(callbacks, type):
        return [cast(Callback, callbacks)]
    if not isinstance(callbacks, Callback):
        kind = callbacks if isinstance(callbacks, type) else type(callbacks)
        raise refuse(
            "K227",
            f"callbacks: {kind.__module__}.{kind.__qualname__} is not a callback of steelyard.keras",
            help="Pass objects of steelyard.keras.callbacks, or of a subclass of its Callback.",
        )
    refuse_batch_hooks(callbacks)
    return [callbacks]
