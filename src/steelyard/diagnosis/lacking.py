"""What a log left open: which facts would let more rules speak, and how each is supplied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from steelyard.diagnosis.door import Door
from steelyard.diagnosis.signals import SIGNALS
from steelyard.finding import Result


@dataclass(frozen=True)
class Lack:
    """Facts that rules could not do without, and that are supplied in one way."""

    how: str
    """As a person types it at that door: ``--positives N --rows N``, ``validation=(x, y)``."""
    what: tuple[str, ...]
    codes: tuple[str, ...]
    """Of the rules that lack one of them."""


def lacking(results: Sequence[Result], door: Door = Door.COMMAND) -> tuple[Lack, ...]:
    """What a person can supply in one call at this door, the most wanted first.

    What takes another kind of log (a search, a run of Steelyard's own) or another training is not among it.
    """
    what: dict[str, dict[str, None]] = {}
    codes: dict[str, dict[str, None]] = {}
    for result in results:
        for signal in result.missing:
            meaning, how = SIGNALS[signal]
            if how.startswith("--"):
                how = door.words(how)
                what.setdefault(how, {})[meaning] = None
                codes.setdefault(how, {})[result.code] = None
    found = (Lack(how, tuple(what[how]), tuple(codes[how])) for how in what)
    return tuple(sorted(found, key=lambda lack: -len(lack.codes)))
