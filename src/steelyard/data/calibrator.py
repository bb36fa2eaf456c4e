"""Maps from a network's logit to a probability, fitted on rows the network did not see.

z is the logit with the prior already put right, p its sigmoid. All but ``Isotonic`` keep the order of rows.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

_PositiveFloat = Annotated[float, Field(gt=0.0)]


class _Calibrator(BaseModel):
    """Frozen; unknown keys are refused, numbers must be finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


class Logistic(_Calibrator):
    """``sigmoid(slope * z + intercept)`` (Platt 1999, on the logit)."""

    name: Literal["logistic"] = "logistic"
    slope: _PositiveFloat
    """Below 1 the network was too sure of itself, above 1 not sure enough."""
    intercept: float


class Beta(_Calibrator):
    """``sigmoid(a log p - b log(1 - p) + c)`` (Kull, Silva Filho and Flach 2017): logistic if a = b."""

    name: Literal["beta"] = "beta"
    a: _PositiveFloat
    b: _PositiveFloat
    c: float


class Temperature(_Calibrator):
    """``sigmoid(z / temperature)`` (Guo et al. 2017). It cannot put a wrong base rate right."""

    name: Literal["temperature"] = "temperature"
    temperature: _PositiveFloat


class Isotonic(_Calibrator):
    """A piecewise linear, non-decreasing function of z through the points (``logits``, ``probabilities``),
    constant beyond the first and the last. Rows between which it is constant become ties."""

    name: Literal["isotonic"] = "isotonic"
    logits: Annotated[tuple[float, ...], Field(min_length=1)]
    """Strictly increasing."""
    probabilities: tuple[Annotated[float, Field(gt=0.0, lt=1.0)], ...]
    """Non-decreasing, strictly between 0 and 1."""

    @model_validator(mode="after")
    def _is_a_function(self) -> Isotonic:
        x, y = self.logits, self.probabilities
        if len(x) != len(y):
            raise ValueError(f"{len(x)} logits and {len(y)} probabilities; there must be as many of each")
        if any(after <= before for before, after in pairwise(x)):
            raise ValueError("the logits must increase from one to the next")
        if any(after < before for before, after in pairwise(y)):
            raise ValueError("the probabilities must not decrease from one to the next")
        return self


Calibrator = Annotated[Logistic | Beta | Temperature | Isotonic, Field(discriminator="name")]
"""In files: a table with a ``name``."""
