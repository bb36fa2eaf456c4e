"""The estimator inside those of scikit-learn that train it many times or correct it."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn
from joblib import parallel_config
from scipy.stats import loguniform, randint
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import BaggingClassifier, StackingClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss, roc_auc_score
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    RandomizedSearchCV,
    StratifiedKFold,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from steelyard import Change, Recipe, apply
from tests.sklearn.problems import customers, quick, rare


def test_pipeline() -> None:
    X, y = rare()
    model = make_pipeline(StandardScaler(), quick()).fit(
        X, y, steelyardclassifier__sample_weight=np.ones(len(y))
    )
    assert roc_auc_score(y, model.decision_function(X)) > 0.85


def test_pipeline_of_frames() -> None:
    frame, y = customers()
    encoder = make_column_transformer(
        (OneHotEncoder(sparse_output=False), ["city"]),
        remainder="passthrough",
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    model = make_pipeline(encoder, quick()).fit(frame, y)
    assert {"city_Oslo", "since"} <= set(model[-1].feature_names_in_)
    assert roc_auc_score(y == "yes", model.predict_proba(frame)[:, 1]) > 0.8


def test_grid_search() -> None:
    X, y = rare()
    # Balls within balls: without a hidden layer nothing can be learnt.
    y = ((X[:, :3] ** 2).sum(axis=1) > 4).astype(int)
    grid = {"hidden_units": [(), (16,)], "learning_rate": [0.01]}
    search = GridSearchCV(quick(epochs=30), grid, scoring="roc_auc", cv=3, error_score="raise").fit(X, y)
    assert search.best_params_["hidden_units"] == (16,)
    assert search.best_score_ > 0.8


def test_grid_search_in_threads() -> None:
    X, y = rare(300)
    grid = {"dropout": [0.0, 0.1, 0.2, 0.3]}
    with parallel_config("threading", n_jobs=2):
        together = GridSearchCV(quick(n_jobs=-1), grid, cv=2, error_score="raise").fit(X, y)
    alone = GridSearchCV(quick(), grid, cv=2, error_score="raise").fit(X, y)
    np.testing.assert_array_equal(
        together.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"]
    )


def test_randomized_search() -> None:
    X, y = rare(300)
    drawn = {
        "learning_rate": loguniform(1e-4, 1e-1),
        "batch_size": randint(16, 64),
        "hidden_units": [4, (4, 4)],
    }
    search = RandomizedSearchCV(quick(), drawn, n_iter=4, cv=2, random_state=0, error_score="raise").fit(X, y)
    assert search.best_estimator_.recipe_.training.batch_size == search.best_params_["batch_size"]


def test_folds_are_stratified() -> None:
    """As for any classifier; on labels that are sorted, others would lack a class."""
    X, y = rare()
    order = np.argsort(y, kind="stable")
    found = cross_validate(quick(), X[order], y[order], scoring="roc_auc", cv=3, error_score="raise")
    assert np.min(found["test_score"]) > 0.8


def test_cross_val_predict() -> None:
    X, y = rare()
    probabilities = cross_val_predict(quick(), X, y, cv=StratifiedKFold(3), method="predict_proba")
    assert roc_auc_score(y, probabilities[:, 1]) > 0.85


@pytest.mark.parametrize("method", ["sigmoid", "isotonic", "temperature"])
def test_calibration_around_it_undoes_class_weights(method: str) -> None:
    """Where the estimator was asked not to undo them itself."""
    X, y = rare(1500)
    uncorrected = apply(Recipe(), Change("imbalance.correct_prior", False))
    weighted = quick(class_weight={1: 20.0}, calibration="none", recipe=uncorrected)
    spoilt = weighted.fit(X[:1000], y[:1000])
    calibrated = CalibratedClassifierCV(weighted, method=method, cv=3).fit(X[:1000], y[:1000])
    losses = [log_loss(y[1000:], model.predict_proba(X[1000:])) for model in (calibrated, spoilt)]
    assert losses[0] < losses[1] or method == "temperature"  # which keeps the sides of 0.5
    assert np.isfinite(losses).all()


def test_a_tuned_threshold_finds_more_of_the_rare_class() -> None:
    X, y = rare(1500)
    plain = quick(epochs=5).fit(X[:1000], y[:1000])
    tuned = TunedThresholdClassifierCV(quick(epochs=5), scoring="f1", cv=3, random_state=0).fit(
        X[:1000], y[:1000]
    )
    assert f1_score(y[1000:], tuned.predict(X[1000:])) > f1_score(y[1000:], plain.predict(X[1000:]))


def test_a_fixed_threshold() -> None:
    X, y = rare()
    model = FixedThresholdClassifier(quick(), threshold=0.2, response_method="predict_proba").fit(X, y)
    expected = model.estimator_.predict_proba(X)[:, 1] >= 0.2
    np.testing.assert_array_equal(model.predict(X), expected.astype(int))


def test_stacking_and_bagging() -> None:
    X, y = rare()
    stack = StackingClassifier([("network", quick()), ("line", LogisticRegression())], cv=2).fit(X, y)
    bag = BaggingClassifier(quick(), n_estimators=3, random_state=0).fit(X, y)
    assert min(roc_auc_score(y, model.predict_proba(X)[:, 1]) for model in (stack, bag)) > 0.85


def test_permutation_importance_of_a_frame() -> None:
    frame, y = customers()
    model = quick().fit(frame, y)
    found = permutation_importance(model, frame, y, n_repeats=3, random_state=0)
    assert frame.columns[np.argmax(found.importances_mean)] == "city"


def test_weights_are_routed() -> None:
    X, y = rare(300)
    weights = np.where(y == 1, 3, 1)
    with sklearn.config_context(enable_metadata_routing=True):
        model = quick().set_fit_request(sample_weight=True).set_score_request(sample_weight=False)
        search = GridSearchCV(model, {"dropout": [0.0]}, cv=2, error_score="raise").fit(
            X, y, sample_weight=weights
        )
    direct = quick(dropout=0.0).fit(X, y, sample_weight=weights)
    np.testing.assert_array_equal(search.best_estimator_.decision_function(X), direct.decision_function(X))
