"""The recipe: all that decides a run besides the data and the seed."""

from __future__ import annotations

from pydantic import Field

from steelyard.recipe.base import Part
from steelyard.recipe.decision import Decision
from steelyard.recipe.imbalance import Imbalance, Inventive, NoResampling
from steelyard.recipe.loss import BinaryCrossentropy, Loss, is_proper
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
    >>> Recipe(imbalance={"resampling": "smote"}).monitor
    'validation_average_precision'
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
        """The series that decides on the best epoch: ``training.monitor``, with ``auto`` made out.

        Log loss judges an epoch only if its probabilities are for the natural base rate already. Where that
        has to wait for a calibrator, the ranking judges, which no calibrator changes.
        """
        if self.training.monitor != "auto":
            return self.training.monitor
        wrong = self.bends_probabilities or self.leaves_shift
        return "validation_average_precision" if wrong else "validation_loss"

    @property
    def bends_probabilities(self) -> bool:
        """Whether no constant, taken from the logit, makes the probabilities right: after focal loss, label
        smoothing and invented rows. A calibrator has to."""
        return not is_proper(self.loss) or isinstance(self.imbalance.resampling, Inventive)

    @property
    def leaves_shift(self) -> bool:
        """Whether the recipe wants what weights, resampling or loss do to probabilities to stay in them."""
        natural = (
            self.imbalance.class_weight == "none"
            and isinstance(self.imbalance.resampling, NoResampling)
            and isinstance(self.loss, BinaryCrossentropy)
        )
        return not self.imbalance.correct_prior and not natural
