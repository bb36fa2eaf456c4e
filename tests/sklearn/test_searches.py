"""Searches of others that train the estimator many times: scikit-learn's and Optuna's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna_integration.sklearn import OptunaSearchCV
from sklearn.metrics import average_precision_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from steelyard import Change, Recipe, apply
from tests.sklearn.problems import customers, quick, rare

of_optuna = pytest.mark.filterwarnings(
    "ignore::optuna.exceptions.ExperimentalWarning",
    "ignore:`optuna.terminator` module has been deprecated:FutureWarning",
)
"""OptunaSearchCV says whenever it is made that it may change, and calls what Optuna is giving up."""


# scikit-learn.


def test_recipes_and_tables_of_settings_are_values_of_a_grid() -> None:
    X, y = rare(300)
    steady = apply(Recipe(), Change("optimizer.schedule.name", "constant"))
    grid = [
        {"net__recipe": [None, steady], "net__optimizer": ["adam"]},
        {"net__resampling": [{"name": "smote", "ratio": 0.5}, "none"], "net__threshold": ["f1"]},
    ]
    model = Pipeline([("scale", StandardScaler()), ("net", quick(epochs=5))])
    search = GridSearchCV(model, grid, scoring="average_precision", cv=2, error_score="raise").fit(X, y)
    assert len(search.cv_results_["params"]) == 4
    alone = model.set_params(net__recipe=steady, net__optimizer="adam")
    expected = cross_val_score(alone, X, y, scoring="average_precision", cv=StratifiedKFold(2))
    assert search.cv_results_["mean_test_score"][1] == pytest.approx(expected.mean(), rel=1e-12)
    assert search.best_estimator_["net"].recipe_ is not None


def test_processes_give_the_scores_of_one() -> None:
    frame, labels = customers(300)
    grid = {"dropout": [0.0, 0.3], "recipe": [Recipe(), apply(Recipe(), Change("training.epochs", 3))]}
    arguments: dict[str, Any] = {"scoring": "roc_auc", "cv": 2, "error_score": "raise"}
    one = GridSearchCV(quick(), grid, n_jobs=1, **arguments).fit(frame, labels)
    two = GridSearchCV(quick(), grid, n_jobs=2, **arguments).fit(frame, labels)
    for split in range(2):
        name = f"split{split}_test_score"
        np.testing.assert_array_equal(one.cv_results_[name], two.cv_results_[name])
    np.testing.assert_array_equal(one.predict_proba(frame), two.predict_proba(frame))


# Optuna.

SPACE: dict[str, BaseDistribution] = {
    "learning_rate": FloatDistribution(1e-4, 1e-1, log=True),
    "dropout": FloatDistribution(0.0, 0.5),
    "optimizer": CategoricalDistribution(["adam", "sgd"]),
    "class_weight": CategoricalDistribution(["none", "balanced"]),
}


@of_optuna
def test_optuna_searches_over_the_estimator() -> None:
    X, y = rare(600)
    arguments: dict[str, Any] = {
        "cv": StratifiedKFold(3),
        "n_trials": 6,
        "scoring": "average_precision",
        "random_state": 0,
        "error_score": "raise",
    }
    search = OptunaSearchCV(quick(epochs=8), SPACE, **arguments).fit(X[:400], y[:400])
    assert set(search.best_params_) == set(SPACE)
    alone = quick(epochs=8).set_params(**search.best_params_)
    scores = cross_val_score(alone, X[:400], y[:400], scoring="average_precision", cv=StratifiedKFold(3))
    assert search.best_score_ == pytest.approx(scores.mean(), rel=1e-12)
    probability = search.predict_proba(X[400:])[:, 1]
    assert average_precision_score(y[400:], probability) > 2 * y[400:].mean()
    again = OptunaSearchCV(quick(epochs=8), SPACE, **arguments).fit(X[:400], y[:400])
    assert again.best_params_ == search.best_params_


@of_optuna
def test_optuna_takes_frames_with_text() -> None:
    frame, labels = customers()
    space = {"learning_rate": FloatDistribution(1e-3, 1e-1, log=True)}
    search = OptunaSearchCV(quick(epochs=5), space, cv=2, n_trials=3, random_state=0, error_score="raise")
    search.fit(frame, labels)
    assert set(search.predict(frame)) <= {"yes", "no"}


@of_optuna
def test_optuna_cannot_prune_what_is_not_trained_in_parts() -> None:
    """There is no partial_fit: a fit chooses its epoch itself. Pruning is what steelyard.tune does."""
    X, y = rare(300)
    search = OptunaSearchCV(quick(), SPACE, cv=2, n_trials=1, enable_pruning=True, error_score="raise")
    with pytest.raises(ValueError, match="partial_fit"):
        search.fit(X, y)
