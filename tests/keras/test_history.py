from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from scipy.special import expit

from steelyard import engine, metrics
from steelyard.errors import SteelyardError
from steelyard.keras.history import History
from tests.engine.problems import numeric_problem, recipe
from tests.keras.fakes import drive


class Fit:
    """A fit that is put off; counts how often it is forced."""

    def __init__(self) -> None:
        self.forced = 0
        self.history = History(self)

    def force(self) -> None:
        self.forced += 1
        drive([self.history], [{"loss": 1.0}, {"loss": 0.5}])


@pytest.mark.parametrize("attribute", ["history", "epoch"])
def test_a_deferred_history_trains_once_when_it_is_read(attribute: str) -> None:
    fit = Fit()
    assert fit.forced == 0
    getattr(fit.history, attribute)
    assert fit.forced == 1
    assert fit.history.history == {"loss": [1.0, 0.5]}
    assert fit.history.epoch == [0, 1]
    assert fit.forced == 1


def test_a_deferred_history_trains_when_its_curves_are_read() -> None:
    fit = Fit()
    with pytest.raises(SteelyardError, match="this history has no run"):
        _ = fit.history.plain
    assert fit.forced == 1


def test_callbacks_may_read_the_history_while_it_is_filled() -> None:
    fit = Fit()
    fit.history.set_model(None)
    fit.history.on_train_begin()
    fit.history.on_epoch_end(0, {"loss": 1.0})
    assert fit.history.history == {"loss": [1.0]}
    assert fit.forced == 0


def test_plain_curves_are_those_of_the_run() -> None:
    problem = numeric_problem()
    made = recipe(training={"epochs": 3, "batch_size": 16}, imbalance={"class_weight": "balanced"})
    job = dataclasses.replace(problem.job(made), running_metrics=("loss", "accuracy"))
    (run,) = engine.fit_population(problem.features, problem.target, [job], threads=1)
    history = History()
    history.run = run
    quantities = ("loss", "accuracy", "precision", "recall", "f1", "roc_auc", "average_precision")
    assert set(history.plain) == {"penalty", *quantities, *(f"val_{name}" for name in quantities)}
    assert all(len(curve) == 3 for curve in history.plain.values())

    logits = engine.predict_logits(made.network, run.weights, run.encoding, problem.features, threads=1)
    probability = expit(logits)
    for prefix, rows in (("", problem.split.train), ("val_", problem.split.validation)):
        scores = metrics.score(problem.target[rows], probability[rows])
        last = {name: history.plain[prefix + name][-1] for name in quantities}
        assert math.isclose(last["loss"], scores.log_loss, rel_tol=1e-5)
        for name in quantities[1:]:
            assert math.isclose(last[name], getattr(scores, name), rel_tol=1e-6), name
    assert not np.allclose(history.plain["loss"], run.history["train_objective"], rtol=0.01)
