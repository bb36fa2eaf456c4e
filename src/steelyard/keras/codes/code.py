"""What a code is."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.errors import SteelyardError


@dataclass(frozen=True)
class Code:
    """One kind of message: what it says in a line, why it matters, what to do about it."""

    code: str
    title: str
    why: str
    remedy: str
    error: type[SteelyardError] | None = None
    """What is raised; None for a warning."""
