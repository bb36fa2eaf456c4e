"""COL208: every row gets the same answer, and the log does not tell how many rows are positive."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.diagnosis.doors import Experiment, Logs, keras_only
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate
from steelyard.log import Log


def _made(seed: int, learning_rate: float) -> Logs:
    recipe = program(hidden=(8, 8, 8), learning_rate=learning_rate, log_odds=True)
    logs = keras_only(Experiment(generate(seed, rate=0.08, strength=3.0), recipe, seed))
    return {door: _without_counts(log) for door, log in logs.items()}


def _without_counts(log: Log) -> Log:
    """The log of somebody who measures accuracy alone and does not say how rare positives are."""
    assert log.history is not None
    kept = tuple(one for one in log.history.series if one.metric in ("loss", "accuracy"))
    facts = replace(
        log.facts,
        rows_train=None,
        rows_validation=None,
        positives_train=None,
        positives_validation=None,
        base_rate=None,
    )
    return replace(log, history=replace(log.history, series=kept), facts=facts)


FAULT = Fault(
    "COL208",
    "a learning rate of 0.5, which kills all units, against 0.002; counts are not known",
    lambda seed: _made(seed, 0.5),
    lambda seed: _made(seed, 0.002),
)
