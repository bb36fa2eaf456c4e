"""The losses of a run, each against what predicting its own base rate costs."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.answers.answer import below
from steelyard.diagnosis.measured import finite_part, last_known
from steelyard.diagnosis.signals import Signals
from steelyard.diagnosis.wording import estimated, number

_WIDE = 0.05
"""Distance between the least and the most that a skill can be, from which the reason is told."""
_USELESS = 1.0
"""And from which the skill itself is not."""


def costs(signals: Signals) -> str:
    """What predicting the base rate costs on either split; empty where that is not known."""
    if signals.train_floor is None or signals.validation_floor is None:
        return ""
    return (
        f"Predicting the base rate costs {estimated(signals.train_floor)} on training rows and "
        f"{estimated(signals.validation_floor)} on validation rows."
    )


def ends(signals: Signals) -> str:
    """How far each loss ends below that; empty where base rates or plain losses are not known."""
    train, validation = last_known(signals.train_skill), last_known(signals.validation_skill)
    if train is None or validation is None:
        return ""
    if train[2] - train[1] > _USELESS:
        return f"Against its base rate, the validation loss ends {below(*validation[1:])}{_at_best(signals)}."
    why = ""
    if signals.train_loss is not None and train[2] - train[1] > _WIDE:
        why = f" ({signals.train_loss.how})"
    return (
        "Against the loss of its own base rate, at the end the training loss is "
        f"{below(*train[1:])}{why}, the validation loss {below(*validation[1:])}{_at_best(signals)}."
    )


def parts_of_gap(signals: Signals) -> str:
    """How much of the distance between the curves is one between base rates, and how much is not."""
    train, validation = last_known(signals.train_loss_logged), last_known(signals.validation_loss_logged)
    floors = signals.train_floor, signals.validation_floor
    if train is None or validation is None or floors[0] is None or floors[1] is None:
        return ""
    if not (floors[0].high < floors[1].low or floors[1].high < floors[0].low):
        return ""
    if signals.penalized or signals.weights_in_force:
        return ""  # then the curves are not those of the plain losses
    gap, share = validation[0] - train[0], floors[1].value - floors[0].value
    if gap * share <= 0.0:
        return ""
    start = f"Of the {number(abs(gap))} between the two curves at the end,"
    if abs(share) >= abs(gap):
        return f"{start} all is between their base rates ({number(abs(share))})."
    return (
        f"{start} {number(abs(share))} is between their base rates; the rest, {number(abs(gap - share))}, is "
        "what the network knows of training rows and not of validation rows."
        if gap > 0.0
        else f"{start} {number(abs(share))} is between their base rates."
    )


def _at_best(signals: Signals) -> str:
    skill = None if signals.validation_skill is None else finite_part(signals.validation_skill)
    if skill is None or not len(skill):
        return ""
    at = int(np.argmax(skill.values))
    if skill.low[at] <= skill.high[-1]:
        return ""
    return f" ({below(skill.low[at], skill.high[at])} in epoch {skill.epochs[at]})"
