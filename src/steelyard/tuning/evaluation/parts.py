"""Which rows a search trains on, which it judges trials on, and which it never looks at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from steelyard.data import Split, Table
from steelyard.errors import DataError
from steelyard.folds import VALIDATION_SHARE, describe_folds, divide
from steelyard.splitting import split_rows
from steelyard.study import Plan

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Parts:
    """The rows of a search, fixed by plan and table.

    ``splits`` has one entry for each fold: its ``train`` rows are learned from, its ``validation`` rows
    choose the epoch and give the score, its ``test`` is empty. ``search`` are the rows the folds are made of,
    ``test`` those kept from the search; both int64, ascending. ``method`` is a clause for people.
    """

    splits: tuple[Split, ...]
    search: Rows
    test: Rows
    method: str


def parts_of(table: Table, plan: Plan) -> Parts:
    """Held out first, then divided into folds, all by ``plan.by``.

    Of several folds each validates once on what the others learn from; by time and in file order each
    validates on a block and learns from all before it, so the first block is never judged. With one fold a
    fifth of the rows validates.

    Raises :class:`~steelyard.errors.DataError` if a part would lack a class, or the table the column that
    ``plan.by`` needs.
    """
    search, test = np.arange(len(table), dtype=np.int64), np.zeros(0, np.int64)
    if plan.test_share > 0.0:
        outer = split_rows(
            table, by=plan.by, shares=(1.0 - plan.test_share, 0.0, plan.test_share), seed=plan.seed
        )
        search, test = outer.train, outer.test
    if plan.folds == 1:
        shares = (1.0 - VALIDATION_SHARE, VALIDATION_SHARE, 0.0)
        splits = [split_rows(table, by=plan.by, shares=shares, seed=plan.seed, rows=search)]
        method = splits[0].method
    else:
        method = describe_folds(plan.folds, 1, plan.by, plan.seed)
        divided = divide(table, folds=plan.folds, by=plan.by, seed=plan.seed, rows=search)
        splits = [
            Split(np.sort(train), np.sort(validation), np.zeros(0, np.int64), f"fold {number} of {method}")
            for number, (train, validation) in enumerate(divided, start=1)
        ]
        _refuse_one_sided(table, splits)
    if len(test):
        method = f"{len(test):,} rows held out, the others: {method}"
    return Parts(tuple(splits), search, test, method)


def _refuse_one_sided(table: Table, splits: list[Split]) -> None:
    problems = []
    for number, split in enumerate(splits, start=1):
        for part, rows in (("training", split.train), ("validation", split.validation)):
            negative, positive = np.bincount(table.target[rows], minlength=2)
            if not (negative and positive):
                problems.append(
                    f"{table.source}: the {part} rows of fold {number} of {len(splits)} would have no "
                    f"{'negative' if positive else 'positive'} row ({positive:,} positive, "
                    f"{negative:,} negative)."
                )
    if problems:
        raise DataError(*problems, help="use fewer folds, or divide the rows in another way")
