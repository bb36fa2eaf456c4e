"""Which epoch early stopping watches for and keeps, by what it was told to watch."""

from __future__ import annotations

from steelyard.log import Stopping

_LOSSES = ("loss", "crossentropy", "cross_entropy", "bce", "logloss")


def watches_validation_loss(stopping: Stopping) -> bool:
    """Whether the loss on validation rows is watched, for its lowest value.

    >>> watches_validation_loss(Stopping("val_loss")), watches_validation_loss(Stopping("loss"))
    (True, False)
    """
    name = stopping.monitor.lower()
    return of_validation(stopping) and any(one in name for one in _LOSSES) and stopping.mode != "max"


def keeps_lowest_loss(stopping: Stopping | None) -> bool:
    """Whether the weights kept are those of the epoch with the lowest validation loss.

    Those of the best epoch by something else can be from any: by the training loss, mostly the last.

    >>> [keeps_lowest_loss(Stopping(one, restore_best=True)) for one in ("val_loss", "loss")]
    [True, False]
    """
    return stopping is not None and stopping.restore_best is True and watches_validation_loss(stopping)


def keeps_best_score(stopping: Stopping) -> bool:
    """Whether the weights kept are those of the best epoch by something else that validation rows gave.

    >>> [keeps_best_score(Stopping(one, restore_best=True)) for one in ("val_auc", "val_loss", "loss")]
    [True, False, False]
    """
    return (
        stopping.restore_best is True
        and of_validation(stopping)
        and not any(one in stopping.monitor.lower() for one in _LOSSES)
    )


def of_validation(stopping: Stopping) -> bool:
    """Whether what is watched is measured on validation rows."""
    return stopping.monitor.lower().startswith(("val", "eval"))
