"""All checks of a table and its split."""

from __future__ import annotations

from steelyard.checks.between import rows_between
from steelyard.checks.columns import alone, identifiers
from steelyard.checks.findings import Finding
from steelyard.checks.one_hot import one_hot_columns
from steelyard.checks.rates import different_rates, drift, few_positives
from steelyard.checks.twins import twins
from steelyard.data import Split, Table
from steelyard.recipe.imbalance import NoResampling, Resampling


def check(table: Table, split: Split, resampling: Resampling | None = None) -> tuple[Finding, ...]:
    """What should be known about a table and its split before training, by code.

    Nothing is changed and nothing chosen by it. Columns are judged on training rows (up to 10,000 of each
    class); of the other parts only labels are counted and rows looked for that are training rows too.
    ``resampling`` is how the training rows are going to be resampled.
    """
    findings = [
        *alone(table, split.train),
        *twins(table, split),
        *identifiers(table, split.train),
        *different_rates(table, split),
        *drift(table, split),
        *few_positives(table, split),
        *one_hot_columns(table, split.train, resampling or NoResampling()),
        *rows_between(table, split.train),
    ]
    return tuple(sorted(findings, key=lambda finding: finding.code))
