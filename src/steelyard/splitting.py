"""Which rows train, which choose, which judge."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

from steelyard.data.split import Split
from steelyard.data.table import Table
from steelyard.errors import DataError

Rows = NDArray[np.int64]
Shares = tuple[float, float, float]
Way = Literal["random", "time", "file_order", "group"]

_PARTS = ("train", "validation", "test")
_MOST_FOLDS = 20
_MOST_BUNDLES = 2000


def split_rows(
    table: Table,
    *,
    by: Way = "random",
    shares: Shares = (0.6, 0.2, 0.2),
    seed: int = 0,
    test_rows: NDArray[np.integer] | None = None,
    rows: NDArray[np.integer] | None = None,
) -> Split:
    """Divide the rows into training, validation and test rows.

    ``by``:

    - ``random``: at random, every part with the share of positives of the whole;
    - ``time``: by ``table.time``, the earliest train and the latest test; rows of one time stay together;
    - ``file_order``: the first rows train, the last test;
    - ``group``: whole groups of ``table.groups`` at random, positives balanced as well as groups allow.

    ``shares`` of training, validation and test rows add up to 1; validation and test may be 0. ``seed``
    matters to ``random`` and ``group`` only. ``test_rows`` are row indices that are fixed already (a test
    file); the others are then divided in the ratio of the first two shares, 75/25 by default. With
    ``rows`` only these are divided, and rows that are neither among them nor among ``test_rows`` are in no
    part.

    Raises ``DataError`` if a part has no positive or no negative row, since nothing could be learned from
    it or measured on it, and ``ValueError`` if ``shares`` make no sense.
    """
    shares = _checked(shares)
    among = np.arange(len(table), dtype=np.int64) if rows is None else np.unique(np.asarray(rows, np.int64))
    if test_rows is None:
        parts = _divide(table, among, by, shares, seed)
        method = _described(by, shares, seed)
    else:
        test = np.unique(np.asarray(test_rows, np.int64))
        among = np.setdiff1d(among, test, assume_unique=True)
        known = shares[0] + shares[1]
        rest = (shares[0] / known, shares[1] / known, 0.0)
        train, validation, _ = _divide(table, among, by, rest, seed)
        parts, shares = (train, validation, test), (*rest[:2], 1.0)
        method = f"test rows given, the others {_described(by, rest, seed)}"
    _refuse_one_sided(table, parts, shares, by)
    train, validation, test = (np.sort(part) for part in parts)
    return Split(train, validation, test, method)


def _divide(table: Table, rows: Rows, by: Way, shares: Shares, seed: int) -> tuple[Rows, Rows, Rows]:
    if np.bincount(table.target[rows], minlength=2).min() < _wanted(shares):
        raise _too_few(table, rows, shares)
    match by:
        case "random":
            return _at_random(table, rows, shares, seed)
        case "time":
            if table.time is None:
                raise DataError(
                    f"{table.source} was read without a time column, so it cannot be split by time.",
                    help="name the column that holds the time (--time COLUMN), or split by file_order",
                )
            return _in_order(rows, table.time[rows], shares)
        case "file_order":
            return _in_order(rows, np.arange(len(rows), dtype=np.float64), shares)
        case "group":
            if table.groups is None:
                raise DataError(
                    f"{table.source} was read without a group column, so it cannot be split by group.",
                    help="name the column that holds the group (--group COLUMN)",
                )
            return _by_group(table, rows, table.groups[rows], shares, seed)
    raise ValueError(f"by must be 'random', 'time', 'file_order' or 'group', not {by!r}")


def _at_random(table: Table, rows: Rows, shares: Shares, seed: int) -> tuple[Rows, Rows, Rows]:
    rest, test = _take_out(table, rows, shares[2], seed)
    validation_share = shares[1] / (shares[0] + shares[1])
    train, validation = _take_out(table, rest, validation_share, seed)
    return train, validation, test


def _take_out(table: Table, rows: Rows, share: float, seed: int) -> tuple[Rows, Rows]:
    count = round(len(rows) * share)
    if count == 0:
        return rows, rows[:0]
    target = table.target[rows]
    try:
        rest, taken = train_test_split(rows, test_size=count, random_state=seed, stratify=target)
    except ValueError:  # so few rows that a part has no room for both classes: say so later, with counts
        return rows[:-count], rows[-count:]
    return rest, taken


def _in_order(rows: Rows, time: NDArray[np.float64], shares: Shares) -> tuple[Rows, Rows, Rows]:
    train, validation, test = cut_in_order(rows, time, (shares[0], shares[0] + shares[1]))
    return train, validation, test


def cut_in_order(rows: Rows, time: NDArray[np.float64], at: Sequence[float]) -> list[Rows]:
    """The rows by ascending ``time``, cut where the shares ``at`` of them have passed.

    Rows of one time go to the same side, the nearer one.
    """
    order = np.argsort(time, kind="stable")
    ordered = time[order]
    cuts = []
    for share in at:
        cut = round(len(rows) * share)
        if 0 < cut < len(rows):
            first = int(np.searchsorted(ordered, ordered[cut], "left"))
            last = int(np.searchsorted(ordered, ordered[cut], "right"))
            cut = first if cut - first <= last - cut else last
        cuts.append(cut)
    return np.split(rows[order], cuts)


def _by_group(
    table: Table, rows: Rows, groups: NDArray[np.int64], shares: Shares, seed: int
) -> tuple[Rows, Rows, Rows]:
    folds = _folds(shares)
    target = table.target[rows]
    names, group_of_row = np.unique(groups, return_inverse=True)
    distinct = len(names)
    if distinct < _wanted(shares):
        raise _too_few(table, rows, shares, f" in {distinct:,} group{'s' if distinct != 1 else ''}")
    # With fewer positives than folds the shares become coarser instead of the balance worse.
    folds = min(folds, int(np.bincount(target).min()), distinct)
    fold_of_row = folds_of_groups(target, group_of_row, folds, seed)
    test_folds, validation_folds = _fold_counts(shares, folds)
    test = rows[fold_of_row < test_folds]
    validation = rows[(fold_of_row >= test_folds) & (fold_of_row < test_folds + validation_folds)]
    train = rows[fold_of_row >= test_folds + validation_folds]
    return train, validation, test


def folds_of_groups(
    target: NDArray[np.uint8], groups: NDArray[np.int64], folds: int, seed: int
) -> NDArray[np.int64]:
    """The fold of each row: whole groups, positives balanced as well as groups allow.

    ``groups`` are numbered from 0 without gaps; there must be as many groups, positives and negatives as
    ``folds``.
    """
    # scikit-learn's time grows with the number of groups, so many groups are bundled at random first.
    bundle_of_group = np.random.default_rng(seed).permutation(int(groups.max()) + 1) % _MOST_BUNDLES
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    fold_of_row = np.zeros(len(target), np.int64)
    bundles = bundle_of_group[groups]
    for fold, (_, held_out) in enumerate(splitter.split(np.zeros((len(target), 1)), target, bundles)):
        fold_of_row[held_out] = fold
    return fold_of_row


def _folds(shares: Shares) -> int:
    """The fewest folds of equal size that add up to the shares: 5 for 60/20/20."""
    exact = [Fraction(share).limit_denominator(_MOST_FOLDS) for share in shares]
    for folds in range(2, _MOST_FOLDS + 1):
        if all((share * folds).denominator == 1 for share in exact):
            return folds
    return _MOST_FOLDS


def _fold_counts(shares: Shares, folds: int) -> tuple[int, int]:
    """How many folds test and validation get; none that should have a share goes without."""
    test, validation = (max(1, round(share * folds)) if share > 0 else 0 for share in (shares[2], shares[1]))
    return test, validation


def _checked(shares: Shares) -> Shares:
    train, validation, test = (float(share) for share in shares)
    total = train + validation + test
    if not (train > 0 and validation >= 0 and test >= 0 and abs(total - 1) < 1e-6):
        raise ValueError(
            "shares must be three numbers that add up to 1, the first above 0 and the others at least 0, "
            f"not {shares}"
        )
    return train, validation, test


def _described(by: Way, shares: Shares, seed: int) -> str:
    percent = "/".join(f"{100 * share:.4g}" for share in shares if share > 0 or share is shares[0])
    clauses = {
        "random": f"stratified at random, {percent}, seed {seed}",
        "time": f"by time, earliest rows first, {percent}",
        "file_order": f"by file order, {percent}",
        "group": f"by group, positives balanced, {percent}, seed {seed}",
    }
    return clauses[by]


def _refuse_one_sided(table: Table, parts: tuple[Rows, ...], shares: Shares, by: Way) -> None:
    problems = []
    for name, part, share in zip(_PARTS, parts, shares, strict=True):
        positives = int(table.target[part].sum())
        negatives = len(part) - positives
        if share > 0 and (positives == 0 or negatives == 0):
            lacking = (
                "no rows" if not len(part) else "no positive row" if positives == 0 else "no negative row"
            )
            problems.append(
                f"{table.source}: the {name} part would have {lacking} "
                f"({positives:,} positive, {negatives:,} negative)."
            )
    if not problems:
        return
    total = int(table.target.sum())
    advice = {
        "random": "use more rows of that class, or fewer parts",
        "time": "the classes are unevenly spread over time; choose other shares, or split at random",
        "file_order": "the classes are unevenly spread in the file; choose other shares, or split at random",
        "group": "the class sits in too few groups; choose other shares, or a finer group column",
    }
    problems.append(f"The table has {total:,} positive and {len(table) - total:,} negative rows.")
    raise DataError(*problems, help=advice[by])


def _wanted(shares: Shares) -> int:
    return sum(share > 0 for share in shares)


def _too_few(table: Table, rows: Rows, shares: Shares, in_groups: str = "") -> DataError:
    positives = int(table.target[rows].sum())
    wanted = [name for name, share in zip(_PARTS, shares, strict=True) if share > 0]
    return DataError(
        f"{table.source} has {positives:,} positive and {len(rows) - positives:,} negative rows{in_groups}, "
        f"too few for {' and '.join(wanted)} rows with both classes in each.",
        help="use more rows of the rarer class, or fewer parts",
    )
