"""What is done about one class being rare."""

from __future__ import annotations

from typing import Literal

from steelyard.recipe.base import Part, PositiveFloat


class ClassWeight(Part):
    """Explicit weights of the rows of each class."""

    negative: PositiveFloat = 1.0
    positive: PositiveFloat = 1.0


class Imbalance(Part):
    """Class weights in the loss; none by default, since they distort probabilities."""

    class_weight: Literal["none", "balanced", "square_root"] | ClassWeight = "none"
    """``balanced`` is scikit-learn's rule, n / (2 n_class), from the training rows; ``square_root``
    takes the square root of the ratio between these."""
