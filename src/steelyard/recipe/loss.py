"""What a network minimises, per row; penalties belong to the layers, weights to the imbalance part.

z is the logit, p its sigmoid, y the label after smoothing.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from steelyard.recipe.base import Float, NonNegativeFloat, OrOff, Part, by_name

Smoothing = Annotated[Float, Field(ge=0.0, lt=1.0)]


class BinaryCrossentropy(Part):
    """``-y log p - (1 - y) log(1 - p)``."""

    name: Literal["binary_crossentropy"] = "binary_crossentropy"
    label_smoothing: Smoothing = 0.0
    """y becomes ``y (1 - s) + s / 2`` (Keras' rule)."""


class FocalCrossentropy(Part):
    """``(1 - p_t)^gamma`` times the cross-entropy, p_t the probability of the true label (Lin et al. 2017).

    Not a proper loss: its minimum is not at the true probabilities.
    """

    name: Literal["focal_crossentropy"] = "focal_crossentropy"
    gamma: NonNegativeFloat = 2.0
    alpha: OrOff[Annotated[Float, Field(gt=0.0, lt=1.0)]] = None
    """If given, rows of the positive class weigh alpha, the others 1 - alpha."""
    label_smoothing: Smoothing = 0.0


class LogitAdjusted(Part):
    """Cross-entropy of ``z + tau * log(pi / (1 - pi))``, pi the training rows' base rate (Menon et al. 2021).

    The bare logit z then ranks and decides as if both classes were equally common (tau 1).
    """

    name: Literal["logit_adjusted"] = "logit_adjusted"
    tau: Float = 1.0
    label_smoothing: Smoothing = 0.0


Loss = Annotated[
    BinaryCrossentropy | FocalCrossentropy | LogitAdjusted,
    Field(discriminator="name"),
    BeforeValidator(by_name),
]
"""A table with a ``name``, or the name alone."""


def is_proper(loss: Loss) -> bool:
    """Whether the loss is least at the true log-odds, or a constant away from them.

    Focal loss and label smoothing are not: they bend the log-odds, and no constant straightens them.
    """
    bent = loss.label_smoothing > 0.0
    return not bent and not (isinstance(loss, FocalCrossentropy) and loss.gamma > 0.0)
