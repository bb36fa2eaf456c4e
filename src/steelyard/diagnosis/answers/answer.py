"""A question with its answer, and what an answer is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from steelyard.diagnosis.signals import Signals
from steelyard.finding import Finding, Result, Status


@dataclass(frozen=True)
class Answer:
    """``question`` as a person asks it; ``answer`` gives the numbers, and to a question of yes or no begins
    with Yes, No or Cannot tell; ``codes`` are the rules it rests on."""

    question: str
    answer: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Case:
    """What is known of a run or a search: its signals, and by code what every rule said of them."""

    signals: Signals
    results: Mapping[str, Result]

    def fired(self, code: str) -> Finding | None:
        """The finding of a rule that fired, unless another explains it."""
        result = self.results.get(code)
        return result.finding if result is not None and result.status is Status.FIRED else None

    def told(self, code: str) -> Finding | None:
        """The finding of a rule that fired, also where another explains it."""
        result = self.results.get(code)
        return None if result is None else result.finding

    def of(self, codes: Sequence[str]) -> tuple[str, ...]:
        """Those of the rules that fired."""
        return tuple(code for code in codes if self.fired(code) is not None)


def sentence(text: str) -> str:
    """With a capital letter and a full stop.

    >>> sentence("no gap to speak of")
    'No gap to speak of.'
    """
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def first_sentence(text: str) -> str:
    """The first of several sentences, without its full stop.

    >>> first_sentence("Logged is 0.1048. More follows.")
    'Logged is 0.1048'
    """
    return text.partition(". ")[0].rstrip(".")


def joined(*parts: str) -> str:
    """Sentences one after the other; empty ones are left out."""
    return " ".join(part for part in parts if part)


def below(low: float, high: float) -> str:
    """A skill, or the two between which it lies, as a distance from the loss of the base rate.

    >>> below(0.024, 0.0293), below(-0.0333, -0.0333), below(-0.01, 0.02)
    ('between 2.4% and 2.9% below it', '3.3% above it', 'between 1.0% above and 2.0% below it')
    """
    if f"{low:.1%}" == f"{high:.1%}":
        return f"{abs(low):.1%} {'below' if low >= 0.0 else 'above'} it"
    if low < 0.0 < high:
        return f"between {-low:.1%} above and {high:.1%} below it"
    near, far = sorted((abs(low), abs(high)))
    return f"between {near:.1%} and {far:.1%} {'below' if high > 0.0 else 'above'} it"
