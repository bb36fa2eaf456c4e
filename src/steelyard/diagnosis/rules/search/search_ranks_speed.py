"""SRC813: the trials that made the largest steps look best, because none had arrived."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from steelyard.diagnosis.arithmetic.averaged_trials import over_seeds
from steelyard.diagnosis.arithmetic.trial_tables import (
    BATCH_SIZE,
    EPOCHS,
    LEARNING_RATE,
    key,
    losses_differ,
    numeric_column,
    scores_of,
)
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.wording import number
from steelyard.finding import Severity
from steelyard.log import Stopping, TrialTable
from steelyard.recipe import Change


@rule("SRC813", severity=Severity.WARNING, catalogue="H8", unless=("OPT303",))
def search_ranks_speed(
    trials: TrialTable,
    stopping: Stopping | None,
    planned_epochs: int | None,
    *,
    fewest: int = 6,
    level: float = 0.05,
    improved: float = 0.1,
) -> Outcome:
    """The search ranks how fast settings learn, not how well.

    How it is detected
    ------------------
    The way a trial can go is the learning rate times the number of steps (epochs over batch size). The
    further the trials could go, the lower their validation loss: the rank correlation over at least
    ``fewest`` trials is negative with p below ``level`` one-sided, and the third that went furthest has a
    loss lower by more than ``improved`` of the other's.

    When it misleads
    ----------------
    A range of learning rates that ends below the best one looks the same even after long training, and the
    advice is the same: go higher. With early stopping runs end when they have arrived; nothing is said,
    unless half of them or more are known to have gone through all their epochs.

    Why it matters
    --------------
    Every trial was on its way. The best setting after ten epochs is the fastest, which need not be the best
    after a hundred.

    What to change
    --------------
    More epochs for all, with early stopping; or higher learning rates.

    Source
    ------
    Catalogue C1, C3, H8; Tuning playbook ("still improving at the end").
    """
    trials, _ = over_seeds(trials, None)
    if losses_differ(trials):
        return CannotTell("trials differ in their loss functions, so their losses are no one measure")
    losses = scores_of(trials, "validation_loss" if "validation_loss" in trials.metrics else "train_loss")
    rate = numeric_column(trials, LEARNING_RATE)
    if rate is None or not np.isfinite(losses).any():
        return CannotTell("the losses of the trials or their learning rates are not known")
    if _ended_early(trials, stopping, planned_epochs):
        return Passed("early stopping ended each trial")
    if any(len({key(value) for value in values}) > 1 for values in _optimizers(trials)):
        return CannotTell("a learning rate means another thing with each optimizer, and the trials mix them")
    batch = numeric_column(trials, BATCH_SIZE)
    way = rate if batch is None else rate / np.where(batch >= 1.0, batch, np.nan)
    lengths = numeric_column(trials, EPOCHS) if trials.epochs is None else trials.epochs
    if lengths is not None:
        way = way * lengths
    known = np.isfinite(losses) & np.isfinite(way)
    loss, way = losses[known], way[known]
    if len(loss) < fewest or len(np.unique(way)) < 3:
        return CannotTell(f"fewer than {fewest} trials, or fewer than three different learning rates")
    if np.ptp(loss) == 0.0:
        return Passed("all losses are the same")
    from scipy.stats import spearmanr  # slow to load, and only long searches need it

    found = spearmanr(way, loss, alternative="less")
    correlation, p = float(found.statistic), float(found.pvalue)
    third = max(len(loss) // 3, 1)
    order = np.argsort(way)
    slow, fast = float(np.median(loss[order[:third]])), float(np.median(loss[order[-third:]]))
    if math.isnan(p) or p >= level or fast >= (1.0 - improved) * slow:
        return Passed(
            f"losses do not simply fall with the way a trial could go (rank correlation {correlation:.2f})"
        )
    return Fired(
        "The further a trial could go in its epochs (learning rate times steps), the lower its loss (rank "
        f"correlation {correlation:.2f} over {len(loss)} trials): the slowest third has a median of "
        f"{number(slow)}, the fastest {number(fast)}. The trials had not arrived, and the search ranks how "
        "fast they learn.",
        evidence={"correlation": correlation, "p": p, "slow": slow, "fast": fast, "trials": len(loss)},
        changes=_longer(stopping, planned_epochs),
        advice="Give every trial several times the epochs with early stopping, or higher learning rates.",
    )


def _ended_early(trials: TrialTable, stopping: Stopping | None, planned: int | None) -> bool:
    """Did early stopping end most trials, as far as is known?"""
    if stopping is None or stopping.patience is None:
        return False
    if planned is None or trials.epochs is None or not np.isfinite(trials.epochs).any():
        return True
    return float(np.nanmedian(trials.epochs)) < planned


def _longer(stopping: Stopping | None, planned: int | None) -> tuple[Change, ...]:
    more = () if planned is None else (Change("training.epochs", 4 * planned, "safe"),)
    waiting = stopping is not None and stopping.patience is not None
    return more if waiting else (*more, Change("training.patience", 12, "safe"))


def _optimizers(trials: TrialTable) -> list[Sequence[Any]]:
    """What each trial was trained with, by any name that people give the column."""
    return [
        values
        for name, values in trials.parameters.items()
        if name.lower().removesuffix(".name").rpartition(".")[2] in ("optimizer", "optimiser", "opt")
    ]
