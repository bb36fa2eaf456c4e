"""SRC805: early stopping on the rows that the result is reported on."""

from __future__ import annotations

from benchmarks.diagnosis.doors import Experiment, Logs, keras_only
from benchmarks.diagnosis.fault import Fault
from benchmarks.diagnosis.recipes import program
from benchmarks.diagnosis.rows import generate


def _made(seed: int, same: bool) -> Logs:
    recipe = program(patience=5, restore=True, epochs=40, log_odds=True)
    return keras_only(Experiment(generate(seed), recipe, seed, {"validation_is_test": same}))


FAULT = Fault(
    "SRC805",
    "validation_data=(X_test, y_test) with early stopping, against rows of their own",
    lambda seed: _made(seed, True),
    lambda seed: _made(seed, False),
)
