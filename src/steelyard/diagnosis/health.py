"""Whether a run learned something in spite of how it is written: it decides between a smell and a fault."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.measured import finite_part
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Severity


def learned(validation_skill: Curve | None, validation_auc_interval: Estimate | None) -> bool | None:
    """Did the network learn something about validation rows?

    True if its skill (1 - loss / entropy of the base rate) in the last fifth of the epochs or the ROC AUC is
    surely above that of a constant, False if both can be no better, as far as they are known; None if
    neither is, or the bounds leave both open. A skill of 0.02 is what a ROC AUC of 0.6 comes to at a base
    rate of 1 in 21, hence the limit. A loss far above that of the base rate leaves it open too: class
    weights, resampling and too much confidence put a network there that ranks well.
    """
    said: list[bool | None] = []
    skill = None if validation_skill is None else finite_part(validation_skill)
    if skill is not None and len(skill):
        last = slice(-max(1, len(skill) // 5), None)
        low, high = float(np.median(skill.low[last])), float(np.median(skill.high[last]))
        said.append(True if low > _SKILL else False if low >= _WORSE and high <= _SKILL else None)
    if validation_auc_interval is not None:
        low, high = validation_auc_interval.low, validation_auc_interval.high
        said.append(True if low > 0.5 + _AUC else False if high <= 0.5 + _AUC else None)
    if True in said:
        return True
    # What is known of the ranking decides where the loss leaves it open.
    return False if said and said[-1] is False else None


def severity(own: Severity, has_learned: bool | None) -> Severity:
    """Of what is written in a way that often goes wrong: ``own`` where the run learned nothing, otherwise a
    smell, also where it cannot be told."""
    return own if has_learned is False else Severity.SMELL


def in_this_run(has_learned: bool | None) -> str:
    """A sentence on it, to end a message with."""
    if has_learned is None:
        return "Whether this run suffered from it cannot be told from the log."
    return (
        "This run learned something all the same." if has_learned else "This run learned nothing that shows."
    )


_SKILL = 0.02
_WORSE = -0.25
_AUC = 0.02
