"""Seven million rows with a rare class whose rate, and whose cause, are others at the end of the file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from steelyard.errors import DataError

ROWS = 6_993_833
"""Rows of the table that is imitated: 5,595,067 to train on and 1,398,766 to validate on."""

_BLOCK = 1 << 17
"""Rows drawn at a time: what is needed besides the result stays below 10 MB."""

_MEDIAN = 3.1e-4
_SPREAD = 0.95
"""Of the natural logarithm of the first ratio."""
_TAIL_SHARE, _TAIL = 0.12, 1.6
"""This share of the rows is multiplied by ``exp(abs(n))``, n normal with this spread."""
_STEPS = (0.04, 0.07, 0.08, 0.12, 0.17)
"""How far each ratio wanders from the one before it, in logarithms: columns 3 to 7."""
_LARGE = 1e-3
_EMPTY_SHARE = 0.03
_ACTIVE_SHARE = 0.67
_RARE_SHARE = 0.002

# Logits at the median level. Solved for the two base rates, 2.77 % and 3.71 %, and for about the losses of
# the log; as rates they are 7.3 % and 0.15 %, later 8.5 % and 1.1 %.
_PASSIVE, _ACTIVE = -2.566, -6.532
_PASSIVE_LATE, _ACTIVE_LATE = -2.4021, -4.4925
_RARE_RATE = 0.6
_LEVEL_EFFECT = 0.25
"""What a standard deviation of the logarithm of the ratio adds to the logit: too small a quantity to be seen
by a network that is given the ratios as they are."""


def drifting_ratios(rows: int = ROWS, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Features, float64 (rows, 9), and labels, uint8 (rows,): 2.77 % positive in the first 80 % of the rows,
    3.7 % in the last 20 %.

    **Invented**: every number comes from ``numpy.random.default_rng(seed)`` and the formulas of this file.
    What it imitates is the table behind `question 307784 on Cross Validated
    <https://stats.stackexchange.com/q/307784>`_, of which thirty rows and the log of fifty epochs are known:

    - From the thirty rows: columns 1 and 3 to 7 are six strongly correlated ratios, most of them between
      1e-4 and 1e-3, a few a hundred times as large; a few rows are exactly zero with leftovers of a
      subtraction near 1e-18; column 2 is 1 where column 1 exceeds 1e-3; column 8 is 1 in two rows of three;
      column 9 is 0 (here: but for one row in five hundred). Nothing is scaled.
    - From the log: the accuracy of a network that says "no" to all is 0.9723 on the first 80 % of the rows
      and 0.9629 on the others, which gives the two rates. Its loss is lower than a constant's on the
      former (0.102 to 0.127), hardly on the latter (0.15 to 0.158): what can be learned without
      scaling loses its meaning. The few rows it does call positive are so in training, never in validation.
    - So, here: nearly all positives have 0 in column 8, until in the last 20 % those with 1 get a share;
      a 1 in column 9 means more positives than negatives, and none in the last 20 %.

    With all ``rows`` the result takes 0.51 GB, and its making little more. Raises
    :class:`~steelyard.errors.DataError` for fewer than five rows, which have no last 20 %.
    """
    if rows < 5:
        raise DataError(f"rows: must be at least 5; found {rows}")
    random = np.random.default_rng(seed)
    x = np.empty((rows, 9))
    y = np.empty(rows, np.uint8)
    late_from = rows - int(rows * 0.2)
    for start in range(0, rows, _BLOCK):
        part = x[start : start + _BLOCK]
        level = _fill(part, random)
        late = np.arange(start, start + len(part)) >= late_from
        y[start : start + _BLOCK] = random.random(len(part)) < _probability(part, level, late)
    return x, y


def _fill(part: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Draws the features of some rows in place; returns the level of each row in standard deviations."""
    rows = len(part)
    level = random.standard_normal(rows)
    logarithm = np.log(_MEDIAN) + _SPREAD * level
    logarithm += np.where(random.random(rows) < _TAIL_SHARE, _TAIL, 0.0) * np.abs(
        random.standard_normal(rows)
    )
    part[:, 0] = np.exp(logarithm)
    part[:, 1] = part[:, 0] > _LARGE
    for column, step in enumerate(_STEPS, start=2):
        logarithm += step * random.standard_normal(rows)
        part[:, column] = np.exp(logarithm)
    np.minimum(part[:, :7], 1.0, out=part[:, :7])
    part[:, 7] = random.random(rows) < _ACTIVE_SHARE
    part[:, 8] = random.random(rows) < _RARE_SHARE
    empty = np.flatnonzero(random.random(rows) < _EMPTY_SHARE)
    part[empty] = 0.0
    part[empty, 4:7] = 1e-18 * random.uniform(0.5, 4.0, (len(empty), 3))
    return level


def _probability(
    part: NDArray[np.float64], level: NDArray[np.float64], late: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """The probability of the positive class, from the flags and, weakly, from the level of the ratios."""
    passive = np.where(late, _PASSIVE_LATE, _PASSIVE)
    active = np.where(late, _ACTIVE_LATE, _ACTIVE)
    usual = expit(np.where(part[:, 7] == 1.0, active, passive) + _LEVEL_EFFECT * level)
    return np.where(part[:, 8] == 1.0, np.where(late, 0.0, _RARE_RATE), usual)
