"""The questions that people ask of a loss curve, answered from the signals and the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from steelyard.diagnosis.signals import Signals
from steelyard.finding import Result


@dataclass(frozen=True)
class Answer:
    """``question`` as a person asks it; ``answer`` begins with Yes, No or Cannot tell and gives the numbers;
    ``codes`` are the rules it rests on."""

    question: str
    answer: str
    codes: tuple[str, ...] = ()


def answers_of(signals: Signals, results: Sequence[Result]) -> tuple[Answer, ...]:
    """Those questions that the log has something to say to."""
    del signals, results
    return ()
