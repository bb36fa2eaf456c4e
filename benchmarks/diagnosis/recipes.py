"""The network of a Keras program as people write it, with what a fault changes as arguments."""

from __future__ import annotations

from typing import Literal

from steelyard.recipe import Recipe
from steelyard.recipe.imbalance import ClassWeight, Imbalance
from steelyard.recipe.initializer import LogOdds, VarianceScaling, Zeros
from steelyard.recipe.network import Activation, MultilayerPerceptron
from steelyard.recipe.optimizer import SGD, Adam
from steelyard.recipe.preprocessing import Preprocessing
from steelyard.recipe.training import Training


def program(
    *,
    hidden: tuple[int, ...] = (32, 16),
    activation: Activation = "relu",
    dropout: float = 0.0,
    l2: float = 0.0,
    log_odds: bool = False,
    optimizer: Literal["adam", "sgd"] = "adam",
    learning_rate: float = 0.002,
    epochs: int = 20,
    batch_size: int = 64,
    patience: int | None = None,
    restore: bool = False,
    class_weight: Literal["none", "balanced"] | ClassWeight = "none",
    resampling: Literal["none", "smote", "random_over_sampling", "random_under_sampling"] = "none",
    correct_prior: bool = True,
    scaled: bool = True,
) -> Recipe:
    """Dense layers from Glorot's uniform numbers, Adam, standard scaling, no early stopping: Keras' defaults
    and habits; the learning rate suits some thousand rows. ``log_odds`` starts the last bias there."""
    return Recipe(
        preprocessing=Preprocessing(scaling="standard" if scaled else "none", smooth_clip="off"),
        network=MultilayerPerceptron(
            hidden_units=hidden,
            activation=activation,
            kernel_initializer=VarianceScaling(name="glorot_uniform"),
            dropout=dropout,
            l2=l2,
            output_bias_initializer=LogOdds() if log_odds else Zeros(),
        ),
        imbalance=Imbalance(class_weight=class_weight, resampling=resampling, correct_prior=correct_prior),
        optimizer=(Adam if optimizer == "adam" else SGD)(learning_rate=learning_rate),
        training=Training(
            epochs=epochs,
            batch_size=batch_size,
            monitor="validation_loss",
            patience=patience,
            restore_best_weights=restore,
        ),
    )
