"""Coded messages: what warns or refuses begins with a code, under which docs/codes.md says more.

A code is a letter for the part of the program (D data, K Keras programs) and three digits. Each part keeps a
table of its own; that a warning can be stopped by its code, with :func:`steelyard.silence`, comes from its
wording here.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from steelyard.errors import SteelyardError, SteelyardWarning


@dataclass(frozen=True)
class Code:
    """One kind of message: what it says in a line, why it matters, what to do about it."""

    code: str
    title: str
    why: str
    remedy: str
    error: type[SteelyardError] | None = None
    """What is raised; None for a warning."""


def table(codes: Iterable[Code]) -> Mapping[str, Code]:
    """Codes by their names, in their order; none may be there twice."""
    found: dict[str, Code] = {}
    for entry in codes:
        assert entry.code not in found, f"{entry.code} is there twice"
        found[entry.code] = entry
    return MappingProxyType(found)


def worded(code: str, message: str) -> str:
    """The message with its code in front, by which :func:`steelyard.silence` knows it.

    >>> worded("D107", "the test rows hold 12 positives")
    'D107: the test rows hold 12 positives'
    """
    return f"{code}: {message}"


def warn(entry: Code, message: str) -> None:
    """Warns, at the line outside this package that led here."""
    assert entry.error is None, f"{entry.code} is not a warning"
    frame, level = inspect.currentframe(), 1
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "steelyard":
        frame, level = frame.f_back, level + 1
    warnings.warn(SteelyardWarning(worded(entry.code, message), code=entry.code), stacklevel=level)


def refusal(entry: Code, message: str, help: str = "") -> SteelyardError:
    """The error to raise; ``help`` is by default the remedy."""
    assert entry.error is not None, f"{entry.code} is not an error"
    return entry.error(worded(entry.code, message), help=help or entry.remedy)
