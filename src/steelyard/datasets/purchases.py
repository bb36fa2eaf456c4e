"""Visits to a shop as 125 zeros and ones, one in twelve of them with a purchase."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from steelyard.errors import DataError

if TYPE_CHECKING:
    import polars

ROWS = 51_349
PURCHASES = 4_112
"""Rows of the table that is imitated, and how many of them are positive."""

_NOMINAL: Mapping[str, int] = {"region": 16, "channel": 10, "browser": 8, "system": 7, "device": 3}
_ORDERED: Mapping[str, int] = {
    "hour": 24, "month": 12, "basket": 10, "pages": 8, "seconds": 8, "weekday": 7, "visits": 6,
}  # fmt: skip
_YES_NO: Mapping[str, int] = {"returning": 2, "newsletter": 2, "campaign": 2}
LEVELS: Mapping[str, int] = {**_NOMINAL, **_ORDERED, **_YES_NO}
"""The categorical variables and how many levels each has: 125 in all."""

_STRENGTH: Mapping[str, float] = {
    "region": 0.2, "channel": 0.5, "browser": 0.2, "system": 0.2, "device": 0.3,
    "hour": 0.35, "month": 0.2, "basket": 0.65, "pages": 0.45, "seconds": 0.4, "weekday": 0.15, "visits": 0.4,
    "returning": 0.4, "newsletter": 0.25, "campaign": 0.2,
}  # fmt: skip
"""Spread of the effects of a variable's levels on the logit."""


def one_hot_purchases(rows: int = ROWS, seed: int = 0) -> polars.DataFrame:
    """A frame of 126 uint8 columns: 125 one-hot columns ``<variable>_<level>`` and the label ``Kauf``.

    **Invented**: the variables and their effects are those of this file, the rows come from
    ``numpy.random.default_rng(seed)``. What it imitates is the table of a student's notebook on who buys
    in a web shop, of which these facts are known: 51,349 rows, 125 inputs that are zeros and ones, a
    column ``Kauf`` ("purchase") with 47,237 zeros and 4,112 ones, and an ROC AUC of about 0.73 on test
    rows for a network of 80, 40 and 10 units that was trained on oversampled rows. The share of ones
    does not depend on the number of ``rows``. The columns of a variable sum to 1 in each row. Most of
    what can be learned is a sum of effects; basket and pages depend on one another.

    Raises :class:`~steelyard.errors.DataError` for fewer than one row.
    """
    import polars as pl

    if rows < 1:
        raise DataError(f"rows: must be at least 1; found {rows}")
    random = np.random.default_rng(seed)
    columns: dict[str, NDArray[np.uint8]] = {}
    logit = np.zeros(rows)
    drawn: dict[str, NDArray[np.int64]] = {}
    for variable, levels in LEVELS.items():
        level = drawn[variable] = random.choice(levels, rows, p=_shares(variable))
        logit += _effects(variable)[level]
        for number in range(levels):
            columns[f"{variable}_{number}"] = (level == number).astype(np.uint8)
    full = drawn["basket"] >= LEVELS["basket"] // 2
    many = drawn["pages"] >= LEVELS["pages"] // 2
    logit += np.where(full == many, 0.4, -0.4)
    return pl.DataFrame({**columns, "Kauf": _most_likely(logit + random.logistic(0.0, 1.0, rows))})


def _shares(variable: str) -> NDArray[np.float64]:
    """How frequent the levels are: unequal where there are names, a hill where there is an order."""
    position = np.arange(LEVELS[variable])
    if variable in _NOMINAL:
        weight = 1.0 / (1.0 + position) ** 1.2
    elif variable in _ORDERED:
        weight = 0.15 + np.sin(np.pi * (position + 0.5) / len(position))
    else:
        weight = np.array([0.65, 0.35])
    return np.asarray(weight / weight.sum())


def _effects(variable: str) -> NDArray[np.float64]:
    """What each level adds to the logit: with the order where there is one, else as if drawn by lot."""
    position = np.arange(LEVELS[variable])
    if variable in _NOMINAL:
        raw = np.cos(2.4 * position**2 + len(variable))
    else:
        raw = np.linspace(-1.0, 1.0, len(position))
    return np.asarray(_STRENGTH[variable] * raw / raw.std())


def _most_likely(score: NDArray[np.float64]) -> NDArray[np.uint8]:
    """1 for the rows with the highest scores, as many as the share of purchases asks for."""
    label = np.zeros(len(score), np.uint8)
    purchases = round(len(score) * PURCHASES / ROWS)
    label[np.argsort(-score, kind="stable")[:purchases]] = 1
    return label
