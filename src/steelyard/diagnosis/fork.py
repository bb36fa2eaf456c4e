"""Collapse, or a good ranking cut at the wrong threshold: which of the two, and how far that is known.

A network that gives every row the same probability, and one that ranks well but gives no row more than 0.5,
have the same accuracy, precision, recall and F1 in every epoch. At one positive in 21 rows the second is the
normal case: a calibrated network with a ROC AUC of 0.73 finds 0.12% of the positives at 0.5. Only the ranking
tells them apart, from predictions or a logged AUC, or a plain validation loss below the entropy of the base
rate, which no constant can have.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from scipy.special import bdtr

from steelyard.diagnosis.arithmetic.binormal import auc_of_skill
from steelyard.diagnosis.arithmetic.entropy import entropy
from steelyard.diagnosis.measured import finite_part
from steelyard.diagnosis.signals import ConfusionCurve, Curve, Estimate
from steelyard.log import Predictions

SETTLE = (
    "Compute the ROC AUC on validation rows (or save their predictions): an interval above 0.5 means that "
    "the ranking is sound and only the threshold is wrong; one around 0.5, that nothing was learned."
)


_ALIKE = 1e-6
_NEARLY_ALL = 0.9
_NO_LOSS = 0.01
"""Labels that are swapped cost more than this share of the entropy of the base rate."""


class Way(Enum):
    """What lies behind decisions that find hardly any positive."""

    FINDS = "finds positives"
    """The symptom is not there."""
    UNKNOWN = "unknown"
    """Nothing in the log says whether positives are found."""
    CONSTANT = "constant"
    """One probability for all rows, as good as."""
    RANKS = "ranks"
    """Positives get higher probabilities than negatives."""
    BACKWARDS = "backwards"
    """Positives get lower ones: a ranking, of the wrong sign."""
    UNDECIDED = "undecided"
    """Either; the log cannot tell."""


@dataclass(frozen=True)
class Fork:
    """The verdict, and what it rests on."""

    way: Way
    recall: float = math.nan
    """The most that the recall at 0.5 can be in the last epoch."""
    auc: Estimate | None = None
    """The ROC AUC behind the verdict."""
    by: str = ""
    """What decided: ``predictions``, ``auc``, ``loss``, or nothing."""
    why: str = ""
    """A clause for a sentence."""
    certain: bool = False
    """Nothing else is possible."""
    alarms: int = 0
    """Rows above 0.5 in the last epoch, where fewer of them are positive than of rows drawn at random."""


@dataclass(frozen=True)
class Limits:
    """Where one verdict ends and the next begins."""

    found: float = 0.02
    """Recall up to which decisions count as finding nothing."""
    flat: float = 0.05
    """Spread of the probabilities, in units of that of the labels, below which they count as constant."""
    useless: float = 0.6
    """A ROC AUC that a network that learned nothing does not exceed."""
    level_loss: float = 0.002
    """Distance of the skill from 0, either way, that counts as the loss of the base rate."""
    errors: float = 2.0
    """Standard errors for a verdict."""
    chance: float = 0.001
    """Probability below which rows above 0.5 count as hit too seldom for chance."""


def fork(
    recall: Curve | None,
    accuracy: Curve | None,
    confusion: ConfusionCurve | None,
    predictions: Predictions | None,
    auc: Estimate | None,
    skill: Curve | None,
    base_rate: Estimate | None,
    rows: int | None,
    limits: Limits,
) -> Fork:
    """The verdict on validation rows, from whatever of these is known."""
    most = _most_recall(recall, accuracy, confusion, predictions, base_rate, rows)
    if most is None:
        return Fork(Way.UNKNOWN)
    if most > limits.found:
        return Fork(Way.FINDS, most)
    verdict = (
        _by_predictions(most, predictions, auc, limits)
        or _by_auc(most, auc, skill, limits)
        or _by_loss(most, skill, base_rate, rows, limits)
        or Fork(Way.UNDECIDED, most, auc)
    )
    return replace(verdict, alarms=_alarms(confusion, predictions, limits))


def _alarms(confusion: ConfusionCurve | None, predictions: Predictions | None, limits: Limits) -> int:
    """Rows above 0.5 in the last epoch, if they hold too few positives for chance, else 0."""
    if predictions is not None:
        above = predictions.probability > 0.5
        called, hits = int(above.sum()), int((above & (predictions.target == 1)).sum())
        rate = float(predictions.target.mean())
    elif confusion is not None and len(confusion.epochs):
        called = int(confusion.predicted_positive_low[-1])
        hits = int(confusion.true_positive_high[-1])
        rate = confusion.positives.low / confusion.rows
    else:
        return 0
    return called if float(bdtr(hits, called, rate)) < limits.chance else 0


def _most_recall(
    recall: Curve | None,
    accuracy: Curve | None,
    confusion: ConfusionCurve | None,
    predictions: Predictions | None,
    base_rate: Estimate | None,
    rows: int | None,
) -> float | None:
    """The most that recall at 0.5 can be in the end, by the most direct source there is."""
    if predictions is not None and predictions.target.any():
        return float(np.mean(predictions.probability[predictions.target == 1] > 0.5))
    known = None if recall is None else finite_part(recall)
    if known is not None and len(known):
        return float(known.high[-1])
    if confusion is not None and len(confusion.epochs) and confusion.positives.low > 0.0:
        most = float(confusion.true_positive_high[-1]) / confusion.positives.low
        if most <= 1.0:
            return most
    if accuracy is not None and base_rate is not None and rows is not None and base_rate.high < 0.5:
        still = accuracy.values[-3:]
        row = 1.0 / rows
        if (
            len(still) == 3
            and np.ptp(still) < row / 2.0
            and base_rate.high - base_rate.low < row
            and abs(still[-1] - (1.0 - base_rate.value)) <= row
        ):
            return 0.0
    return None


def _by_predictions(
    recall: float, predictions: Predictions | None, auc: Estimate | None, limits: Limits
) -> Fork | None:
    if predictions is None:
        return None
    p = predictions.probability
    rate = float(predictions.target.mean())
    spread = float(p.std())
    if p.max() - p.min() <= 1e-6:
        return Fork(
            Way.CONSTANT, recall, auc, "predictions", f"every row gets a probability of {p.mean():.4g}", True
        )
    if auc is None:
        return None
    usual = float(np.median(p))
    alike = float(np.mean(np.abs(p - usual) <= _ALIKE))
    if alike >= _NEARLY_ALL and auc.high <= limits.useless:
        return Fork(
            Way.CONSTANT,
            recall,
            auc,
            "predictions",
            f"{alike:.0%} of the rows get a probability of {usual:.4g}, the others tell little",
        )
    # A ranking of probabilities that are all alike may come out backwards as easily as not.
    if auc.low <= 0.5 and spread < limits.flat * math.sqrt(rate * (1.0 - rate)):
        return Fork(
            Way.CONSTANT,
            recall,
            auc,
            "predictions",
            f"the probabilities are {p.mean():.4g} give or take {spread:.2g} for all rows",
        )
    return None


def _by_auc(recall: float, auc: Estimate | None, skill: Curve | None, limits: Limits) -> Fork | None:
    if auc is None:
        return None
    if auc.low > 0.5:
        return Fork(Way.RANKS, recall, auc, "auc", certain=True)
    if auc.high < 0.5 and skill is not None and len(skill) and skill.low[-1] > -_NO_LOSS:
        why = "the ranking is backwards, by so little that the loss is still that of the base rate"
        return Fork(Way.CONSTANT, recall, auc, "auc", why)
    if auc.high < 0.5:
        return Fork(Way.BACKWARDS, recall, auc, "auc")
    if auc.high <= limits.useless:
        return Fork(Way.CONSTANT, recall, auc, "auc", "the ranking is that of chance")
    return None


def _by_loss(
    recall: float, skill: Curve | None, base_rate: Estimate | None, rows: int | None, limits: Limits
) -> Fork | None:
    """From a plain loss below that of every constant, or on it for epochs.

    Of n rows the loss of a network that knows I nats per row lies below the entropy by I, with a standard
    error of about sqrt(2 I / n): I is the mean of a log likelihood ratio, whose variance is near twice its
    mean where it is small. A penalty that may be in the loss only raises it: what lies below the entropy lies
    below it all the more without.
    """
    if skill is None or not len(skill) or base_rate is None or not base_rate.low > 0.0:
        return None
    low, high = float(skill.low[-1]), float(skill.high[-1])
    floor = entropy(base_rate.value)
    last = slice(-3, None)
    plain = skill.quantity.penalized is False and skill.quantity.weighted is False
    level = max(abs(skill.low[last]).max(), abs(skill.high[last]).max()) <= limits.level_loss
    if plain and len(skill) >= 3 and level:
        return Fork(
            Way.CONSTANT,
            recall,
            None,
            "loss",
            f"the validation loss stays on that of predicting the base rate, {floor:.4g}",
        )
    if rows is None or low <= 0.0 or low * floor * rows < 2.0 * limits.errors**2:
        return None
    error = limits.errors * math.sqrt(2.0 * low * floor / rows) / floor
    rate = base_rate.value
    band = Estimate(
        auc_of_skill((low + high) / 2.0, rate),
        auc_of_skill(low - error, rate),
        auc_of_skill(high + error, rate),
        "of a calibrated network with this loss",
    )
    return Fork(
        Way.RANKS,
        recall,
        band,
        "loss",
        f"the validation loss lies {100 * low:.3g}% or more below that of the best constant prediction",
        certain=skill.quantity.weighted is False,
    )
