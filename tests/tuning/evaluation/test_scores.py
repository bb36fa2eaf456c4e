"""Scores beside scikit-learn's, of networks that were trained alone."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit
from sklearn import metrics as sklearn_metrics

from steelyard.calibration import apply_calibrator
from steelyard.calibration.fitting import fit_calibrator
from steelyard.data import Features, Table
from steelyard.engine import predict_logits
from steelyard.jobs import Task, prepare, train_together
from steelyard.recipe import Change, Recipe, apply
from steelyard.run import Run, RunStatus
from steelyard.study import Plan, TrialState
from steelyard.thresholds import choose_threshold
from steelyard.tuning.evaluation import evaluate, parts_of
from tests.tuning.evaluation.problems import RATE, a_plan, rates, small_recipe, small_table

ALL = (
    "average_precision",
    "roc_auc",
    "log_loss",
    "brier",
    "f1",
    "accuracy",
    "balanced_accuracy",
    "mcc",
    "recall",
    "precision",
)

RECIPES: dict[str, tuple[Change, ...]] = {
    "plain": (),
    "weighted classes": (Change("imbalance.class_weight", "balanced"),),
    "a threshold as trained": (
        Change("imbalance.class_weight", "balanced"),
        Change("decision.threshold", "as_trained"),
    ),
    "a fixed threshold": (Change("decision.threshold", "0.5"),),
    "another fixed threshold": (Change("decision.threshold", "0.3"),),
    "the threshold of costs": (Change("decision.threshold", "cost fp=1 fn=5"),),
    "smote": (Change("imbalance.resampling", "smote"),),
    "focal loss": (Change("loss", "focal_crossentropy"), Change("decision.threshold", "0.4")),
    "a shift that is left": (
        Change("imbalance.resampling", "random_over_sampling"),
        Change("imbalance.correct_prior", False),
        Change("decision.threshold", "0.5"),
    ),
}


def alone(table: Table, plan: Plan, recipe: Recipe, fold: int, seed: int) -> tuple[Task, Run]:
    """The network of a fold and a seed, without a search."""
    split = parts_of(table, plan).splits[fold]
    first = plan.seed + fold * plan.seeds
    task = dataclasses.replace(prepare(table, recipe, split, seed=first), seed=seed)
    ((run,),) = train_together(table, [task], 1, threads=1)
    return task, run


def expected(table: Table, task: Task, run: Run) -> dict[str, float]:
    """All metrics by scikit-learn, of the run's weights on the validation rows."""
    rows = task.split.validation
    some = Features(table.features.numeric[rows], table.features.codes[rows])
    logits = predict_logits(task.recipe.network, run.weights, task.encoding, some).astype(np.float64)
    y, weights = table.target[rows], None if table.weights is None else table.weights[rows]
    z = logits - task.offset
    calibrator = None
    if task.recipe.bends_probabilities and not task.recipe.leaves_shift:
        calibrator = fit_calibrator(z, y, "logistic", weights)
    p = expit(z) if calibrator is None else apply_calibrator(calibrator, z)
    asked = task.recipe.decision.threshold
    threshold = (
        float(expit(-task.offset))
        if asked == "as_trained"
        else choose_threshold(y, p, asked, weights).threshold
    )
    return by_scikit_learn(y, p, p > threshold, weights)


def by_scikit_learn(
    y: NDArray[np.uint8], p: NDArray[np.float64], yes: NDArray[np.bool_], w: NDArray[np.float32] | None
) -> dict[str, float]:
    sk: Any = sklearn_metrics
    return {
        "average_precision": sk.average_precision_score(y, p, sample_weight=w),
        "roc_auc": sk.roc_auc_score(y, p, sample_weight=w),
        "log_loss": sk.log_loss(y, p, sample_weight=w),
        "brier": sk.brier_score_loss(y, p, sample_weight=w),
        "f1": sk.f1_score(y, yes, sample_weight=w),
        "accuracy": sk.accuracy_score(y, yes, sample_weight=w),
        "balanced_accuracy": sk.balanced_accuracy_score(y, yes, sample_weight=w),
        "mcc": sk.matthews_corrcoef(y, yes, sample_weight=w),
        "recall": sk.recall_score(y, yes, sample_weight=w),
        "precision": sk.precision_score(y, yes, sample_weight=w, zero_division=0.0),
    }


@pytest.mark.parametrize("weights", [False, True], ids=["", "row weights"])
@pytest.mark.parametrize("name", RECIPES)
def test_scores_are_those_of_networks_trained_alone(name: str, weights: bool) -> None:
    table = small_table(weights=weights)
    recipe = small_recipe(Change("training.monitor", "validation_loss"), *RECIPES[name])
    plan = a_plan(table, recipe, metrics=ALL, folds=2, seeds=2, seed=5)
    trials = evaluate(table, plan, [7, 8], rates(0.003, 0.05), threads=2)
    for trial in trials:
        assert trial.state is TrialState.COMPLETE
        own = apply(recipe, Change(RATE, trial.point[RATE]))
        last = apply(own, Change("training.restore_best_weights", False))
        assert [(one.fold, one.seed) for one in trial.networks] == [(0, 5), (0, 6), (1, 7), (1, 8)]
        for network in trial.networks:
            task, run = alone(table, plan, own, network.fold, network.seed)
            assert (network.best_epoch, network.epochs) == (run.best_epoch, 6)
            assert network.best == pytest.approx(expected(table, task, run), rel=1e-5, abs=1e-6)
            task, run = alone(table, plan, last, network.fold, network.seed)
            assert network.last == pytest.approx(expected(table, task, run), rel=1e-5, abs=1e-6)
            for metric in ALL:
                curve = network.curves[f"validation_{metric}"]
                assert (curve.dtype, curve.shape) == (np.float32, (6,))
                assert curve[network.best_epoch - 1] == np.float32(network.best[metric])
                assert curve[-1] == np.float32(network.last[metric])
        means = [np.mean([network.best[metric] for network in trial.networks]) for metric in ALL]
        assert trial.values == pytest.approx(means)


def test_a_network_that_diverges_has_the_worst_values() -> None:
    table = small_table()
    wanted = (*ALL, "calibration_slope", "cost fp=1 fn=10", "lift_at_top=10%")
    plan = a_plan(table, small_recipe(), metrics=wanted)
    sound, lost = evaluate(table, plan, [0, 1], rates(0.01, 1e30))
    (network,) = lost.networks
    assert (lost.state, network.status, network.epochs) == (TrialState.COMPLETE, RunStatus.DIVERGED, 0)
    worst = dict.fromkeys(wanted, 0.0)
    worst |= {"mcc": -1.0, "log_loss": np.inf, "brier": 1.0, "calibration_slope": np.inf}
    worst["cost fp=1 fn=10"] = 10.0
    assert network.best == network.last == worst
    assert lost.values == tuple(worst.values())
    assert all(len(curve) == 0 for curve in network.curves.values())
    assert sound.networks[0].best["average_precision"] > 0.2


def test_a_network_that_diverges_late_has_the_worst_values_too() -> None:
    """Its best epoch was no accident only as long as it went on."""
    table = small_table()
    recipe = small_recipe(
        Change("optimizer", "sgd"),
        Change("optimizer.schedule", {"name": "one_cycle", "warmup": 0.9, "initial_divisor": 1e4}),
        Change("network.l2", 0.1),
        Change("training.epochs", 30),
    )
    (trial,) = evaluate(table, a_plan(table, recipe), [0], rates(1e4))
    (network,) = trial.networks
    assert network.status is RunStatus.DIVERGED
    assert 0 < network.best_epoch <= network.epochs < 30
    assert network.best == network.last == {"average_precision": 0.0}
    curve = network.curves["validation_average_precision"]
    assert len(curve) == network.epochs and curve.max() > 0.0
