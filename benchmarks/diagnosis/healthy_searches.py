"""Sound searches: settings that really differ, judged by enough rows, with the best inside what was tried.
What a rule says of them is a false alarm, unless its symptom is there by itself
(:mod:`benchmarks.diagnosis.truth`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmarks.diagnosis.doors import Logs
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import folds, generate, with_test
from benchmarks.diagnosis.searches import Trial, as_rows, as_table, search
from steelyard.recipe import Recipe

Trials = Callable[[int], tuple[Trial, ...]]
"""From a seed, which a random search draws its settings by."""


@dataclass(frozen=True)
class SearchKind:
    """A kind of search, and of table that comes of it.

    ``rate`` is the share of positives; ``count`` the rows, of which a third validates, or each once in
    ``folds`` folds. ``apart``: a row of the table per network, with its seed, instead of one per setting.
    ``tested``: half the validation rows are kept for a test of every trial. ``told``: the program says how
    many networks a score is the mean of.
    """

    title: str
    trials: Trials
    ranked_by: str
    rate: float
    count: int
    seeds: int = 1
    folds: int = 1
    apart: bool = False
    tested: bool = False
    told: bool = True

    def __call__(self, seed: int) -> Logs:
        """The search on rows of this seed."""
        rows = generate(seed, count=self.count, rate=self.rate)
        rows = with_test(rows) if self.tested else rows
        splits = folds(rows.target, self.folds, seed) if self.folds > 1 else ()
        found = search(rows, self.trials(seed), seed=seed, seeds=self.seeds, folds=splits)
        logs = (as_rows if self.apart else as_table)(found, self.ranked_by)
        if self.told:
            return logs
        return {door: replace(log, facts=replace(log.facts, seeds=None)) for door, log in logs.items()}


def _sound(**settings: Any) -> Recipe:
    """With early stopping that keeps the best epoch."""
    return program(log_odds=True, epochs=60, patience=6, restore=True, **settings)


_RATES = (0.00003, 0.001, 0.03, 1.0)
"""From too small for the epochs there are to so large that units die."""


def _rates_and_activations(_: int) -> tuple[Trial, ...]:
    """A grid whose best learning rate lies inside; linear layers miss what is bent."""
    return tuple(
        Trial(
            {"learning_rate": rate, "activation": activation},
            _sound(learning_rate=rate, activation=activation, hidden=(16,)),
        )
        for rate in _RATES
        for activation in ("relu", "linear")
    )


def _rates_and_penalties(_: int) -> tuple[Trial, ...]:
    """Two axes that end where networks get worse, but at a penalty of 0."""
    return tuple(
        Trial({"learning_rate": rate, "l2": l2}, _sound(learning_rate=rate, l2=l2, hidden=(24,)))
        for rate in _RATES
        for l2 in (0.0, 0.01, 0.03, 0.1)
    )


def _settings_of_dropout(_: int) -> tuple[Trial, ...]:
    """One thing at a time: too much of it harms."""
    return tuple(
        Trial({"dropout": dropout}, _sound(dropout=dropout, hidden=(16,))) for dropout in (0.0, 0.4, 0.6, 0.8)
    )


def _drawn(seed: int) -> tuple[Trial, ...]:
    """A random search: learning rates over four decades; a penalty, the width and the dropout as well."""
    return tuple(
        Trial(
            one,
            _sound(
                learning_rate=one["learning_rate"],
                l2=one["l2"],
                dropout=one["dropout"],
                hidden=(one["units"],),
            ),
        )
        for one in _points(np.random.default_rng([seed, 5]), 24)
    )


def _points(random: np.random.Generator, count: int) -> Iterator[Mapping[str, Any]]:
    for _ in range(count):
        yield {
            "learning_rate": float(10.0 ** random.uniform(-4.0, 0.0)),
            "units": int(random.integers(4, 65)),
            "dropout": float(random.uniform(0.0, 0.7)),
            "l2": float(10.0 ** random.uniform(-6.0, -1.0)),
        }


SEARCHES = (
    SearchKind(
        "a grid of learning rates and activations, five seeds each, by ROC AUC; 30 % positives, 6,000 rows",
        _rates_and_activations,
        "auc",
        0.3,
        6000,
        seeds=5,
    ),
    SearchKind(
        "the same with one row per network and its seed in a column, by log loss; 10 %, 6,000 rows",
        _rates_and_activations,
        "loss",
        0.1,
        6000,
        seeds=5,
        apart=True,
    ),
    SearchKind(
        "a grid of learning rates and penalties, one network each, by average precision; 10 %, 15,000 rows",
        _rates_and_penalties,
        "average_precision",
        0.1,
        15_000,
    ),
    SearchKind(
        "the same in five folds, by ROC AUC; 10 %, 4,000 rows",
        _rates_and_penalties,
        "auc",
        0.1,
        4000,
        folds=5,
    ),
    SearchKind(
        "the same in three folds, as means of which nobody says how many networks they are of, by accuracy; "
        "30 %, 6,000 rows",
        _rates_and_penalties,
        "accuracy",
        0.3,
        6000,
        folds=3,
        told=False,
    ),
    SearchKind(
        "four settings of dropout, ten seeds each, by log loss; 10 %, 6,000 rows",
        _settings_of_dropout,
        "loss",
        0.1,
        6000,
        seeds=10,
    ),
    SearchKind(
        "24 settings drawn at random, one network each, by ROC AUC; 10 %, 15,000 rows",
        _drawn,
        "auc",
        0.1,
        15_000,
    ),
    SearchKind(
        "the same by accuracy, three seeds each; 30 %, 6,000 rows", _drawn, "accuracy", 0.3, 6000, seeds=3
    ),
    SearchKind("the same by log loss, in five folds; 5 %, 6,000 rows", _drawn, "loss", 0.05, 6000, folds=5),
    SearchKind(
        "the same by average precision, one network each, all scored on test rows as well; 20 %, 15,000 rows",
        _drawn,
        "average_precision",
        0.2,
        15_000,
        tested=True,
    ),
)
