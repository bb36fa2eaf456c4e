"""Base rates of parts and along the rows, and what so many positives can show."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from steelyard.checks.findings import Finding
from steelyard.data import Split, Table

_UNLIKELY = 1e-4
_ODDS_RATIO = 1.25
_DRIFT_UNLIKELY = 1e-6
_DRIFT_RATIO = 2.0
_BLOCKS = 10
_LEAST_OF_A_BLOCK = 20
_LEAST_EXPECTED = 5
_SORTED = 0.2
"""With fewer changes of the label than this share of the expected, the rows are sorted by it."""
_WIDEST = 0.06
"""Half the interval of an area that still can rank recipes: 90 positives."""
_TYPICAL_AREA = 0.75


def different_rates(table: Table, split: Split) -> list[Finding]:
    """D105: validation or test rows whose base rate differs from that of the training rows.

    By more than chance (p below 0.0001, chi-squared) and by more than a quarter of the odds.
    """
    train = _counts(table, split.train)
    clauses = []
    for part, rows in (("validation", split.validation), ("test", split.test)):
        other = _counts(table, rows)
        if len(rows) and _chance(np.stack((train, other))) < _UNLIKELY:
            odds, other_odds = (np.divide(c[1] + 0.5, c[0] + 0.5) for c in (train, other))
            if max(odds / other_odds, other_odds / odds) >= _ODDS_RATIO:
                clauses.append(f"{_percent(other)} of the {part} rows")
    if not clauses:
        return []
    return [
        Finding("D105", f"{_percent(train)} of the training rows are positive, but {' and '.join(clauses)}.")
    ]


def drift(table: Table, split: Split) -> list[Finding]:
    """D106: a base rate that changes along time, or along the file where no time is known.

    Over ten blocks of rows, by more than chance (p below 0.000001) and at least twofold. Rows that are
    sorted by their label are no drift; and if the split follows the order, the parts' rates tell more.
    """
    order, along = np.arange(len(table)), "file"
    if table.time is not None:
        known = np.flatnonzero(~np.isnan(table.time))
        order, along = known[np.argsort(table.time[known], kind="stable")], "time"
    if _in_order(split, order, len(table)):
        return []
    labels = table.target[order]
    positives = int(labels.sum())
    rarer = min(positives, len(labels) - positives)
    blocks = min(_BLOCKS, rarer // _LEAST_OF_A_BLOCK)
    if blocks < 2:
        return []
    rate = positives / len(labels)
    changes = np.count_nonzero(np.diff(labels.astype(np.int8)))
    if changes < _SORTED * 2 * len(labels) * rate * (1 - rate):
        return []
    counts = np.stack([np.bincount(block, minlength=2) for block in np.array_split(labels, blocks)])
    rates = counts[:, 1] / counts.sum(axis=1)
    if rates.max() < _DRIFT_RATIO * rates.min() or _chance(counts) >= _DRIFT_UNLIKELY:
        return []
    shown = ", ".join(f"{100 * share:.3g}" for share in rates)
    return [Finding("D106", f"along the {along} the share of positives goes, in percent: {shown}.")]


def _in_order(split: Split, order: NDArray[np.intp], rows: int) -> bool:
    """Whether all training rows come before all judged rows, as far as either have a place in the order."""
    place = np.full(rows, -1)
    place[order] = np.arange(len(order))
    judged = place[np.concatenate((split.validation, split.test))]
    return bool(place[split.train].max(initial=-1) < judged[judged >= 0].min(initial=rows))


def few_positives(table: Table, split: Split) -> list[Finding]:
    """D107: parts on which metrics are known to no better than a wide interval."""
    clauses = []
    for part, rows in (("validation", split.validation), ("test", split.test)):
        if not len(rows):
            continue
        counts = _counts(table, rows)
        half = 1.96 * area_error(_TYPICAL_AREA, int(counts[1]), int(counts[0]))
        if half > _WIDEST:
            rarer = int(counts.min())
            kind = "positives" if counts[1] == rarer else "negatives"
            recall = 1.96 * 0.5 / math.sqrt(max(rarer, 1))
            clauses.append(
                f"the {part} rows hold {rarer:,} {kind}: a ROC AUC of {_TYPICAL_AREA} is known to "
                f"± {min(half, 0.5):.2f}, a recall of 0.5 to ± {min(recall, 0.5):.2f}"
            )
    return [Finding("D107", "; ".join(clauses) + " (95 %).")] if clauses else []


def area_error(area: float, positives: int, negatives: int) -> float:
    """Standard error of an area under the ROC curve (Hanley & McNeil 1982, equation 1 with their Q1, Q2)."""
    if not (positives and negatives):
        return math.inf
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (positives - 1) * (q1 - area**2) + (negatives - 1) * (q2 - area**2)
    return math.sqrt(variance / (positives * negatives))


def _counts(table: Table, rows: NDArray[np.int64]) -> NDArray[np.intp]:
    return np.bincount(table.target[rows], minlength=2)


def _chance(counts: NDArray[np.intp]) -> float:
    """Pearson's chi-squared test that all rows (groups, classes) have one rate: the p-value.

    1 where fewer than five rows are to be expected somewhere, since the test exaggerates there.
    """
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    if not (expected >= _LEAST_EXPECTED).all():
        return 1.0
    return float(chdtrc(len(counts) - 1, ((counts - expected) ** 2 / expected).sum()))


def _percent(counts: NDArray[np.intp]) -> str:
    return f"{counts[1] / counts.sum():.2%}"
