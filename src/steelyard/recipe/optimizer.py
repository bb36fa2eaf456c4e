"""The optimizers: update rules and defaults are those of Keras 3 (``keras/src/optimizers``)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from steelyard.recipe.base import Float, NonNegativeFloat, OrOff, Part, PositiveFloat, by_name
from steelyard.recipe.schedule import ConstantRate, Schedule

Beta = Annotated[Float, Field(ge=0.0, lt=1.0)]


class _Common(Part):
    """What every optimizer has."""

    schedule: Schedule = ConstantRate()
    weight_decay: NonNegativeFloat = 0.0
    """Decoupled: each step first takes ``learning_rate * weight_decay * w`` from every weight."""
    decay_biases: bool = True
    """Whether ``weight_decay`` also applies to biases, as in Keras."""
    clip_value: OrOff[PositiveFloat] = None
    """Every element of a gradient is clipped to [-clip_value, clip_value]."""
    clip_norm: OrOff[PositiveFloat] = None
    """Every tensor's gradient is scaled down to this norm."""
    global_clip_norm: OrOff[PositiveFloat] = None
    """All gradients together are scaled down to this norm."""


class SGD(_Common):
    """Gradient descent with optional (Nesterov) momentum."""

    name: Literal["sgd"] = "sgd"
    learning_rate: PositiveFloat = 0.01
    momentum: Annotated[Float, Field(ge=0.0, le=1.0)] = 0.0
    nesterov: bool = False


class Adam(_Common):
    """Kingma & Ba 2015; with ``amsgrad``, Reddi et al. 2018."""

    name: Literal["adam"] = "adam"
    learning_rate: PositiveFloat = 0.001
    beta_1: Beta = 0.9
    beta_2: Beta = 0.999
    epsilon: PositiveFloat = 1e-7
    amsgrad: bool = False


class AdamW(_Common):
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019)."""

    name: Literal["adamw"] = "adamw"
    learning_rate: PositiveFloat = 0.001
    weight_decay: NonNegativeFloat = 0.004
    beta_1: Beta = 0.9
    beta_2: Beta = 0.999
    epsilon: PositiveFloat = 1e-7
    amsgrad: bool = False


class Adadelta(_Common):
    """Zeiler 2012."""

    name: Literal["adadelta"] = "adadelta"
    learning_rate: PositiveFloat = 0.001
    rho: Beta = 0.95
    epsilon: PositiveFloat = 1e-7


class Adagrad(_Common):
    """Duchi et al. 2011."""

    name: Literal["adagrad"] = "adagrad"
    learning_rate: PositiveFloat = 0.001
    initial_accumulator_value: NonNegativeFloat = 0.1
    epsilon: PositiveFloat = 1e-7


class RMSprop(_Common):
    """Tieleman & Hinton 2012."""

    name: Literal["rmsprop"] = "rmsprop"
    learning_rate: PositiveFloat = 0.001
    rho: Beta = 0.9
    momentum: Beta = 0.0
    epsilon: PositiveFloat = 1e-7
    centered: bool = False


class Adamax(_Common):
    """Adam with the infinity norm (Kingma & Ba 2015, section 7.1)."""

    name: Literal["adamax"] = "adamax"
    learning_rate: PositiveFloat = 0.001
    beta_1: Beta = 0.9
    beta_2: Beta = 0.999
    epsilon: PositiveFloat = 1e-7


class Nadam(_Common):
    """Adam with Nesterov momentum (Dozat 2016)."""

    name: Literal["nadam"] = "nadam"
    learning_rate: PositiveFloat = 0.001
    beta_1: Beta = 0.9
    beta_2: Beta = 0.999
    epsilon: PositiveFloat = 1e-7


Optimizer = Annotated[
    SGD | Adam | AdamW | Adadelta | Adagrad | RMSprop | Adamax | Nadam,
    Field(discriminator="name"),
    BeforeValidator(by_name),
]
"""A table with a ``name``, or the name alone."""
