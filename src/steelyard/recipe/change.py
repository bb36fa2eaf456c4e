"""A change to a recipe, as data: what a finding recommends, an experiment applies, a person types."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from steelyard.errors import RecipeError


@dataclass(frozen=True)
class Change:
    """Set the value at a dotted path of a recipe.

    ``risk`` says whether the change can make a sound run worse: "safe" or "unsafe".
    ``str(change)`` is what :func:`parse_change` reads.
    """

    path: str
    value: Any
    risk: Literal["safe", "unsafe"] = "unsafe"

    def __str__(self) -> str:
        if isinstance(self.value, str) and not _is_json(self.value):
            return f"{self.path}={self.value}"
        return f"{self.path}={json.dumps(self.value, default=dict)}"


def parse_change(text: str) -> Change:
    """``path=value`` as a :class:`Change`; the value is read as JSON if it is JSON, else as text.

    >>> parse_change("optimizer.learning_rate=3e-4")
    Change(path='optimizer.learning_rate', value=0.0003, risk='unsafe')
    >>> parse_change("network.activation=tanh").value
    'tanh'
    """
    path, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not path:
        raise RecipeError(
            f"{text!r} is not of the form path=value", help="for example optimizer.learning_rate=0.0003"
        )
    return Change(path, json.loads(value) if _is_json(value) else value)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True
