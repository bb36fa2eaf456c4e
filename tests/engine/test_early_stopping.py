"""When a run ends by itself, and whose weights it returns."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from steelyard import engine
from steelyard.run import RunStatus
from tests.engine import reference
from tests.engine.problems import (
    LOGIT,
    NORMALIZATION,
    PLAIN_TRAINING,
    activation,
    dropout,
    hidden,
    numeric_problem,
    stack,
)
from tests.engine.runs import train

FAST: dict[str, object] = {"name": "sgd", "learning_rate": 1.5, "momentum": 0.5}
"""So fast that the validation loss goes up and down."""


def keras_rule(values: NDArray[np.float64], patience: int, min_delta: float, rises: bool) -> tuple[int, int]:
    """The number of epochs trained and the best of them (Keras' EarlyStopping)."""
    best, best_epoch, waited = np.inf, 0, 0
    for epoch, value in enumerate(-values if rises else values, start=1):
        if best - value > min_delta or best_epoch == 0:
            best, best_epoch, waited = value, epoch, 0
        else:
            waited += 1
            if waited >= patience:
                return epoch, best_epoch
    return len(values), best_epoch


@pytest.mark.parametrize(
    "monitor",
    ["validation_loss", "validation_average_precision", "validation_f1", "train_loss", "train_objective"],
)
@pytest.mark.parametrize(("patience", "min_delta"), [(1, 0.0), (2, 0.0), (4, 0.0), (2, 0.01), (3, 0.05)])
def test_early_stopping(monitor: str, patience: int, min_delta: float) -> None:
    problem = numeric_problem()
    training = PLAIN_TRAINING | {"epochs": 40, "monitor": monitor}
    whole = train(problem, optimizer=FAST, training=training)
    rises = not monitor.endswith(("loss", "objective"))
    epochs, best = keras_rule(whole.history[monitor], patience, min_delta, rises)
    run = train(problem, optimizer=FAST, training=training | {"patience": patience, "min_delta": min_delta})
    assert len(run.history) == epochs
    assert run.best_epoch == best
    assert run.status is (RunStatus.STOPPED_EARLY if epochs < 40 else RunStatus.COMPLETED)
    np.testing.assert_array_equal(run.history[monitor], whole.history[monitor][:epochs])
    if (patience, min_delta) == (1, 0.0):
        assert run.status is RunStatus.STOPPED_EARLY, "this case must stop, or the test shows nothing"


@pytest.mark.parametrize("normalized", [False, True])
def test_the_best_weights_are_restored(normalized: bool) -> None:
    problem = numeric_problem()
    first = [hidden(8, "linear"), NORMALIZATION, activation("tanh")] if normalized else [hidden(8, "tanh")]
    training = PLAIN_TRAINING | {"epochs": 30, "restore_best_weights": True}
    run = train(problem, network=stack(*first, dropout(0.2), LOGIT), optimizer=FAST, training=training)
    losses = run.history["validation_loss"]
    assert run.status is RunStatus.COMPLETED
    assert run.best_epoch == int(np.argmin(losses)) + 1 < 30
    rows = problem.split.validation
    logits = engine.predict_logits(run.recipe.network, run.weights, run.encoding, problem.features)[rows]
    again = reference.log_loss(logits.astype(np.float64), problem.target[rows].astype(np.float64))
    assert again == pytest.approx(losses.min(), rel=1e-5)
    assert again < losses[-1] - 1e-6


def test_the_last_weights_are_kept_if_the_recipe_says_so() -> None:
    problem = numeric_problem()
    run = train(problem, optimizer=FAST, training=PLAIN_TRAINING | {"epochs": 30})
    rows = problem.split.validation
    logits = engine.predict_logits(run.recipe.network, run.weights, run.encoding, problem.features)[rows]
    again = reference.log_loss(logits.astype(np.float64), problem.target[rows].astype(np.float64))
    assert again == pytest.approx(run.history["validation_loss"][-1], rel=1e-5)
    assert run.best_epoch == int(np.argmin(run.history["validation_loss"])) + 1 < 30


def test_time_runs_out() -> None:
    run = train(numeric_problem(), training=PLAIN_TRAINING | {"epochs": 1_000_000, "max_seconds": 0.2})
    assert run.status is RunStatus.STOPPED_EARLY
    assert "time" in run.reason or "second" in run.reason
    assert 1 <= len(run.history) < 1_000_000
    assert 0.1 < run.history["train_seconds"].sum() < 5.0
