"""What the table says that a network was trained on: base rates, inputs, and its warnings.

Which rows validated is known exactly only where the last ones did (``validation_split`` of Keras). Rows drawn
at random are drawn again: what is then true of one draw is true of another, as far as it is told of here.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from steelyard.baselines import logistic_regression
from steelyard.checks import check
from steelyard.data import ColumnKind, Split, Table
from steelyard.diagnosis.features import feature_of, flags
from steelyard.diagnosis.readers.enriching import merged, with_facts
from steelyard.doctor.given import Rows
from steelyard.errors import DataError
from steelyard.log import Facts, FeatureFact, Log
from steelyard.metrics import score
from steelyard.preprocessing import fit_encoding
from steelyard.recipe import Recipe
from steelyard.splitting import split_rows
from steelyard.tables import read_table, table_from

_USUAL_SHARE = 0.2
"""Of validation rows, where the log does not say; only for what does not depend on it."""
_MOST_ROWS = 100_000
"""Figures of more rows would be no others."""
_WAYS: dict[str, Literal["random", "group", "time"]] = {
    "random": "random",
    "stratified": "random",
    "group": "group",
    "time": "time",
}


def table_of(data: Any, target: Any) -> Table:
    """A table, from a path, a frame or an array, and the name of its target column or its labels."""
    if isinstance(data, Table):
        return data
    if target is None:
        raise DataError("data: which column is the target?", help='target="bought", or one label per row')
    if isinstance(data, str | Path):
        return read_table(Path(data), target=target)
    return table_from(data, target)


def with_table(log: Log, table: Table) -> Log:
    """The log with what its table tells; facts that the log has already count more.

    ``table`` holds all rows, those that validated included, in the order in which they were split.
    """
    facts, notes = facts_of_table(table, log.facts)
    return replace(with_facts(log, facts), notes=(*log.notes, *notes))


def facts_of_parts(train: Rows, validation: Rows) -> Facts:
    """What needs both parts of the very rows that ``fit`` was given, inputs and labels: how well a logistic
    regression does on them, and the warnings about columns and rows.

    Nothing where the inputs are no arrays of numbers, or a part has one label only.
    """
    try:
        inputs = [np.asarray(x, np.float32) for x, _ in (train, validation)]
        x = np.concatenate(inputs)
        y = np.concatenate([np.asarray(labels).reshape(-1) for _, labels in (train, validation)])
    except (TypeError, ValueError):
        return Facts()
    if x.ndim != 2 or not np.isfinite(x).all():
        return Facts()
    cut, rows = len(inputs[0]), np.arange(len(x))
    if any(len(np.unique(part)) != 2 for part in (y[:cut], y[cut:])):
        return Facts()
    table = table_from(x, y, positive=1)
    return _yardsticks(table, Split(rows[:cut], rows[cut:], rows[:0], "given"))


def facts_of_table(table: Table, known: Facts) -> tuple[Facts, tuple[str, ...]]:
    """The facts, and what had to be assumed; ``known`` is what is known of the run."""
    features = _features(table)
    positives = int(table.target.sum())
    place = f"{positives:,} of {len(table):,} rows of {table.source}"
    told = Facts(
        base_rate=positives / len(table),
        one_hot_columns=None if features is None else flags(features),
        # Whether the network saw the columns as they are, only who knows the scaling can say.
        features=None if known.scaling is None else features,
        origins=MappingProxyType({"base_rate": place, "features": table.source}),
    )
    if positives in (0, len(table)):
        return told, (f"{table.source} holds one label only",)
    tail = _tail(table, known)
    if tail is not None:
        return merged(merged(told, _counts(table, tail)), _yardsticks(table, tail)), ()
    split, notes = _representative(table, known)
    notes = (*_of_another_run(table, known), *notes)
    if split is None:
        return told, notes
    return merged(told, Facts(data_warnings=_warnings(table, split))), notes


def _features(table: Table) -> tuple[FeatureFact, ...] | None:
    """Figures of the columns that are numbers, as the file has them; None if there are none.

    A date counts days since some day; its figures say nothing of the number that enters a network.
    """
    sample = table.features.numeric[:: max(1, -(-len(table) // _MOST_ROWS))].astype(np.float64)
    found = (
        feature_of(column.name, sample[:, number] + column.offset)
        for number, column in enumerate(table.schema.numeric)
        if column.kind is not ColumnKind.DATE
    )
    return tuple(found) or None


def _of_another_run(table: Table, known: Facts) -> tuple[str, ...]:
    """A word of doubt about a table with fewer rows than the run had."""
    rows = (known.rows_train or 0) + (known.rows_validation or 0)
    if rows <= len(table) or known.resampling not in (None, "none"):
        return ()
    return (f"{table.source} has {len(table):,} rows, the run {rows:,}: is it the table of this run?",)


def _tail(table: Table, known: Facts) -> Split | None:
    """The split, where the last rows of the table validated and there are two labels on both sides."""
    if known.validation_way != "tail":
        return None
    if known.rows_train is not None and known.rows_train + (known.rows_validation or 0) == len(table):
        cut = known.rows_train
    elif known.rows_validation is not None and known.rows_train is None:
        cut = len(table) - known.rows_validation
    elif known.validation_share is not None:
        cut = math.floor(len(table) * (1.0 - known.validation_share))  # as Keras cuts
    else:
        return None
    if known.rows_train not in (None, cut) or known.rows_validation not in (None, len(table) - cut):
        return None  # another table, or one that holds test rows too
    rows = np.arange(len(table))
    if cut <= 0 or any(len(np.unique(table.target[part])) < 2 for part in (rows[:cut], rows[cut:])):
        return None
    return Split(rows[:cut], rows[cut:], rows[:0], "file order")


def _counts(table: Table, split: Split) -> Facts:
    parts = {"train": split.train, "validation": split.validation}
    counts: dict[str, Any] = {}
    for part, rows in parts.items():
        counts[f"rows_{part}"] = len(rows)
        counts[f"positives_{part}"] = int(table.target[rows].sum())
    where = f"counted in {table.source}, whose last {len(split.validation):,} rows validate"
    return Facts(**counts, origins=MappingProxyType(dict.fromkeys(counts, where)))


def _yardsticks(table: Table, split: Split) -> Facts:
    """What needs the very rows that validated."""
    encoding = fit_encoding(table.features, table.schema, split.train, Recipe().preprocessing)
    logistic = logistic_regression(table, split, encoding)
    scores = score(table.target[split.validation], logistic.probabilities["validation"])
    shared = None
    if table.groups is not None:
        shared = float(np.isin(table.groups[split.validation], table.groups[split.train]).mean())
    return Facts(
        logistic_loss=scores.log_loss,
        logistic_auc=scores.roc_auc,
        entities_shared=shared,
        data_warnings=_warnings(table, split),
    )


def _representative(table: Table, known: Facts) -> tuple[Split | None, tuple[str, ...]]:
    """A split like the one of the run, and what is assumed in it."""
    way = known.validation_way or ""
    by = _WAYS.get(way, "random")
    notes = []
    if (by == "group" and table.groups is None) or (by == "time" and table.time is None):
        return None, (f"the rows were split by {by}, but the table names no column for it",)
    if way not in _WAYS:
        notes.append(
            f"the warnings about {table.source} are for rows that validate drawn at random: which they were "
            "is not known"
        )
    share = known.validation_share if known.validation_share is not None else _USUAL_SHARE
    try:
        return split_rows(table, by=by, shares=(1.0 - share, share, 0.0)), tuple(notes)
    except DataError as error:
        return None, (f"{table.source} was not looked at: {error.problems[0]}",)


def _warnings(table: Table, split: Split) -> MappingProxyType[str, str]:
    return MappingProxyType({finding.code: finding.message for finding in check(table, split)})
