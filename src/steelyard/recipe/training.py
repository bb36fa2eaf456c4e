"""How long a network trains, on which batches, and which epoch is kept."""

from __future__ import annotations

from typing import Literal

from steelyard.recipe.base import NonNegativeFloat, OrOff, Part, PositiveFloat, PositiveInt

Monitor = Literal[
    "train_objective",
    "train_loss",
    "train_accuracy",
    "train_precision",
    "train_recall",
    "train_f1",
    "train_roc_auc",
    "train_average_precision",
    "validation_loss",
    "validation_accuracy",
    "validation_precision",
    "validation_recall",
    "validation_f1",
    "validation_roc_auc",
    "validation_average_precision",
]
"""Any recorded metric, written ``split_metric``. Losses should fall, the others rise."""


class Training(Part):
    """Epochs, batches, early stopping."""

    epochs: PositiveInt = 60
    batch_size: PositiveInt | Literal["auto"] = "auto"
    """Rows per step. ``auto`` is the largest power of two that is at most a 32nd of the training rows,
    from 16 to 256: a small table still gets dozens of steps per epoch."""
    shuffle: bool = True
    """A new order of the training rows every epoch."""
    monitor: Literal["auto", Monitor] = "auto"
    """What decides on early stopping and on the best epoch. ``auto`` is ``validation_loss``, the plain log
    loss, where probabilities are right but for a constant that is known, as after weights, over- and
    under-sampling. With focal loss, label smoothing and SMOTE and its kin, whose probabilities only a
    calibrator makes right, when the epoch has been chosen, it is ``validation_average_precision``: their log
    loss can be lowest before much was learned. Likewise if ``imbalance.correct_prior`` is off."""
    patience: OrOff[PositiveInt] = 12
    """Stop after this many epochs without improvement; off (None) trains all epochs."""
    min_delta: NonNegativeFloat = 0.0
    """An improvement must be larger than this."""
    restore_best_weights: bool = True
    """Keep the weights of the best epoch by ``monitor`` instead of those of the last."""
    max_seconds: OrOff[PositiveFloat] = None
    """Stop after the epoch in which this time has passed."""
    train_metric_rows: PositiveInt = 50_000
    """The plain training curves are measured on at most this many training rows: a stratified
    subset, the same in every epoch."""
