"""The questions that people ask of a loss curve, answered from the signals and the rules."""

from __future__ import annotations

from collections.abc import Sequence

from steelyard.diagnosis.answers.answer import Answer, Case
from steelyard.diagnosis.answers.changing import first_changes
from steelyard.diagnosis.answers.choosing import best_epoch, best_trial
from steelyard.diagnosis.answers.collapsing import collapsed
from steelyard.diagnosis.answers.comparing import comparable
from steelyard.diagnosis.answers.learning import has_learned
from steelyard.diagnosis.answers.overfit import overfits
from steelyard.diagnosis.signals import Signals
from steelyard.finding import Result

__all__ = ["Answer", "answers_of"]

_QUESTIONS = (has_learned, overfits, comparable, collapsed, best_epoch, best_trial, first_changes)


def answers_of(signals: Signals, results: Sequence[Result]) -> tuple[Answer, ...]:
    """Those questions that the log has something to say to. ``results`` are of the whole catalogue."""
    case = Case(signals, {result.code: result for result in results})
    found = (question(case) for question in _QUESTIONS)
    return tuple(answer for answer in found if answer is not None)
