"""DAT606: a column that is a consequence of the target."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.diagnosis.doors import Experiment, Logs, as_ours
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, leaks: float) -> Logs:
    rows = generate(seed)
    noise = np.random.default_rng([seed, 10]).standard_normal(len(rows.target))
    leak = (leaks * rows.target + noise).astype(np.float32)
    told = replace(rows, inputs=np.column_stack([rows.inputs, leak]))
    return {"steelyard": as_ours(Experiment(told, program(log_odds=True), seed))}


FAULT = Fault(
    "DAT606",
    "a column whose mean is 4 deviations higher for positives, against one of noise",
    lambda seed: _made(seed, 4.0),
    lambda seed: _made(seed, 0.0),
)
