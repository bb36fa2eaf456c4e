"""What a diagnosis says: one result for every rule, and with those that fired a finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from steelyard.recipe import Change


class Severity(StrEnum):
    """How bad it is if it is so."""

    ERROR = "error"
    """What the log seems to say is not so, or the network has learned nothing."""
    WARNING = "warning"
    """The result is worse than it need be, or says less than it seems to."""
    SMELL = "smell"
    """Written in a way that often goes wrong; this run shows no harm, or cannot show it."""


class Confidence(StrEnum):
    """How sure it is that it is so."""

    CERTAIN = "certain"
    """Arithmetic: nothing else is possible."""
    LIKELY = "likely"
    """The rule misleads in few of the runs it was calibrated on."""
    POSSIBLE = "possible"
    """There is another explanation that the log cannot exclude; ``settle`` says what would."""


class Status(StrEnum):
    """What became of a rule."""

    FIRED = "fired"
    PASSED = "passed"
    NOT_APPLICABLE = "not applicable"
    """A fact is missing, or the numbers cannot tell."""
    MASKED = "masked"
    """Another finding explains it."""
    IGNORED = "ignored"
    """By the user's wish."""


@dataclass(frozen=True)
class Finding:
    """A symptom, and what shows it.

    ``message`` is one to three sentences with the numbers in them; ``evidence`` the same numbers by name;
    ``epochs`` those at which it shows (from 1), empty for the run as a whole. ``changes`` are what to try, as
    data; ``advice`` is what to do in words, also where no change of a recipe can. ``settle`` says what would
    make sure, empty if nothing needs to.
    """

    code: str
    name: str
    severity: Severity
    confidence: Confidence
    message: str
    evidence: Mapping[str, float | int | str] = field(default_factory=dict)
    epochs: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()
    advice: str = ""
    settle: str = ""


@dataclass(frozen=True)
class Result:
    """What became of one rule; ``reason`` is a sentence, ``finding`` is there if it fired or was masked or
    ignored after it had fired. ``missing`` names the signals that it could not do without."""

    code: str
    name: str
    status: Status
    reason: str = ""
    finding: Finding | None = None
    missing: tuple[str, ...] = ()
