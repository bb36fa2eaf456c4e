"""Points, metrics and plans as JSON text, and back. What is read may have been written by a stranger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from steelyard.errors import StorageError
from steelyard.study import Plan

T = TypeVar("T")


def to_text(value: Mapping[str, Any] | Sequence[float]) -> str:
    """A point or numbers as JSON, with all their digits. Tuples become lists; what is not finite is text.

    >>> to_text({"log_loss": float("inf"), "brier": 0.1})
    '{"log_loss":"Infinity","brier":0.1}'
    """
    return to_json(value, inf_nan_mode="strings").decode()


def plan_to_json(plan: Plan) -> str:
    """A plan as text."""
    return plan.model_dump_json()


def plan_from_json(text: object, where: str) -> Plan:
    """The plan that was written; :class:`StorageError` if this is none that this version knows."""
    try:
        return Plan.model_validate_json(text if isinstance(text, str) else "")
    except ValidationError as error:
        raise damaged(f"{where}: its plan", error) from None


def validated(kind: TypeAdapter[T], found: Any, where: str) -> T:
    """What a query found, as the record it must be; :class:`StorageError` if it is not."""
    try:
        return kind.validate_python(found)
    except ValidationError as error:
        raise damaged(where, error) from None


def damaged(where: str, error: ValueError) -> StorageError:
    """The error for something in the database that Steelyard did not write."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        found = repr(first["input"])
        shown = found if len(found) <= 60 else f"{found[:57]}..."
        detail = f"{place}: {first['msg']}; found {shown}"
    else:
        detail = str(error)
    return StorageError(
        f"{where}: is not as Steelyard wrote it ({detail})",
        help="restore the database from a copy, or start a new study",
    )
