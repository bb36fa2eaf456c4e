"""The share of positives of each split: counted, worked out from metrics, or said.

What is counted is believed. Else the metrics of all epochs leave an interval (no counts fit outside it),
which may be all there is; weaker evidence narrows it where it fits, and is told where it does not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from steelyard.diagnosis.arithmetic import rate_from_batch_means
from steelyard.diagnosis.arithmetic.confusion_bounds import Counts
from steelyard.diagnosis.deriving.counted import counted_rows
from steelyard.diagnosis.deriving.curves import Curves
from steelyard.diagnosis.deriving.decisions import Decisions
from steelyard.diagnosis.signals import Estimate
from steelyard.log import Facts, Log

_LOOSE = 1.2
"""By what factor odds that a person says may be off: "20:1" is from 17 to 24."""
_ELSEWHERE = 2.0
"""By what factor the odds of validation rows may differ from those of all, if not drawn at random."""
_SPREAD = 3.3
"""Standard deviations that chance is given: one in a thousand rows drawn at random goes beyond."""
_WIDEST = 20.0
"""An interval whose ends differ by more than this factor says nothing."""
_UNLIKELY = 1e-6


@dataclass(frozen=True)
class Rate:
    """A base rate. ``hard`` are the counts that nothing excludes for certain."""

    share: Estimate | None
    hard: Counts | None
    rows: int | None

    @property
    def positives(self) -> Estimate | None:
        """As a number of rows."""
        if self.share is None or self.rows is None:
            return None
        ends = (self.share.value, self.share.low, self.share.high)
        value, low, high = (share * self.rows for share in ends)
        least, most = math.ceil(low - 1e-6), math.floor(high + 1e-6)
        if least > most:
            least, most = most, least  # no whole number lies between: those around it
        return Estimate(min(max(round(value), least), most), least, most, self.share.how)


def rate_of(
    split: str, log: Log, decisions: Decisions | None, curves: Curves | None, means: frozenset[str]
) -> Rate:
    """The base rate of ``train`` or ``validation`` rows."""
    facts = log.facts
    rows, positives = _counts(split, log, curves)
    if positives is not None and rows:
        how = facts.origins.get(f"positives_{split}", "counted")
        return Rate(_exactly(positives / rows, how), (positives, positives), rows)
    evidence = list(_evidence(split, log, rows, curves, decisions, means))
    span = decisions.positives(rows) if decisions is not None else (0.0, 1.0)
    hard = (
        None
        if rows is None
        else (0, rows)
        if span is None
        else (round(span[0] * rows), round(span[1] * rows))
    )
    low, high = span or (0.0, 1.0)
    bounded = low > 0.0 or high < 1.0
    used, unfit, value = [], [], None
    for one in evidence:
        if one.low > high or one.high < low:
            unfit.append(one.how)
            continue
        low, high = max(low, one.low), min(high, one.high)
        value = one.value if value is None else value
        used.append(one.how)
    if not low > 0.0 or high / low > _WIDEST:
        return Rate(None, hard, rows)
    how = "; ".join(
        [*(["the metrics of decisions leave no other"] if bounded and not used else []), *used]
    ) + "".join(f" (does not fit: {text})" for text in unfit)
    middle = math.sqrt(low * high) if value is None else min(max(value, low), high)
    return Rate(Estimate(middle, low, high, f"inferred: {how}"), hard, rows)


def _counts(split: str, log: Log, curves: Curves | None) -> tuple[int | None, int | None]:
    facts = log.facts
    rows = facts.rows_train if split == "train" else facts.rows_validation
    positives = facts.positives_train if split == "train" else facts.positives_validation
    predicted = log.predictions.get(split)
    if predicted is not None and positives is None and rows in (None, len(predicted.target)):
        return len(predicted.target), int(predicted.target.sum())
    counted = counted_rows(curves, split)
    if counted is not None and positives is None and rows in (None, counted[0]):
        return counted
    if rows is not None and positives is not None and positives > rows:
        return rows, None  # one of the two is of other rows
    return rows, positives


def _evidence(
    split: str,
    log: Log,
    rows: int | None,
    curves: Curves | None,
    decisions: Decisions | None,
    means: frozenset[str],
) -> Iterator[Estimate]:
    """What narrows the base rate without being certain, the best first."""
    facts = log.facts
    if curves is not None and (found := _from_batch_means(split, facts, curves, means)) is not None:
        yield found
    if decisions is not None and rows and (found := _from_no_hits(decisions, rows)) is not None:
        yield found
    said = _said(split, facts, rows)
    if said is not None:
        if log.trials is not None and rows and (found := _from_trials(split, log, rows, said)) is not None:
            yield found
        yield said


def _from_batch_means(split: str, facts: Facts, curves: Curves, means: frozenset[str]) -> Estimate | None:
    if (
        split != "train"
        or not {"precision", "recall"} <= means
        or not facts.batch_size
        or facts.shuffled is False
    ):
        return None
    columns = [curves.find(split, name) for name in ("accuracy", "precision", "recall")]
    present = [column for column in columns if column is not None]
    if len(present) < 3:
        return None
    shared = set.intersection(*({*column.epochs.tolist()} for column in present))
    values = zip(*(column.values[np.isin(column.epochs, [*shared])] for column in present), strict=True)
    batch = facts.batch_size
    rates = [
        rate for a, p, r in values if (rate := rate_from_batch_means(float(a), float(p), float(r), batch))
    ]
    if not rates:
        return None
    return Estimate(
        float(np.median(rates)),
        0.97 * min(rates),
        1.03 * max(rates),
        f"accuracy, and precision and recall averaged over batches of {facts.batch_size}",
    )


def _from_no_hits(decisions: Decisions, rows: int) -> Estimate | None:
    """Where no epoch has a true positive, the most accurate one hardly predicts any.

    Were there fewer positives than it has wrong decisions, the rest would be false alarms without a single
    hit; a network no worse than chance makes only few of these in a row.
    """
    silent = [
        reported
        for _, reported in decisions.by_epoch
        if reported.accuracy is not None
        and (
            reported.found is False
            or any(r is not None and r[1] <= 0.0 for r in (reported.recall, reported.precision))
        )
    ]
    if not silent or len(silent) < len(decisions.by_epoch):
        return None
    best = max(silent, key=lambda reported: reported.accuracy or (0.0, 0.0)).accuracy
    assert best is not None
    low, high = rows * (1.0 - best[1]), rows * (1.0 - best[0])
    if not 0.0 < low < rows:
        return None
    alarms = math.log(_UNLIKELY) / math.log1p(-low / rows)
    return Estimate(
        high / rows,
        max(low - alarms, 0.0) / rows,
        high / rows,
        f"accuracy {1.0 - high / rows:.6g} of an epoch without a true positive, that of predicting 0",
    )


def _from_trials(split: str, log: Log, rows: int, said: Estimate) -> Estimate | None:
    """The accuracy that several trials share to the last digit is that of predicting the commoner class, if
    it is one that the base rate makes likely."""
    trials = log.trials
    column = None if trials is None else trials.metrics.get(f"{split}_accuracy")
    if column is None or len(column) < 3:
        return None
    values, times = np.unique(column[np.isfinite(column)], return_counts=True)
    if not len(values) or times.max() < max(3, len(column) // 3):
        return None
    share = 1.0 - float(values[times.argmax()])
    if not said.low <= share <= said.high:
        return None
    positives = round(share * rows)
    return Estimate(
        positives / rows,
        positives / rows,
        positives / rows,
        f"{times.max()} of {len(column)} trials have the accuracy of predicting 0 to {positives:,} positives",
    )


def _said(split: str, facts: Facts, rows: int | None) -> Estimate | None:
    """From the base rate of all rows, or odds in words."""
    resampled = facts.resampling not in (None, "none")
    if split == "train" and resampled and (facts.base_rate is not None or facts.odds_said is not None):
        return Estimate(0.5, 0.5, 0.5, f"{facts.resampling} makes classes equal unless told otherwise")
    raw = raw_rate(facts)
    if raw is None or not 0.0 < raw.value < 1.0:
        return None
    rate, low, high, how = raw.value, raw.low, raw.high, raw.how
    chance = _SPREAD * math.sqrt(rate * (1.0 - rate) / rows) if rows else 0.1 * rate
    match facts.validation_way:
        case "stratified":
            chance = 1.0 / rows if rows else 0.0
        case "random":
            pass
        case _:
            apart = _apart(split, facts)
            low, high = _odds(low, 1.0 / apart), _odds(high, apart)
            how += ", if this split is like the whole"
    return Estimate(rate, max(low - chance, 0.0), min(high + chance, 1.0), how)


def _apart(split: str, facts: Facts) -> float:
    """By what factor the odds of a split may differ from those of all rows: of many rows less."""
    if split != "train" or not facts.rows_train or facts.rows_validation is None:
        return _ELSEWHERE
    return 1.0 + (_ELSEWHERE - 1.0) * min(1.0, facts.rows_validation / facts.rows_train)


def _odds(rate: float, factor: float) -> float:
    odds = factor * rate / (1.0 - rate)
    return odds / (1.0 + odds)


def raw_rate(facts: Facts) -> Estimate | None:
    """The share of positives among all rows, before anything was resampled or split."""
    if facts.base_rate is not None:
        return _exactly(facts.base_rate, facts.origins.get("base_rate", "counted"))
    if facts.odds_said is None:
        return None
    rate = 1.0 / (1.0 + facts.odds_said)
    how = f"about {facts.odds_said:g}:1 as said, positives being the rarer"
    return Estimate(rate, _odds(rate, 1.0 / _LOOSE), _odds(rate, _LOOSE), how)


def _exactly(rate: float, how: str) -> Estimate:
    return Estimate(rate, rate, rate, how)
