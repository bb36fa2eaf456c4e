"""Metrics that the engine records after an epoch against scikit-learn, on the engine's own predictions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit
from sklearn import metrics

from steelyard import engine
from steelyard.data import Features, identity
from steelyard.history import PLAIN, Quantity
from steelyard.run import Run
from tests.engine import reference
from tests.engine.problems import (
    LOGIT,
    NORMALIZATION,
    PLAIN_TRAINING,
    Problem,
    dropout,
    hidden,
    mixed_problem,
    numeric_problem,
    recipe,
    split_at,
    stack,
)

METRICS = ("loss", "accuracy", "precision", "recall", "f1", "roc_auc", "average_precision")


def train(problem: Problem, **parts: object) -> Run:
    (run,) = engine.fit_population(
        problem.features, problem.target, [problem.job(recipe(**parts))], threads=1
    )
    return run


def logits_of(run: Run, problem: Problem) -> NDArray[np.float32]:
    return engine.predict_logits(run.recipe.network, run.weights, run.encoding, problem.features, threads=1)


def expected_metrics(y: NDArray[np.uint8], logits: NDArray[np.float32]) -> dict[str, float]:
    predicted = logits > 0
    return {
        "loss": float(metrics.log_loss(y, expit(logits.astype(np.float64)), labels=[0, 1])),
        "accuracy": metrics.accuracy_score(y, predicted),
        "precision": metrics.precision_score(y, predicted, zero_division=0),
        "recall": metrics.recall_score(y, predicted),
        "f1": metrics.f1_score(y, predicted, zero_division=0),
        "roc_auc": metrics.roc_auc_score(y, logits),
        "average_precision": metrics.average_precision_score(y, logits),
    }


def check_last_epoch(problem: Problem, run: Run) -> NDArray[np.float32]:
    """The weights returned are those of the last epoch, so its metrics can be computed again."""
    logits = logits_of(run, problem)
    for split, rows in (("train", problem.split.train), ("validation", problem.split.validation)):
        for name, value in expected_metrics(problem.target[rows], logits[rows]).items():
            recorded = run.history[f"{split}_{name}"][-1]
            assert recorded == pytest.approx(value, rel=1e-5), f"{split}_{name}"
    return logits


NETWORKS = {
    "plain": stack(hidden(8, "relu"), LOGIT),
    "dropout": stack(dropout(0.2), hidden(8, "relu"), dropout(0.5), LOGIT),
    "normalized": stack(hidden(8, "linear"), NORMALIZATION, hidden(5, "relu"), LOGIT),
}


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS.keys())
@pytest.mark.parametrize("problem", [numeric_problem(), mixed_problem()], ids=["numeric", "mixed"])
def test_metrics_are_those_of_scikit_learn(problem: Problem, network: dict[str, object]) -> None:
    run = train(
        problem,
        network=network,
        imbalance={"class_weight": "balanced"},
        optimizer={"name": "adam", "learning_rate": 0.02},
    )
    logits = check_last_epoch(problem, run)
    assert 0.5 < run.history["validation_roc_auc"][-1] < 1.0
    assert 0.0 < run.history["validation_precision"][-1] < 1.0
    expected = reference.forward(
        run.recipe.network,
        reference.double(run.weights),
        reference.inputs(
            problem.features, problem.encoding, np.arange(len(logits)), reference.double(run.weights)
        ),
    ).logits
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)


def test_a_large_table_is_ranked_like_a_small_one() -> None:
    """Another way of sorting may serve many rows."""
    problem = numeric_problem(3, train=9000, validation=6000, rate=0.05)
    training = PLAIN_TRAINING | {"epochs": 1, "batch_size": 512}
    run = train(problem, training=training, optimizer={"name": "adam", "learning_rate": 0.01})
    check_last_epoch(problem, run)


def test_ties_count_half() -> None:
    """Two 0/1 columns make four distinct scores only."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (400, 2)).astype(np.float32)
    target = (rng.random(400) < 0.1 + 0.3 * x[:, 0] + 0.2 * x[:, 1]).astype(np.uint8)
    problem = Problem(Features(x, np.zeros((400, 0), np.int32)), target, identity(2), split_at(400, 250))
    run = train(problem, network=stack(LOGIT))
    assert len(np.unique(check_last_epoch(problem, run))) == 4


def test_all_scores_equal() -> None:
    problem = numeric_problem()
    empty = replace(problem.features, numeric=np.zeros_like(problem.features.numeric))
    still: dict[str, object] = {"name": "sgd", "learning_rate": 1e-30}
    run = train(replace(problem, features=empty), optimizer=still)
    y = problem.target[problem.split.validation]
    assert run.history["validation_roc_auc"][-1] == 0.5
    assert run.history["validation_average_precision"][-1] == pytest.approx(y.mean())
    assert run.history["validation_loss"][-1] == pytest.approx(np.log(2.0))
    assert run.history["validation_recall"][-1] == 0.0
    assert run.history["validation_accuracy"][-1] == pytest.approx(1.0 - y.mean())


def only(problem: Problem, label: int) -> Problem:
    rows = problem.split.validation
    return replace(problem, split=replace(problem.split, validation=rows[problem.target[rows] == label]))


def test_validation_without_positives() -> None:
    run = train(only(numeric_problem(), 0))
    for name in ("recall", "f1", "roc_auc", "average_precision"):
        assert np.isnan(run.history[f"validation_{name}"]).all(), name
    assert np.isfinite(run.history["validation_loss"]).all()
    assert np.isfinite(run.history["train_roc_auc"]).all()


def test_validation_without_negatives() -> None:
    problem = only(numeric_problem(), 1)
    run = train(problem)
    assert np.isnan(run.history["validation_roc_auc"]).all()
    np.testing.assert_allclose(run.history["validation_average_precision"], 1.0)
    hits = logits_of(run, problem)[problem.split.validation] > 0
    assert run.history["validation_recall"][-1] == pytest.approx(hits.mean())
    assert run.history["validation_accuracy"][-1] == pytest.approx(hits.mean())


def test_no_validation_rows() -> None:
    problem = numeric_problem()
    problem = replace(problem, split=replace(problem.split, validation=np.zeros(0, np.int64)))
    run = train(problem, training=PLAIN_TRAINING | {"monitor": "train_loss"})
    for name in METRICS:
        assert np.isnan(run.history[f"validation_{name}"]).all(), name
        assert np.isfinite(run.history[f"train_{name}"]).all(), name


def test_training_rows_of_one_class() -> None:
    problem = numeric_problem()
    rows = problem.split.train
    problem = replace(problem, split=replace(problem.split, train=rows[problem.target[rows] == 0]))
    run = train(problem, imbalance={"class_weight": "none"})
    assert np.isnan(run.history["train_roc_auc"]).all()
    assert np.isfinite(run.history["train_objective"]).all()
    assert np.isfinite(run.history["validation_roc_auc"]).all()


def test_what_every_series_measures_is_recorded() -> None:
    problem = numeric_problem()
    network = stack(hidden(8, "relu", l2=0.01), dropout(0.3), LOGIT)
    run = train(problem, network=network, imbalance={"class_weight": "balanced"})
    names = {f"{split}_{name}" for split in ("train", "validation") for name in METRICS}
    others = {"train_objective", "train_penalty", "train_learning_rate", "train_seconds"}
    assert set(run.history) == names | others
    quantity = {series.name: series.quantity for series in run.history.series}
    assert all(quantity[name] == PLAIN for name in names)
    assert quantity["train_objective"] == Quantity(
        weighted=True, penalized=True, dropout=True, epoch_mean=True
    )
    np.testing.assert_array_equal(run.history.epochs, np.arange(1, 6))
    assert (run.history["train_seconds"] > 0).all()
    assert all(len(series.values) == 5 and series.values.dtype == np.float64 for series in run.history.series)


def test_the_objective_holds_what_the_plain_loss_leaves_out() -> None:
    problem = numeric_problem(rate=0.1)
    still: dict[str, object] = {"name": "sgd", "learning_rate": 1e-30}
    network = stack(hidden(8, "relu", l2=0.05), LOGIT)
    run = train(problem, network=network, optimizer=still, imbalance={"class_weight": {"positive": 10.0}})
    objective = reference.Objective(
        run.recipe,
        problem.features,
        problem.encoding,
        problem.target,
        problem.split.train,
        problem.split.train,
    )
    weights = reference.double(run.weights)
    np.testing.assert_allclose(run.history["train_objective"], objective(weights), rtol=1e-5)
    np.testing.assert_allclose(
        run.history["train_penalty"], reference.penalty(run.recipe.network, weights), rtol=1e-5
    )
    assert run.history["train_objective"][0] > 1.5 * run.history["train_loss"][0]


def test_the_training_curve_of_a_stratified_subset() -> None:
    """A constant logit z has the loss softplus(z) - rate z, which tells the subset's base rate."""
    problem = numeric_problem(train=1000, validation=50, rate=0.1)
    z = -1.0
    last = {**LOGIT, "kernel_initializer": "zeros", "bias_initializer": {"name": "constant", "value": z}}
    still: dict[str, object] = {"name": "sgd", "learning_rate": 1e-30}
    training = PLAIN_TRAINING | {"train_metric_rows": 100}
    run = train(problem, network=stack(last), optimizer=still, training=training)
    rate = (np.logaddexp(0.0, z) - run.history["train_loss"]) / z
    wanted = problem.target[problem.split.train].mean()
    np.testing.assert_allclose(rate, wanted, atol=0.011)
    positives_in_subset = rate * 100
    np.testing.assert_allclose(positives_in_subset, np.round(positives_in_subset), atol=1e-3)


def test_a_subset_gives_other_curves_but_the_same_training() -> None:
    problem = numeric_problem(train=500, validation=50)
    whole = train(problem, training=PLAIN_TRAINING)
    part = train(problem, training=PLAIN_TRAINING | {"train_metric_rows": 60})
    for name, value in whole.weights.items():
        np.testing.assert_array_equal(part.weights[name], value)
    assert (whole.history["train_loss"] != part.history["train_loss"]).all()
    np.testing.assert_array_equal(whole.history["validation_loss"], part.history["validation_loss"])
