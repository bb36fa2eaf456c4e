from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from steelyard import engine, metrics
from steelyard import keras as ours
from steelyard.errors import SteelyardError, SteelyardWarning
from steelyard.finding import Status
from steelyard.keras.history import History, RowsSeen
from steelyard.log import Stopping
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
    history.record(run, RowsSeen(1, 1, False, np.zeros((0, 2), np.float32)))
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


def fitted(**options: Any) -> History:
    random = np.random.default_rng(0)
    x = np.column_stack([random.normal(size=600), 1e-4 * random.normal(size=600)])
    y = (random.random(600) < expit(2 * x[:, 0] - 1)).astype(int)
    model = ours.Sequential(
        [ours.layers.Dense(4, activation="relu"), ours.layers.Dense(1, activation="sigmoid")]
    )
    model.compile("adam", "binary_crossentropy")
    return model.fit(x, y, **{"validation_data": (x[:200], y[:200]), "epochs": 3, "verbose": 0} | options)


def test_a_fit_is_judged_with_what_is_known_of_its_rows() -> None:
    history = fitted()
    (log,) = history.logs
    assert history.logs[0] is log
    facts = log.facts
    assert (facts.rows_train, facts.rows_validation, facts.validation_way) == (600, 200, "given")
    assert facts.positives_train == int(facts.positives_train or 0) > 0
    assert facts.features is not None and facts.features[1].deviation < 2e-4
    assert facts.stopping is None
    assert history.diagnosis["DAT601"].status is Status.FIRED, "one input is ten thousand times smaller"
    assert history.diagnosis is history.diagnosis


def test_early_stopping_is_known() -> None:
    stopping = ours.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    (log,) = fitted(callbacks=[stopping]).logs
    assert log.facts.stopping == Stopping("val_loss", patience=2, restore_best=True)


def test_the_tail_is_known_as_such() -> None:
    with pytest.warns(SteelyardWarning, match="K103"):
        (log,) = fitted(validation_data=None, validation_split=0.25).logs
    assert log.facts.validation_way == "tail"


def test_findings_end_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    fitted(verbose=2)
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("Findings: ") and "DAT601 inputs far from unit scale" in last
    fitted(verbose=2, epochs=1)
    assert "Findings" not in capsys.readouterr().out, "one epoch shows nothing"
    fitted(verbose=0)
    assert capsys.readouterr().out == ""
