"""Plain losses rebuilt from what Keras would log of a run, where the plain losses are known.

The engine measures both: the objective with penalty, weights, dropout and averaging in it, as Keras logs it,
and the plain losses at the end of every epoch.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from steelyard.data import Features, Split, identity
from steelyard.diagnosis.deriving import signals_from
from steelyard.diagnosis.run import layer_facts
from steelyard.diagnosis.signals import Curve, Signals
from steelyard.engine import Job, fit_population
from steelyard.history import History, Quantity, Series
from steelyard.log import Facts, Log
from steelyard.recipe import recipe_from_dict
from steelyard.run import Run

ROWS = 3000
TRAIN = 2000
EPOCHS = 25


def trained(**network: Any) -> tuple[Run, np.ndarray]:
    """A run on rows of which one in eight is positive, and the labels."""
    random = np.random.default_rng(1)
    x = random.normal(size=(ROWS, 6)).astype(np.float32)
    logit = 1.6 * x[:, 0] + x[:, 1] * x[:, 2] - 2.8
    y = (random.random(ROWS) < 1.0 / (1.0 + np.exp(-logit))).astype(np.uint8)
    weight = network.pop("class_weight", "none")
    recipe = recipe_from_dict(
        {
            "network": {"hidden_units": [24, 12], "dropout": 0.0, "l2": 0.0, **network},
            "imbalance": {"class_weight": weight, "correct_prior": False},
            "optimizer": {"name": "adam", "learning_rate": 0.003},
            "training": {"epochs": EPOCHS, "batch_size": 32, "patience": "off"},
        }
    )
    rows = np.arange(ROWS)
    split = Split(rows[:TRAIN], rows[TRAIN:], rows[:0], "stratified")
    features = Features(x, np.zeros((ROWS, 0), np.int32))
    job = Job(recipe, split, identity(6), seed=4, running_metrics=("accuracy", "precision", "recall"))
    (run,) = fit_population(features, y, [job], threads=1)
    return run, y


def as_keras_logs(run: Run, y: np.ndarray, *, penalty: bool = False, **facts: Any) -> Log:
    """``loss``, ``val_loss`` and training metrics as ``model.fit`` would have them."""
    history = run.history
    stack = run.recipe.network.stack()
    known = Facts(
        framework="keras 3",
        loss="binary_crossentropy",
        layers=layer_facts(run.recipe.network, 6),
        batch_size=32,
        rows_train=TRAIN,
        rows_validation=ROWS - TRAIN,
        positives_train=int(y[:TRAIN].sum()),
        positives_validation=int(y[TRAIN:].sum()),
        metric_functions=(),
        **facts,
    )
    penalized = any(getattr(layer, "l2", 0.0) for layer in stack)
    mean = Quantity(
        weighted=known.class_weight is not None,
        penalized=penalized,
        dropout=any(layer.layer == "dropout" for layer in stack),
        epoch_mean=True,
    )
    end = Quantity(weighted=False, penalized=penalized, dropout=False, epoch_mean=False)
    running = replace(mean, weighted=False, penalized=False)
    series = [
        Series("train", "loss", history["train_objective"], mean),
        Series("validation", "loss", history["validation_loss"] + history["train_penalty"], end),
        *(
            Series("train", name, history[f"train_running_{name}"], running)
            for name in ("accuracy", "precision", "recall")
        ),
    ]
    if penalty:
        series.append(Series("train", "penalty", history["train_penalty"], replace(end, weighted=None)))
    return Log("a test", "keras history", History(history.epochs, tuple(series)), known)


def assert_encloses(curve: Curve | None, truth: np.ndarray, first: int = 0) -> None:
    """From that epoch on; a curve's own middle lies between its ends too."""
    assert curve is not None
    assert (curve.low <= curve.values).all()
    assert (curve.values <= curve.high).all()
    outside = (truth < curve.low - 1e-9) | (truth > curve.high + 1e-9)
    assert not outside[first:].any(), (curve.epochs[outside], truth[outside], curve.low[outside])


def checked(log: Log, run: Run) -> Signals:
    """The signals; both plain losses and skills enclose the truth."""
    signals = signals_from(log)
    truth = {split: run.history[f"{split}_loss"] for split in ("train", "validation")}
    assert_encloses(signals.train_loss, truth["train"])
    assert_encloses(signals.validation_loss, truth["validation"])
    assert_encloses(signals.loss_gap, truth["validation"] - truth["train"])
    assert signals.train_floor is not None
    assert_encloses(signals.train_skill, 1.0 - truth["train"] / signals.train_floor.value)
    return signals


def test_nothing_but_the_mean_over_the_epoch() -> None:
    run, y = trained()
    signals = checked(as_keras_logs(run, y), run)
    assert signals.train_loss is not None
    # Narrow enough to be of use: a few percent of the loss, and nearer to the truth than what was logged.
    width = signals.train_loss.high - signals.train_loss.low
    assert np.median(width / signals.train_loss.values) < 0.15
    truth = run.history["train_loss"]
    logged = np.abs(run.history["train_objective"] - truth)
    assert np.abs(signals.train_loss.values - truth).mean() < logged.mean()
    np.testing.assert_array_equal(signals.validation_loss.values, run.history["validation_loss"])  # type: ignore[union-attr]


def test_a_penalty_that_was_logged_is_taken_out() -> None:
    run, y = trained(l2=0.003)
    signals = checked(as_keras_logs(run, y, penalty=True), run)
    assert signals.validation_loss is not None
    np.testing.assert_allclose(signals.validation_loss.values, run.history["validation_loss"], atol=1e-9)
    assert signals.train_loss is not None
    assert np.median(signals.train_loss.high - signals.train_loss.low) < 0.05


def test_a_penalty_that_was_not_logged_leaves_a_wide_loss_and_a_narrow_gap() -> None:
    run, y = trained(l2=0.003)
    signals = checked(as_keras_logs(run, y), run)
    assert signals.penalized is True
    assert signals.validation_loss is not None
    assert (signals.validation_loss.low == 0.0).all()
    assert signals.loss_gap is not None
    assert np.median(signals.loss_gap.high - signals.loss_gap.low) < 0.05
    assert signals.initial_penalty is not None
    assert signals.initial_penalty.low > run.history["train_penalty"][0]


@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_dropout_widens_the_training_loss_downwards(rate: float) -> None:
    run, y = trained(dropout=rate)
    signals = checked(as_keras_logs(run, y), run)
    assert signals.dropout is True
    assert signals.train_loss is not None
    assert (signals.train_loss.low < run.history["train_objective"]).all()


def test_class_weights_widen_the_training_loss_both_ways() -> None:
    run, y = trained(class_weight={"negative": 1.0, "positive": 7.0})
    log = as_keras_logs(run, y, class_weight=(1.0, 7.0), class_weight_type="dict")
    signals = checked(log, run)
    assert signals.weights_in_force is True
    assert signals.weighted_train_floor is not None
    assert run.history["train_objective"][0] < 1.3 * signals.weighted_train_floor.value


def test_weights_that_never_came_into_force_are_found_out() -> None:
    """The loss of a run without weights, said to be one with heavy weights."""
    run, y = trained()
    log = as_keras_logs(run, y, class_weight=(1.0, 20.0), class_weight_type="dict")
    signals = checked(log, run)
    assert signals.weights_in_force is False
    assert signals.train_loss is not None
    assert signals.train_loss.quantity.weighted is False
    assert signals.weighted_train_least is not None
    assert (signals.weighted_train_least.values > run.history["train_objective"]).mean() > 0.5


@pytest.mark.parametrize("weight", [2.0, 7.0, 30.0])
def test_weights_in_force_are_never_called_ignored(weight: float) -> None:
    run, y = trained(class_weight={"negative": 1.0, "positive": weight}, dropout=0.2)
    log = as_keras_logs(run, y, class_weight=(1.0, weight), class_weight_type="dict")
    assert signals_from(log).weights_in_force is True


def test_all_at_once() -> None:
    run, y = trained(l2=0.003, dropout=0.3, class_weight={"negative": 1.0, "positive": 7.0})
    log = as_keras_logs(run, y, class_weight=(1.0, 7.0), class_weight_type="dict")
    signals = signals_from(log)
    assert_encloses(signals.train_loss, run.history["train_loss"])
    assert_encloses(signals.validation_loss, run.history["validation_loss"])


def test_decisions_while_training_are_bounded_by_their_metrics() -> None:
    run, y = trained()
    signals = signals_from(as_keras_logs(run, y))
    confusion = signals.train_confusion
    assert confusion is not None
    assert not confusion.contradictions
    positives = int(y[:TRAIN].sum())
    np.testing.assert_array_equal(
        confusion.true_positive_low, np.round(run.history["train_running_recall"] * positives)
    )
    np.testing.assert_array_equal(confusion.true_positive_high, confusion.true_positive_low)


def test_without_a_word_of_the_model_a_curve_is_as_logged() -> None:
    run, y = trained(l2=0.003, dropout=0.3)
    log = as_keras_logs(run, y)
    unknown = Quantity(weighted=None, penalized=None, dropout=None, epoch_mean=None)
    assert log.history is not None
    series = tuple(replace(one, quantity=unknown) for one in log.history.series if one.metric == "loss")
    signals = signals_from(Log("a test", "csv", History(log.history.epochs, series)))
    assert signals.validation_loss is not None
    np.testing.assert_array_equal(signals.validation_loss.low, signals.validation_loss.high)
    assert signals.validation_loss.quantity.penalized is None
    assert signals.penalized is None
    assert signals.validation_skill is None
    assert signals.best_epoch is not None
