"""How the learning rate changes while a network trains.

Each schedule gives the factor by which ``optimizer.learning_rate`` is multiplied at a step.
Lengths are given in epochs or as shares of the whole run, so that a schedule keeps its meaning
when the batch size changes.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from steelyard.recipe.base import (
    Float,
    NonNegativeFloat,
    NonNegativeInt,
    Part,
    PositiveFloat,
    PositiveInt,
    by_name,
)
from steelyard.recipe.training import Monitor

Share = Annotated[Float, Field(ge=0.0, le=1.0)]


class ConstantRate(Part):
    """The same learning rate throughout."""

    name: Literal["constant"] = "constant"


class StepDecay(Part):
    """Multiplied by ``factor`` after every ``every`` epochs."""

    name: Literal["step"] = "step"
    factor: PositiveFloat = 0.1
    every: PositiveInt = 10


class ExponentialDecay(Part):
    """Multiplied by ``factor`` per epoch, smoothly: ``factor ** (step / steps_per_epoch)``."""

    name: Literal["exponential"] = "exponential"
    factor: PositiveFloat = 0.95


class CosineDecay(Part):
    """Linear warm-up from zero over ``warmup`` of the run, then half a cosine down to ``final``.

    Loshchilov & Hutter 2017, without restarts.
    """

    name: Literal["cosine"] = "cosine"
    warmup: Share = 0.0
    final: Share = 0.0
    """Factor at the last step."""


class OneCycle(Part):
    """Cosine up from 1/``initial_divisor`` over ``warmup`` of the run, then down to 1/``final_divisor``.

    ``learning_rate`` is the peak. Smith & Topin 2019, with the two phases of PyTorch's ``OneCycleLR``;
    both divisors are of the peak.
    """

    name: Literal["one_cycle"] = "one_cycle"
    warmup: Share = 0.3
    initial_divisor: PositiveFloat = 25.0
    final_divisor: PositiveFloat = 250_000.0


class ReduceOnPlateau(Part):
    """Multiplied by ``factor`` when ``monitor`` has not improved for ``patience`` epochs (Keras' rule)."""

    name: Literal["reduce_on_plateau"] = "reduce_on_plateau"
    monitor: Monitor = "validation_loss"
    factor: Annotated[Float, Field(gt=0.0, lt=1.0)] = 0.1
    patience: PositiveInt = 10
    min_delta: NonNegativeFloat = 1e-4
    cooldown: NonNegativeInt = 0
    min_learning_rate: NonNegativeFloat = 0.0


Schedule = Annotated[
    ConstantRate | StepDecay | ExponentialDecay | CosineDecay | OneCycle | ReduceOnPlateau,
    Field(discriminator="name"),
    BeforeValidator(by_name),
]
"""A table with a ``name``, or the name alone."""
