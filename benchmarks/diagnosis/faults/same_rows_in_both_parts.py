"""DAT605: a fifth of the rows stand in the file twice, and the split does not know."""

from __future__ import annotations

import numpy as np

from benchmarks.diagnosis.doors import Experiment, Logs, as_ours
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import Rows, generate, stratified


def _made(seed: int, share: float) -> Logs:
    rows = generate(seed, count=5000)
    random = np.random.default_rng([seed, 10])
    again = random.choice(5000, round(5000 * share), replace=False)
    order = random.permutation(np.concatenate([np.arange(5000), again]))
    target = rows.target[order]
    twice = Rows(rows.inputs[order], target, stratified(target, 1 / 3, seed), "stratified")
    return {"steelyard": as_ours(Experiment(twice, program(log_odds=True), seed))}


FAULT = Fault(
    "DAT605",
    "a fifth of the rows twice, against every row once",
    lambda seed: _made(seed, 0.2),
    lambda seed: _made(seed, 0.0),
)
