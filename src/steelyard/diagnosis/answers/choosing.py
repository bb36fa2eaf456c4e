"""Which epoch, or which trial, is best, and how sure is that?"""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.answers.answer import Answer, Case, first_sentence, joined
from steelyard.diagnosis.arithmetic import noise_of
from steelyard.diagnosis.arithmetic.averaged_trials import over_seeds
from steelyard.diagnosis.arithmetic.trial_tables import Ranking, ranking
from steelyard.diagnosis.keeping import keeps_lowest_loss
from steelyard.diagnosis.measured import finite_part
from steelyard.diagnosis.signals import BestEpoch, Curve, Signals
from steelyard.diagnosis.wording import number
from steelyard.log import TrialTable

EPOCH = "Which epoch is best, and how sure is that?"
TRIAL = "Which trial is best, and how sure is that?"
_DOUBTS = ("SRC811", "SRC803", "SRC802", "SRC806", "SRC805", "SRC804", "SRC813", "OPT303")
"""Rules whose findings mean that the first of a table need not be the best, the gravest first."""


def best_epoch(case: Case) -> Answer | None:
    """The best by the validation curve, which epochs cannot be told from it, and what is kept."""
    signals = case.signals
    best = signals.best_epoch
    curve = None if best is None else _curve(signals, best)
    if best is None or curve is None or len(curve) < 2 or best.epoch not in curve.epochs:
        return None
    value = float(curve.values[curve.epochs == best.epoch][0])
    codes = case.of(("OPT303", "OPT304", "REG401", "REG403", "REG406", "LOG912"))
    start = f"Epoch {best.epoch} of {curve.epochs[-1]}, with a {best.by} of {number(value)}"
    if case.fired("LOG909") is not None:
        start += " (of the last run in the log)"
    return Answer(
        EPOCH,
        joined(
            f"{start}{_alike(signals, best, curve)}.",
            _how_near(signals, best, curve),
            _at_the_end(case, best, curve, value),
        ),
        codes,
    )


def _curve(signals: Signals, best: BestEpoch) -> Curve | None:
    """The curve that was chosen by, as logged."""
    if best.by == "average precision":
        return signals.validation_average_precision
    if best.by == "ROC AUC":
        return signals.validation_auc
    loss = signals.validation_loss
    if loss is None or (loss.high > loss.low).any():
        loss = signals.validation_loss_logged
    return None if loss is None else finite_part(loss)


def _alike(signals: Signals, best: BestEpoch, curve: Curve) -> str:
    if signals.validation_noise is None and not np.isfinite(noise_of(curve.values)):
        return (
            f"; of {len(curve)} epochs, and without the number of rows and positives that validate, it "
            "cannot be said which others are as good"
        )
    if best.first == best.last:
        return "; no other comes as near as its noise"
    return f"; between epochs {best.first} and {best.last} there are others as good within noise"


def _how_near(signals: Signals, best: BestEpoch, curve: Curve) -> str:
    wiggle = noise_of(curve.values)
    moves = f"from epoch to epoch the curve moves by about {wiggle:.2g}" if np.isfinite(wiggle) else ""
    noise = signals.validation_noise if best.by == "validation loss" else None
    if noise is None:
        if best.by != "validation loss" or not moves:
            return ""
        return f"How many rows and positives validate is not known: {moves}, which stands in for their noise."
    text = f"The standard error of that loss is about {noise:.2g}"
    if not moves:
        return f"{text}."
    if wiggle > 2.0 * noise:
        return f"{text}, but {moves}: that this epoch and no other is the lowest is luck."
    return f"{text}; {moves}."


def _at_the_end(case: Case, best: BestEpoch, curve: Curve, value: float) -> str:
    signals = case.signals
    last, final = int(curve.epochs[-1]), float(curve.values[-1])
    if case.told("OPT303") is not None:
        return "It was still getting better when training ended: a later one may be better yet."
    if last == best.epoch:
        return ""
    if signals.stopping is not None and signals.stopping.restore_best:
        by = "" if keeps_lowest_loss(signals.stopping) else f" by {signals.stopping.monitor}"
        return f"The weights kept are those of the best epoch{by}."
    if best.last >= last or value == 0.0:
        return "The last epoch is as good within noise."
    worse = abs(final - value) / abs(value)
    return (
        f"The weights of the last epoch, {last}, are worse by {worse:.1%}; whether those of the best were "
        "kept the log does not say."
        if signals.stopping is None or signals.stopping.restore_best is None
        else f"The weights kept are those of the last epoch, {last}, which is worse by {worse:.1%}."
    )


def best_trial(case: Case) -> Answer | None:
    """The first of a table, and what speaks against taking it for the best."""
    if case.signals.trials is None:
        return None
    table, _ = over_seeds(case.signals.trials, None)
    found = ranking(table)
    if found is None or len(found.measured) < 2:
        return None
    doubts = [finding for code in _DOUBTS if (finding := case.told(code)) is not None]
    first = (
        f"{_named(table, found)} comes first of {len(found.measured)}, by {found.words} "
        f"({number(float(found.values[found.best]))})"
    )
    if not doubts:
        return Answer(TRIAL, f"{first}, and nothing speaks against it.")
    decisive = [finding for finding in doubts if finding.code in ("SRC811", "SRC803", "SRC802")]
    start = f"Cannot tell: {first}, but that decides nothing." if decisive else f"{first}."
    reasons = [f"{first_sentence(finding.message)}." for finding in doubts[:4]]
    return Answer(TRIAL, joined(start, *reasons), tuple(finding.code for finding in doubts[:4]))


def _named(table: TrialTable, found: Ranking) -> str:
    told = [
        f"{name} = {_short(column[found.best])}"
        for name, column in table.parameters.items()
        if column[found.best] is not None
    ]
    return ", ".join(told[:4]) if told else f"trial {found.best + 1}"


def _short(value: object) -> str:
    return number(value) if isinstance(value, float) else str(value)
