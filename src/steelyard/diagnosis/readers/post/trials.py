"""The table of a search from what was printed of it, and what its code says it should hold."""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard.diagnosis.readers.names import split_and_metric
from steelyard.diagnosis.readers.post.histories import names_a_curve
from steelyard.diagnosis.readers.post.program import Search
from steelyard.diagnosis.readers.post.tables import PrintedTable
from steelyard.diagnosis.readers.post.values import ABSENT, whole
from steelyard.log import TrialTable

_SCORED = re.compile(r"(-?\d\.\d{1,20}|nan) \((\d\.\d{1,20}|nan)\) with:? (\{[^{}\n]{1,600}\})")
_METRIC = re.compile(
    r"(?:val_|valid_|validation_)?(?:loss|acc|accuracy|binary_accuracy|auc|precision|recall|f1|fmeasure|f1_score|"
    r"mse|mae|binary_crossentropy)(?:_\d+)?\Z",
    re.I,
)
_ABOUT_THE_RUN = frozenset({"round_epochs", "start", "end", "duration", "id", "trial", "Unnamed:"})
_OF_A_REPORT = frozenset({"precision", "recall", "f1-score"})
"""Columns of scikit-learn's ``classification_report``, which has a row for each class."""
_LIMITS = (
    "fraction_limit",
    "round_limit",
    "grid_downsample",
    "time_limit",
    "boolean_limit",
    "reduction_method",
)
_MOST_TRIALS = 1_000_000
_RAREST = 20
"""A parameter belongs to one of so many trials at least."""


@dataclass(frozen=True, eq=False)
class ScoredTrials:
    """Lines as ``GridSearchCV`` examples print them: ``0.71 (0.02) with: {'batch_size': 10}``. ``deviations``
    are over folds."""

    parameters: tuple[Mapping[str, Any], ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    start: int
    end: int


def scored_trials(text: str) -> Iterator[ScoredTrials]:
    """All such lines of a text as one table, if there are two or more."""
    rows: list[tuple[float, float, Mapping[str, Any]]] = []
    start = end = 0
    for found in _SCORED.finditer(text):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes in a stranger's strings
            try:
                parameters = ast.literal_eval(found[3])
            except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
                continue
        if isinstance(parameters, dict) and all(isinstance(key, str) for key in parameters):
            start, end = start if rows else found.start(), found.end()
            rows.append((float(found[1]), float(found[2]), parameters))
    if len(rows) > 1:
        yield ScoredTrials(
            tuple(row[2] for row in rows),
            tuple(row[0] for row in rows),
            tuple(row[1] for row in rows),
            start,
            end,
        )


def is_a_search(table: PrintedTable, grid: Mapping[str, Any] | None) -> bool:
    """Is it the table of a search, rather than one of data or of epochs?"""
    names = set(table.cells)
    if names >= _OF_A_REPORT:
        return False
    metrics = {name for name in names if _METRIC.match(name)}
    return bool(metrics) and bool(
        names & set(grid or ()) or names & {"round_epochs"} or (metrics and names - metrics - {"epoch"})
    )


def is_a_history(table: PrintedTable) -> bool:
    """Is it a frame of a history: a row for each epoch?"""
    names = set(table.cells) - {"epoch"}
    return any(names_a_curve(name) for name in names) and all(
        _METRIC.match(name) or name == "lr" for name in names
    )


def trial_table(table: PrintedTable, grid: Mapping[str, Any] | None, asked: int | None) -> TrialTable:
    """A printed frame as the table of a search. Columns that are no metric are parameters."""
    parameters: dict[str, Sequence[Any]] = {}
    metrics = {}
    for name, cells in table.cells.items():
        if name in (grid or ()):
            parameters[name] = [_cell(one) for one in cells]
        elif _METRIC.match(name):
            split, metric = split_and_metric(name)
            metrics[f"{split}_{metric}"] = np.array([_float(one) for one in cells])
        elif name not in _ABOUT_THE_RUN:
            parameters[name] = [_cell(one) for one in cells]
    epochs = table.cells.get("round_epochs")
    return TrialTable(
        parameters,
        metrics,
        asked=asked,
        epochs=None if epochs is None else np.array([_float(one) for one in epochs]),
    )


def scored_table(trials: ScoredTrials, metric: str, asked: int | None) -> TrialTable:
    """Scores over folds as the table of a search, ranked by them. Parameters of next to no trial are left
    out."""
    counts = Counter(name for one in trials.parameters for name in one)
    names = [name for name, count in counts.items() if _RAREST * count >= len(trials.parameters)]
    parameters = {name: [one.get(name) for one in trials.parameters] for name in names}
    column = f"validation_{metric}"
    return TrialTable(parameters, {column: np.array(trials.means)}, ranked_by=column, asked=asked)


def asked_trials(search: Search) -> int | None:
    """How many trials the code asks for; None if it cannot be told."""
    call = search.call
    for name in ("max_trials", "n_iter"):
        if (said := whole(call.argument(None, name))) is not None:
            return said
    if call.name == "RandomizedSearchCV":
        return 10  # scikit-learn's own
    if not isinstance(search.grid, dict) or any(
        call.argument(None, limit) is not ABSENT for limit in _LIMITS
    ):
        return None
    sizes = [_size(values, talos=call.name == "Scan") for values in search.grid.values()]
    if not sizes or any(size is None for size in sizes):
        return None
    product = math.prod(size or 0 for size in sizes)
    return product if 0 < product <= _MOST_TRIALS else None


def _size(values: Any, talos: bool) -> int | None:
    if isinstance(values, tuple) and talos and len(values) == 3:
        return whole(values[2])  # from, to, number of steps
    return len(values) if isinstance(values, list | tuple) and values else None


def _cell(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        found = _float(text)
        return found if math.isfinite(found) else None if text in ("None", "nan", "NaN") else text


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
