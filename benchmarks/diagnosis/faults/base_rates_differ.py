"""CMP105: validation rows of another base rate than training rows, as after a sale or a change of policy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import Rows, generate
from steelyard.data import Split


def _fault(seed: int) -> Logs:
    rows = generate(seed, rate=0.12, count=8000)
    return both(Experiment(_without_positives(rows, seed), program(), seed))


def _twin(seed: int) -> Logs:
    return both(Experiment(generate(seed, rate=0.12, count=8000), program(), seed))


def _without_positives(rows: Rows, seed: int) -> Rows:
    """Half the positives of the validation part are gone."""
    random = np.random.default_rng([seed, 10])
    validation = rows.split.validation
    positives = validation[rows.target[validation] == 1]
    gone = random.choice(positives, len(positives) // 2, replace=False)
    kept = np.setdiff1d(validation, gone)
    return replace(rows, split=Split(rows.split.train, kept, rows.split.test, "given"), way="given")


FAULT = Fault("CMP105", "half as many positives in validation, against as many", _fault, _twin)
