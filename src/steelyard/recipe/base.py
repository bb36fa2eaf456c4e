"""The common ground of all parts of a recipe."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer


class Part(BaseModel):
    """A frozen part of a recipe: unknown keys are refused, numbers must be finite."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        validate_default=False,
        use_attribute_docstrings=True,
    )


def _true_is_no_number(value: Any) -> Any:
    """Python counts with True; a file that says ``l2 = true`` means something else."""
    if isinstance(value, bool):
        raise ValueError(f"must be a number; found {str(value).lower()}")
    return value


Int = Annotated[int, BeforeValidator(_true_is_no_number)]
Float = Annotated[float, BeforeValidator(_true_is_no_number)]
PositiveInt = Annotated[Int, Field(gt=0)]
NonNegativeInt = Annotated[Int, Field(ge=0)]
PositiveFloat = Annotated[Float, Field(gt=0)]
NonNegativeFloat = Annotated[Float, Field(ge=0)]


def _none_if_off(value: Any) -> Any:
    return None if isinstance(value, str) and value == "off" else value


def _off_if_none(value: Any) -> Any:
    return "off" if value is None else value


T = TypeVar("T")
OrOff = Annotated[T | None, BeforeValidator(_none_if_off), PlainSerializer(_off_if_none, when_used="json")]
"""A value or None; files say ``"off"`` for None, since TOML has no null."""


def by_name(value: object) -> object:
    """The name of a part alone means the part with its defaults: ``"sgd"`` is ``{"name": "sgd"}``."""
    return {"name": value} if isinstance(value, str) else value
