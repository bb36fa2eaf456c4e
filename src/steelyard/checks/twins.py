"""Rows that are in more than one part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from steelyard.checks.findings import Finding
from steelyard.data import Features, Split, Table

_LEAST_SHARE = 0.01
_LEAST_SHARE_OF_POSITIVES = 0.1
_LEAST_ROWS = 10
_LEAST_EXPECTED = 5.0
_BLOCK = 8192
"""Rows whose keys stay in the cache while column after column is stirred in."""
_COARSE = 0.2
"""With fewer different rows than this share, rows repeat because there is little to tell them apart by."""


def twins(table: Table, split: Split) -> list[Finding]:
    """D103: judged rows that are the same in every input as a training row.

    Told from a hundredth of a part or a tenth of its positives on, unless the rows are plainly alike by
    coincidence: tables of coarse answers have such rows, and their labels disagree as often as those of
    different people do, while copies have one label.
    """
    keys = row_keys(table.features)
    train = keys[split.train]
    different, index = np.unique(train, return_inverse=True)
    if len(different) < _COARSE * len(train):
        return []
    share = np.bincount(index, weights=table.target[split.train]) / np.bincount(index)
    clauses = []
    for part, rows in (("validation", split.validation), ("test", split.test)):
        place = np.minimum(np.searchsorted(different, keys[rows]), len(different) - 1)
        found = different[place] == keys[rows]
        labels, twin_share = table.target[rows[found]], share[place[found]]
        count, positives = len(labels), int(table.target[rows].sum())
        many = count >= _LEAST_SHARE * len(rows)
        many_positives = labels.sum() >= max(_LEAST_ROWS, _LEAST_SHARE_OF_POSITIVES * positives)
        if count < _LEAST_ROWS or not (many or many_positives) or _by_coincidence(labels, twin_share):
            continue
        right = np.mean((twin_share > 0.5) == labels)
        clauses.append(
            f"{count:,} of {len(rows):,} {part} rows ({count / len(rows):.1%}; {int(labels.sum()):,} of "
            f"{positives:,} positives) are the same in every column as a training row, whose label is right "
            f"for {right:.1%} of them"
        )
    return [Finding("D103", "; ".join(clauses) + ".")] if clauses else []


def _by_coincidence(labels: NDArray[np.uint8], twin_share: NDArray[np.float64]) -> bool:
    """Whether labels disagree with those of their twins at least half as often as if independent of them.

    ``twin_share`` is the share of positives among each row's twins. Without five disagreements to be
    expected nothing can be said.
    """
    rate, twin_rate = labels.mean(), twin_share.mean()
    expected = len(labels) * (rate * (1 - twin_rate) + twin_rate * (1 - rate))
    disagreements = np.where(labels == 1, 1 - twin_share, twin_share).sum()
    return bool(expected >= _LEAST_EXPECTED and disagreements >= expected / 2)


def row_keys(features: Features) -> NDArray[np.uint64]:
    """A 64-bit key per row, equal for equal rows; missing values count as equal, and so do 0 and -0.

    Among a million different rows two share a key with a chance of one in thirty million.
    """
    keys = np.full(len(features), 0x9E3779B97F4A7C15, np.uint64)
    for start in range(0, len(features), _BLOCK):
        block = slice(start, start + _BLOCK)
        for column in features.numeric[block].T.copy():
            column += np.float32(0.0)
            column[np.isnan(column)] = np.nan  # NaN has many patterns of bits
            _mix(keys[block], column.view(np.uint32))
        for codes in features.codes[block].T.copy():
            _mix(keys[block], codes.view(np.uint32))
    return keys


def _mix(keys: NDArray[np.uint64], bits: NDArray[np.uint32]) -> None:
    """Stirs one column in, in place, with the constants of SplitMix64 (Steele et al. 2014)."""
    keys ^= bits
    keys *= np.uint64(0xBF58476D1CE4E5B9)
    keys ^= keys >> np.uint64(29)
    keys *= np.uint64(0x94D049BB133111EB)
    keys ^= keys >> np.uint64(32)
