"""What the table of a search holds: its best trial, its axes, which trials are alike, how finely known."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from steelyard.diagnosis.arithmetic.directions import lower_is_better
from steelyard.diagnosis.arithmetic.sampling import auc_error, share_error
from steelyard.diagnosis.signals import Estimate
from steelyard.log import TrialTable

Numbers = NDArray[np.float64]

_PREFERRED = ("average_precision", "auc", "log_loss", "loss", "f1", "accuracy")
"""Which metric is taken to have chosen, where nobody says: the one that ranks best."""
_LOSS_FUNCTIONS = ("loss", "losses", "loss_function", "loss_fn")
LEARNING_RATE = ("learning_rate", "learningrate", "lr")
BATCH_SIZE = ("batch_size", "batchsize", "batch")
EPOCHS = ("epochs", "planned_epochs", "n_epochs", "nb_epoch", "num_epochs", "max_iter")
"""How people call these parameters."""
_DIVERGED = 1e100
"""A loss above it is no score; its square is no number."""
_LARGE = 1e300
"""Numbers beyond are told apart by their digits; an integer can be too large for a float."""
_SEEDS = ("seed", "random_state", "random_seed")
_LINKED = (
    ("class_weight", "class_weight_type"),
    ("resampling", "resampled_before_split", "rows_train", "positives_train"),
    (
        "validation_way",
        "validation_share",
        "rows_train",
        "rows_validation",
        "positives_train",
        "positives_validation",
    ),
    ("from_logits", "layers"),
    ("scaling", "scaled_before_split", "features"),
)
"""Facts that one decision changes together."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """Trials by one metric. ``values`` is (trials,) with NaN for those without; ``best`` is a position."""

    metric: str
    values: Numbers
    lower_is_better: bool
    best: int

    @property
    def words(self) -> str:
        """``validation accuracy``."""
        return words_of(self.metric)

    @property
    def measured(self) -> Numbers:
        """The values that are numbers."""
        return self.values[np.isfinite(self.values)]

    @property
    def order(self) -> NDArray[np.int64]:
        """Positions of those that have a value, the best first."""
        places = np.argsort(self.values if self.lower_is_better else -self.values, kind="stable")
        return places[np.isfinite(self.values[places])]

    def lead(self, other: float) -> float:
        """How much better the best is than ``other``; negative never for a value of the table."""
        gap = float(self.values[self.best]) - other
        return -gap if self.lower_is_better else gap


def ranking(table: TrialTable) -> Ranking | None:
    """By the metric that chose, or else by the most telling one on validation rows; None without any.

    A metric of which it is not known whether it should rise or fall does not rank, nor does the loss where
    trials differ in what their loss is, unless it chose.
    """
    for name in _candidates(table):
        if name == "validation_loss" and name != table.ranked_by and losses_differ(table):
            continue
        if np.isfinite(scores_of(table, name)).any() and _falls(table, name) is not None:
            return by(table, name)
    return None


def score_name(table: TrialTable) -> str | None:
    """The metric that chose, or else the most telling one on validation rows, whether or not it ranks: also
    where no trial has a value of it, as after a search in which all failed."""
    found = ranking(table)
    return next(_candidates(table), None) if found is None else found.metric


def words_of(metric: str) -> str:
    """A metric in a sentence.

    >>> words_of("validation_auc")
    'validation ROC AUC'
    """
    return metric.replace("_", " ").replace("auc", "ROC AUC")


def _candidates(table: TrialTable) -> Iterator[str]:
    """Metrics of the table, the one most likely to have chosen first."""
    if table.ranked_by is not None and table.ranked_by in table.metrics:
        yield table.ranked_by
    preferred = [f"validation_{name}" for name in _PREFERRED]
    yield from (name for name in preferred if name in table.metrics)
    yield from (name for name in table.metrics if name.startswith("validation_") and name not in preferred)


def scores_of(table: TrialTable, name: str) -> Numbers:
    """A metric as float64 (trials,): NaN where there is none, and where a network diverged."""
    values = np.asarray(table.metrics.get(name, np.full(trials_of(table), np.nan)), np.float64)
    return np.where(np.abs(values) < _DIVERGED, values, np.nan)


def spread_of(table: TrialTable, name: str) -> Numbers | None:
    """The standard deviation of a metric over the seeds of each trial; None if it is known of none."""
    values = np.asarray(table.spread.get(name, np.full(0, np.nan)), np.float64)
    return values if np.isfinite(values).any() else None


def by(table: TrialTable, name: str) -> Ranking:
    """The ranking by one of the table's metrics, at least one value of which is a number."""
    values = scores_of(table, name)
    lower = bool(_falls(table, name))
    finite = np.where(np.isfinite(values), values, np.inf if lower else -np.inf)
    return Ranking(name, values, lower, int(np.argmin(finite) if lower else np.argmax(finite)))


def losses_differ(table: TrialTable) -> bool:
    """Were trials trained with different loss functions, so that their losses are no one measure?"""
    return any(
        len({key(value) for value in values}) > 1
        for name, values in table.parameters.items()
        if name.lower().rpartition(".")[2] in _LOSS_FUNCTIONS
    )


def _falls(table: TrialTable, name: str) -> bool | None:
    """Is a metric of the table better lower? None if it is not known."""
    told = table.lower_is_better if name == table.ranked_by else None
    return lower_is_better(name.partition("_")[2]) if told is None else told


def key(value: Any) -> Any:
    """Something hashable that tells values of a parameter apart: 1 and 1.0 are one, also within lists, and
    what is no number is one value."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return repr(value)
    if isinstance(value, list | tuple):
        return tuple(key(one) for one in value)
    if isinstance(value, int | float | np.number):
        return float(value) if -_LARGE < value < _LARGE else str(value)
    return repr(value)


def numeric_column(table: TrialTable, names: Sequence[str]) -> Numbers | None:
    """The first parameter called by one of these names (in lower case, without what is before a dot), with
    NaN where it is no number; None if there is none with numbers."""
    for name, values in table.parameters.items():
        if name.lower().rpartition(".")[2] in names:
            numbers = np.array([float(value) if _is_number(value) else np.nan for value in values])
            return numbers if np.isfinite(numbers).any() else None
    return None


def ordered_axes(table: TrialTable) -> dict[str, list[float]]:
    """Parameters with three or more different numbers, and these in order. Seeds are no axis."""
    axes = {}
    for name, values in table.parameters.items():
        if is_seed(name) or not all(_is_number(value) for value in values):
            continue
        distinct = sorted({float(value) for value in values})
        if len(distinct) >= 3:
            axes[name] = distinct
    return axes


def configurations(table: TrialTable, *, with_seed: bool = False) -> list[NDArray[np.int64]]:
    """Positions of trials that differ in nothing (but the seed, unless ``with_seed``), in order."""
    names = [name for name in table.parameters if with_seed or not is_seed(name)]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for row in range(trials_of(table)):
        groups.setdefault(tuple(key(table.parameters[name][row]) for name in names), []).append(row)
    return [np.array(rows, np.int64) for rows in groups.values()]


def has_seeds(table: TrialTable) -> bool:
    """Does a column say with which seed each trial was trained?"""
    return any(is_seed(name) for name in table.parameters)


def with_known_seed(table: TrialTable) -> NDArray[np.bool_]:
    """Of which trials a seed is known: bool (trials,)."""
    known = np.zeros(trials_of(table), np.bool_)
    for name, values in table.parameters.items():
        if is_seed(name):
            known |= np.array([key(value) not in ("None", "nan") for value in values], np.bool_)
    return known


def is_seed(name: str) -> bool:
    """Is a parameter of this name a seed?"""
    return name.lower().rpartition(".")[2] in _SEEDS


def differing(table: TrialTable, first: int, second: int) -> tuple[tuple[str, ...], ...]:
    """What differs between two trials besides the seed: groups of names, each a single decision."""
    names = [
        name
        for name, values in table.parameters.items()
        if not is_seed(name) and key(values[first]) != key(values[second])
    ]
    groups: list[tuple[str, ...]] = []
    for linked in _LINKED:
        if (led := [name for name in linked if name in names]) and linked[0] in names:
            groups.append(tuple(led))
            names = [name for name in names if name not in led]
    return (*groups, *((name,) for name in names))


def trials_of(table: TrialTable) -> int:
    """How many rows the table has."""
    lengths = [len(column) for column in table.parameters.values()]
    return max(lengths + [len(column) for column in table.metrics.values()], default=0)


def score_error(metric: str, value: float, rows: int | None, positives: float | None) -> float:
    """Standard error of one network's score from the choice of validation rows; NaN if not known.

    Hanley and McNeil for ROC AUC, binomial for accuracy (of the rows), for recall and average precision (of
    the positives). Other metrics are not judged. ``metric`` has its split in front; of another split than
    validation the numbers of rows are others.
    """
    split, _, kind = metric.partition("_")
    if split != "validation" or not 0.0 <= value <= 1.0:
        return math.nan
    if kind == "accuracy" and rows:
        return share_error(value, rows)
    if kind in ("recall", "average_precision") and positives:
        return share_error(value, round(positives))
    if kind == "auc" and rows and positives and rows > positives:
        return auc_error(value, positives, rows - positives)
    return math.nan


def own_noise(
    table: TrialTable,
    found: Ranking,
    seeds: int | None,
    rows: int | None,
    positives: Estimate | None,
    correlation: float,
) -> tuple[float, str]:
    """By how much (a standard deviation) equally good trials of a table differ, and what makes them.

    From the spread over seeds of the better half of the trials if that is known, else from the rows that
    validate; NaN if neither is. (Of the worse half some seeds may fail and others not, which says nothing of
    the trials near the best.) ``correlation`` is that of scores on the same rows.
    """
    spread = spread_of(table, found.metric)
    if spread is not None and seeds is not None and seeds > 1:
        behind = found.values if found.lower_is_better else -found.values
        better = behind <= np.nanmedian(behind)
        known = spread[better if np.isfinite(spread[better]).any() else np.isfinite(spread)]
        return math.sqrt(float(np.nanmean(np.square(known))) / seeds), "the choice of seeds"
    middle = float(np.median(found.measured))
    error = score_error(found.metric, middle, rows, None if positives is None else positives.value)
    return own_error(error, correlation), "the choice of validation rows"


def own_error(error: float, correlation: float) -> float:
    """The part of a score's standard error that other networks on the same rows do not share."""
    return error * math.sqrt(1.0 - correlation)


def expected_best(count: int) -> float:
    """How many standard deviations the best of ``count`` equal ones lies above their mean, on average.

    Blom's approximation of the expected largest of normal numbers; within 3 % from 3 on.

    >>> round(expected_best(12), 1)
    1.6
    """
    return float(ndtri((count - 0.375) / (count + 0.25)))


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return False
    return bool(-_DIVERGED < value < _DIVERGED)
