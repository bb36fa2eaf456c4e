"""REG403: training rows that were labelled with care, validation rows with slips. The network gets as sure as
the first allow, which for the second is too sure; it ranks as well as ever."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.diagnosis.doors import Experiment, Logs, both
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, slips: float) -> Logs:
    rows = generate(seed, rate=0.4, strength=6.0, bent=False, count=5000)
    random = np.random.default_rng([seed, 10])
    target = rows.target.copy()
    validation = rows.split.validation
    wrong = random.choice(validation, round(slips * len(validation)), replace=False)
    target[wrong] = 1 - target[wrong]
    recipe = program(hidden=(16,), epochs=40, log_odds=True)
    return both(Experiment(replace(rows, target=target), recipe, seed))


FAULT = Fault(
    "REG403",
    "8 % of the validation labels are wrong and none in training, against none",
    lambda seed: _made(seed, 0.08),
    lambda seed: _made(seed, 0.0),
)
