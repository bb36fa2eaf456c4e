"""Cross-validation: several splits of one table that judge different rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from steelyard.data import Split, Table
from steelyard.errors import DataError
from steelyard.splitting import Rows, Way, cut_in_order, folds_of_groups, split_rows

VALIDATION_SHARE = 0.2
"""Of the rows that a fold does not hold out: enough to choose the epoch on, and few enough to spare."""

_WORDS = {
    "random": "stratified at random",
    "group": "whole groups, positives balanced",
    "time": "by time, each block judged by what was learned before it",
    "file_order": "by file order, each block judged by what was learned before it",
}


@dataclass(frozen=True, eq=False)
class Fold:
    """One split of a cross-validation; ``split.test`` are the rows it holds out.

    ``repeat`` and ``number`` count from 1.
    """

    repeat: int
    number: int
    split: Split

    @property
    def ratio(self) -> float:
        """Rows held out per row learned from, those that choose the epoch included."""
        return len(self.split.test) / (len(self.split.train) + len(self.split.validation))


def make_folds(
    table: Table,
    *,
    folds: int = 5,
    repeats: int = 1,
    by: Way = "random",
    seed: int = 0,
    validation_share: float = VALIDATION_SHARE,
) -> tuple[Fold, ...]:
    """``folds`` times ``repeats`` splits of a table.

    ``by`` is that of :func:`~steelyard.splitting.split_rows`:

    - ``random``: every row is held out once per repeat, each fold with the share of positives of the whole;
    - ``group``: likewise, but the rows of a group stay together;
    - ``time`` and ``file_order``: ``folds + 1`` blocks in that order, of which every one but the first is
      held out in turn and all before it are learned from (a rolling origin). There is nothing to repeat.

    Of the rows that a fold does not hold out, ``validation_share`` are its validation rows, taken the same
    way: stratified, whole groups, or the latest.

    Raises:
        DataError: a part of a fold would lack a class, or the table lacks the time or group column.
        ValueError: a number makes no sense.
    """
    if folds < 2:
        raise ValueError(f"folds: at least 2 are needed; found {folds}")
    if repeats < 1:
        raise ValueError(f"repeats: must be at least 1; found {repeats}")
    if not 0.0 < validation_share < 1.0:
        raise ValueError(f"validation_share: must lie between 0 and 1; found {validation_share:g}")
    if by in ("time", "file_order") and repeats > 1:
        raise DataError(
            f"repeats: blocks by {by.replace('_', ' ')} are the same in every repeat; found {repeats}",
            help="use more folds, or several seeds",
        )
    shares = (1.0 - validation_share, validation_share, 0.0)
    made = []
    for repeat in range(1, repeats + 1):
        own = _seed_of(seed, repeat)
        for number, (rows, held_out) in enumerate(divide(table, folds=folds, by=by, seed=own), start=1):
            name = f"fold {number} of {folds}" + (f", repeat {repeat} of {repeats}" if repeats > 1 else "")
            split = _inner(table, name, rows, held_out, by, shares, own)
            made.append(Fold(repeat, number, split))
    return tuple(made)


def describe_folds(folds: int, repeats: int, by: Way, seed: int) -> str:
    """A clause for people.

    >>> describe_folds(5, 1, "random", 0)
    '5 folds, stratified at random, seed 0'
    """
    times = f" × {repeats} repeats" if repeats > 1 else ""
    drawn = f", seed {seed}" if by in ("random", "group") else ""
    return f"{folds} folds{times}, {_WORDS[by]}{drawn}"


def _seed_of(seed: int, repeat: int) -> int:
    """A seed for each repeat, so that no repeat of one seed is a repeat of the next."""
    return int(np.random.SeedSequence([seed, repeat]).generate_state(1)[0]) if repeat > 1 else seed


def divide(
    table: Table, *, folds: int, by: Way, seed: int, rows: Rows | None = None
) -> Iterator[tuple[Rows, Rows]]:
    """For each fold the rows to learn from and the rows held out, among ``rows`` (all if None).

    ``folds`` (at least 2), ``by`` and ``seed`` are those of :func:`make_folds`. Both parts are int64,
    ascending but for blocks by time. Raises :class:`~steelyard.errors.DataError` if there are too few rows.
    """
    among = np.arange(len(table), dtype=np.int64) if rows is None else rows
    if by in ("time", "file_order"):
        blocks = _blocks(table, among, folds + 1, by)
        for number in range(1, len(blocks)):
            yield np.concatenate(blocks[:number]), blocks[number]
        return
    fold_of_row = _fold_of_row(table, among, folds, by, seed)
    for number in range(folds):
        held_out = fold_of_row == number
        yield among[~held_out], among[held_out]


def _fold_of_row(table: Table, rows: Rows, folds: int, by: Way, seed: int) -> NDArray[np.int64]:
    target = table.target[rows]
    classes = np.bincount(target, minlength=2)
    if classes.min() < folds:
        raise DataError(
            f"{table.source} has {classes[1]:,} positive and {classes[0]:,} negative rows, too few for "
            f"{folds} folds with both classes in each.",
            help="use fewer folds, or more rows of the rarer class",
        )
    if by == "group":
        if table.groups is None:
            raise DataError(
                f"{table.source} was read without a group column, so it cannot be split by group.",
                help="name the column that holds the group (--group COLUMN)",
            )
        names, group_of_row = np.unique(table.groups[rows], return_inverse=True)
        if len(names) < folds:
            raise DataError(
                f"{table.source} has {len(names):,} groups, too few for {folds} folds.",
                help="use fewer folds",
            )
        return folds_of_groups(target, group_of_row, folds, seed)
    fold_of_row = np.empty(len(rows), np.int64)
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for number, (_, held_out) in enumerate(splitter.split(np.zeros((len(rows), 1)), target)):
        fold_of_row[held_out] = number
    return fold_of_row


def _blocks(table: Table, rows: Rows, count: int, by: Way) -> list[Rows]:
    if by == "file_order":
        time = np.arange(len(rows), dtype=np.float64)
    elif table.time is None:
        raise DataError(
            f"{table.source} was read without a time column, so it cannot be split by time.",
            help="name the column that holds the time (--time COLUMN), or split by file_order",
        )
    else:
        time = table.time[rows]
    return cut_in_order(rows, time, [number / count for number in range(1, count)])


def _inner(
    table: Table,
    name: str,
    rows: Rows,
    held_out: Rows,
    by: Way,
    shares: tuple[float, float, float],
    seed: int,
) -> Split:
    """The split of one fold; what is wrong with it is told with its name."""
    try:
        split = split_rows(table, by=by, shares=shares, seed=seed, test_rows=held_out, rows=rows)
    except DataError as error:
        problems = (f"{name}: {problem}" for problem in error.problems)
        raise DataError(*problems, help="use fewer folds") from None
    return dataclasses.replace(split, method=f"{name}, {_WORDS[by]}")
