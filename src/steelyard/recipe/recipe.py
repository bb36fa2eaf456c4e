"""The recipe: all that decides a run besides the data and the seed."""

from __future__ import annotations

from pydantic import Field

from steelyard.recipe.base import Part
from steelyard.recipe.decision import Decision
from steelyard.recipe.imbalance import Imbalance
from steelyard.recipe.loss import BinaryCrossentropy, FocalCrossentropy, Loss
from steelyard.recipe.network import MultilayerPerceptron, Network
from steelyard.recipe.optimizer import AdamW, Optimizer
from steelyard.recipe.preprocessing import Preprocessing
from steelyard.recipe.schedule import CosineDecay
from steelyard.recipe.training import Monitor, Training


class Recipe(Part):
    """All that decides a run besides data and seed.

    The default trains on the natural class ratio, starts the last bias at the log-odds of the
    base rate and keeps the epoch with the lowest plain validation log loss.

    >>> Recipe().monitor
    'validation_loss'
    """

    preprocessing: Preprocessing = Preprocessing()
    network: Network = Field(default_factory=MultilayerPerceptron)
    loss: Loss = BinaryCrossentropy()
    imbalance: Imbalance = Imbalance()
    optimizer: Optimizer = AdamW(learning_rate=0.002, schedule=CosineDecay(warmup=0.05))
    training: Training = Training()
    decision: Decision = Decision()

    @property
    def monitor(self) -> Monitor:
        """The series that decides on the best epoch: ``training.monitor``, with ``auto`` made out."""
        if self.training.monitor != "auto":
            return self.training.monitor
        bent = self.loss.label_smoothing > 0 or (
            isinstance(self.loss, FocalCrossentropy) and self.loss.gamma > 0
        )
        return "validation_average_precision" if bent else "validation_loss"
