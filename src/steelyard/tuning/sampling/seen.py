"""A trial as a sampler sees it."""

from __future__ import annotations

import json
from copy import copy
from dataclasses import dataclass
from typing import Any, Self

from optuna.trial import FrozenTrial

from steelyard.study import Point


class Shown(FrozenTrial):
    """What Optuna is shown of a trial. Nobody changes it, so copies share what it holds.

    Optuna copies whatever it is given with all that is in it, which for 250 trials in each batch took as long
    as half of the proposing.
    """

    @property
    def constraints(self) -> dict[str, float]:
        """None, as every recipe of a space can be trained; Optuna looks for them whenever it is asked."""
        return {}

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Another trial, for Optuna to number; its tables are the same ones."""
        copied = type(self).__new__(type(self))
        copied.__dict__.update(self.__dict__)
        return copied


@dataclass(frozen=True, eq=False)
class Seen:
    """A trial with all that proposals need to know of it.

    ``key`` is that of its point, see :func:`key_of`. ``rank`` is smaller, the better the trial is.
    """

    number: int
    running: bool
    key: str
    rank: tuple[bool, tuple[float, ...]]
    shown: Shown

    def with_notes(self, notes: dict[str, Any]) -> Shown:
        """What Optuna is shown, with what the sampler noted if the trial is finished."""
        if self.running or not notes:
            return self.shown
        noted = copy(self.shown)
        noted.system_attrs = notes
        return noted


def key_of(point: Point) -> str:
    """The same text for the same points, and for no others."""
    return json.dumps(point, sort_keys=True)
