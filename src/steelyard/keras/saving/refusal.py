"""What is wrong with a file, told once: the code in front, then the file, then the place in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from steelyard.errors import SteelyardError
from steelyard.keras.codes import CODES

_CODED = re.compile(r"(?P<code>K\d{3}): (?P<text>.*)", re.DOTALL)


class Refused(Exception):
    """Something in a file cannot be used. ``problems`` are clauses that name the place within the file;
    ``help`` replaces the advice that goes with the code."""

    def __init__(self, code: str, *problems: str, help: str = "") -> None:
        self.code = code
        self.help = help
        self.problems = tuple(f"{code}: {problem}" for problem in problems)
        super().__init__(*self.problems)

    @classmethod
    def gathered(cls, first: Refused, *others: Refused) -> Refused:
        """All of them as one; the first decides the kind of error, and the advice."""
        all_of_them = cls(first.code, help=first.help)
        all_of_them.problems = tuple(problem for one in (first, *others) for problem in one.problems)
        return all_of_them


@contextmanager
def telling(where: str) -> Iterator[None]:
    """Turns what is refused inside into the error a caller sees, with ``where`` before each place."""
    try:
        yield
    except RecursionError:
        entry = CODES["K233"]
        assert entry.error is not None, "K233 is an error"
        raise entry.error(f"K233: {where}: lists within lists without end", help=entry.remedy) from None
    except Refused as refused:
        entry = CODES[refused.code]
        assert entry.error is not None, f"{refused.code} is not an error"
        raise entry.error(
            *(_placed(problem, where) for problem in refused.problems), help=refused.help or entry.remedy
        ) from None


def clauses(error: SteelyardError, place: str) -> tuple[str, ...]:
    """The problems of an error that a layer, loss or optimizer raised, with the place in the file in each."""
    return tuple(_placed(problem, place) for problem in error.problems)


def _placed(problem: str, where: str) -> str:
    coded = _CODED.fullmatch(problem)
    return f"{coded['code']}: {where}: {coded['text']}" if coded else f"{where}: {problem}"
