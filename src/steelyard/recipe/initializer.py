"""How weights start. Names, formulas and defaults are Keras' (``keras/src/initializers``)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from steelyard.recipe.base import Float, NonNegativeFloat, Part, by_name


class VarianceScaling(Part):
    """Spread chosen from the fan of the layer (Glorot & Bengio 2010, He et al. 2015, LeCun et al. 1998).

    ``*_uniform`` draws from U(-limit, limit) with limit = sqrt(3 scale / n); ``*_normal`` from a
    normal truncated at two standard deviations whose spread *after* truncation is sqrt(scale / n).
    n is (fan_in + fan_out) / 2 for glorot, fan_in for he (scale 2) and lecun (scale 1).
    """

    name: Literal[
        "glorot_uniform",
        "glorot_normal",
        "he_uniform",
        "he_normal",
        "lecun_uniform",
        "lecun_normal",
    ]


class Zeros(Part):
    """All zeros."""

    name: Literal["zeros"] = "zeros"


class Ones(Part):
    """All ones."""

    name: Literal["ones"] = "ones"


class Constant(Part):
    """One value everywhere."""

    name: Literal["constant"] = "constant"
    value: Float = 0.0


class RandomNormal(Part):
    """Normal, not truncated."""

    name: Literal["random_normal"] = "random_normal"
    mean: Float = 0.0
    stddev: NonNegativeFloat = 0.05


class RandomUniform(Part):
    """Uniform on [minval, maxval)."""

    name: Literal["random_uniform"] = "random_uniform"
    minval: Float = -0.05
    maxval: Float = 0.05

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.minval > self.maxval:
            raise ValueError(f"minval ({self.minval}) must not be above maxval ({self.maxval})")
        return self


class LogOdds(Part):
    """The log-odds of the base rate of the (weighted) training rows.

    For the bias of the last unit: the network then starts at the base rate instead of
    spending its first epochs on finding it.
    """

    name: Literal["log_odds"] = "log_odds"


Initializer = Annotated[
    VarianceScaling | Zeros | Ones | Constant | RandomNormal | RandomUniform | LogOdds,
    Field(discriminator="name"),
    BeforeValidator(by_name),
]
"""A table with a ``name``, or the name alone: ``"he_normal"`` means ``{"name": "he_normal"}``."""


def _no_log_odds(value: Initializer) -> Initializer:
    if isinstance(value, LogOdds):
        raise ValueError("log_odds is for the bias of the last layer; weights need another initializer")
    return value


KernelInitializer = Annotated[Initializer, AfterValidator(_no_log_odds)]
"""An initializer of a kernel or an embedding."""
