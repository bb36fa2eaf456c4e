"""Runs with which nothing is wrong, on tables of many kinds: what a rule says there is a false alarm, unless
its symptom is there by itself (:mod:`benchmarks.diagnosis.truth`)."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


@dataclass(frozen=True)
class Kind:
    """A kind of table: base rate, how far the classes can be told apart, size, shape."""

    title: str
    rate: float
    strength: float
    count: int
    columns: int = 8
    bent: bool = True
    dropout: float = 0.0

    def __call__(self, seed: int) -> Logs:
        """A sound program on rows of this kind: a network that suits their number, the last bias at the
        log-odds, early stopping that keeps the best epoch."""
        rows = generate(
            seed,
            count=self.count,
            rate=self.rate,
            strength=self.strength,
            columns=self.columns,
            bent=self.bent,
        )
        recipe = program(
            hidden=(16,) if self.count < 5000 else (32, 16),
            dropout=self.dropout,
            log_odds=True,
            epochs=200,
            patience=8,
            restore=True,
            batch_size=256 if self.count > 10_000 else 64,
        )
        return both(Experiment(rows, recipe, seed))


KINDS = (
    Kind("30 % positives, separable, 3,000 rows", 0.3, 6.0, 3000),
    Kind("30 % positives, moderate, 6,000 rows", 0.3, 2.0, 6000),
    Kind("30 % positives, hard, 6,000 rows", 0.3, 0.7, 6000, bent=False),
    Kind("10 % positives, moderate, 3,000 rows", 0.1, 2.0, 3000),
    Kind("10 % positives, moderate, 40 columns, 6,000 rows", 0.1, 2.0, 6000, columns=40, bent=False),
    Kind("10 % positives, hard, 12,000 rows", 0.1, 1.0, 12_000),
    Kind("5 % positives, separable, 6,000 rows", 0.05, 5.0, 6000),
    Kind("5 % positives, moderate, with dropout, 12,000 rows", 0.05, 2.0, 12_000, dropout=0.2),
    Kind("2 % positives, moderate, 20,000 rows", 0.02, 2.0, 20_000),
    Kind("0.5 % positives, separable, 40,000 rows", 0.005, 4.0, 40_000, bent=False),
)
