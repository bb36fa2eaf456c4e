"""DAT603: the last rows validate, and positives become commoner along the file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import Rows, generate, tail


def _fault(seed: int) -> Logs:
    rows = generate(seed, count=8000)
    random = np.random.default_rng([seed, 10])
    # Positives sort late, though not strictly: their places are drawn with a density that doubles.
    place = random.random(8000)
    late = np.sqrt(place) * 0.7 + place * 0.3
    order = np.argsort(np.where(rows.target == 1, late, place), kind="stable")
    return both(Experiment(_in_file_order(rows, order), program(), seed))


def _twin(seed: int) -> Logs:
    rows = generate(seed, count=8000)
    return both(Experiment(_in_file_order(rows, np.arange(8000)), program(), seed))


def _in_file_order(rows: Rows, order: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Rows:
    target = rows.target[order]
    return replace(rows, inputs=rows.inputs[order], target=target, split=tail(target, 0.2), way="tail")


FAULT = Fault(
    "DAT603", "the last fifth validates and the base rate rises, against one that stays", _fault, _twin
)
