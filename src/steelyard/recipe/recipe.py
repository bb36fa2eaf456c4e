"""The recipe: all that decides a run besides the data and the seed."""

from __future__ import annotations

from pydantic import Field

from steelyard.recipe.base import Part
from steelyard.recipe.imbalance import Imbalance
from steelyard.recipe.loss import BinaryCrossentropy, Loss
from steelyard.recipe.network import MultilayerPerceptron, Network
from steelyard.recipe.optimizer import AdamW, Optimizer
from steelyard.recipe.preprocessing import Preprocessing
from steelyard.recipe.schedule import CosineDecay
from steelyard.recipe.training import Training


class Recipe(Part):
    """All that decides a run besides data and seed.

    The default trains on the natural class ratio, starts the last bias at the log-odds of the
    base rate and keeps the epoch with the lowest plain validation log loss.

    >>> Recipe().training.monitor
    'validation_loss'
    """

    preprocessing: Preprocessing = Preprocessing()
    network: Network = Field(default_factory=MultilayerPerceptron)
    loss: Loss = BinaryCrossentropy()
    imbalance: Imbalance = Imbalance()
    optimizer: Optimizer = AdamW(learning_rate=0.002, schedule=CosineDecay(warmup=0.05))
    training: Training = Training()
