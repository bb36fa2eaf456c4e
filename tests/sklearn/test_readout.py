"""Prior, calibration and threshold of the estimator."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.metrics import f1_score, log_loss, recall_score

from steelyard import SteelyardClassifier, SteelyardWarning
from steelyard.engine import predict_probability
from steelyard.run import Model
from steelyard.tables import features_from
from tests.sklearn.problems import quick, rare

SKEWED = (
    {"class_weight": {1: 20.0}},
    {"class_weight": "balanced"},
    {"resampling": "random_under_sampling"},
    {"resampling": "random_over_sampling"},
    {"resampling": "balanced_batches"},
    {"loss": "logit_adjusted"},
)


@pytest.mark.parametrize("skew", SKEWED, ids=lambda skew: "-".join(map(str, skew.values())))
def test_probabilities_stay_at_the_base_rate(skew: dict[str, object]) -> None:
    X, y = rare(1500)
    model = quick(**skew, calibration="none").fit(X[:1000], y[:1000])
    natural, raw = model.predict_proba(X[1000:]), model.predict_proba(X[1000:], raw=True)
    assert natural[:, 1].mean() == pytest.approx(y.mean(), abs=0.05)
    assert log_loss(y[1000:], natural) < log_loss(y[1000:], raw)
    # One shift of the log-odds lies between them.
    shift = logit(raw[:, 1]) - logit(natural[:, 1])
    np.testing.assert_allclose(shift, model.model_.readout.offset, atol=1e-6)


@pytest.mark.parametrize("skew", ({}, *SKEWED), ids=lambda skew: "-".join(map(str, skew.values())))
def test_by_default_labels_are_those_of_the_network(skew: dict[str, object]) -> None:
    """Class weights count as costs, as in all of scikit-learn."""
    X, y = rare()
    model = quick(**skew, calibration="none").fit(X, y)
    np.testing.assert_array_equal(model.predict(X), model.predict_proba(X, raw=True).argmax(axis=1))


@pytest.mark.parametrize("calibration", ["none", "logistic", "beta", "temperature", "isotonic"])
@pytest.mark.parametrize("n_seeds", [1, 2])
def test_the_engine_and_the_estimator_read_alike(calibration: str, n_seeds: int) -> None:
    X, y = rare()
    model = quick(calibration=calibration, class_weight="balanced", n_seeds=n_seeds).fit(X, y)
    by_engine = predict_probability(model.model_, features_from(X, model.model_.schema))
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], by_engine, rtol=1e-6, atol=1e-12)
    far = np.abs(by_engine - model.threshold_) > 1e-9
    np.testing.assert_array_equal(model.predict(X)[far], (by_engine > model.threshold_)[far].astype(int))


@pytest.mark.parametrize("calibration", ["auto", "logistic", "beta"])
def test_without_weights_the_likelier_label_is_predicted(calibration: str) -> None:
    """As scikit-learn expects, whatever the calibrator."""
    X, y = rare()
    model = quick(calibration=calibration).fit(X, y)
    assert model.threshold_ == 0.5
    np.testing.assert_array_equal(model.predict(X), model.predict_proba(X).argmax(axis=1))


def test_a_threshold_chosen_for_a_purpose() -> None:
    X, y = rare(3000)
    usual, found = (
        quick(threshold=purpose).fit(X[:2000], y[:2000]) for purpose in ("as_trained", "recall>=0.95")
    )
    assert found.threshold_ < 0.5 == usual.threshold_
    assert recall_score(y[2000:], found.predict(X[2000:])) > recall_score(y[2000:], usual.predict(X[2000:]))
    # It is the best of its kind on the rows that chose it.
    tuned = quick(threshold="f1").fit(X, y)
    rows = tuned.run_.split.validation
    values = [f1_score(y[rows], tuned.predict_proba(X[rows])[:, 1] > t) for t in np.linspace(0, 1, 101)]
    assert f1_score(y[rows], tuned.predict(X[rows])) >= max(values)


def test_the_sign_of_the_decision_function_is_the_label() -> None:
    X, y = rare()
    model = quick(threshold="cost fp=1 fn=20", n_seeds=2).fit(X, y)
    decision = model.decision_function(X)
    np.testing.assert_array_equal(model.predict(X), decision > 0)
    np.testing.assert_allclose(
        expit(decision + logit(model.threshold_)), model.predict_proba(X)[:, 1], rtol=1e-12
    )


def test_thresholds_beyond_all_rows() -> None:
    X, y = rare(300)
    assert quick(threshold=1.0).fit(X, y).predict(X).max() == 0
    assert quick(threshold=0.0).fit(X, y).predict(X).min() == 1


def test_what_was_chosen_can_be_read() -> None:
    X, y = rare()
    model = quick(calibration="beta").fit(X, y)
    assert model.calibration_.calibrator is model.model_.readout.calibrator is not None
    assert model.calibration_.rows == len(model.run_.split.validation)


def test_without_validation_rows_nothing_is_chosen() -> None:
    X, y = rare(300)
    with pytest.warns(SteelyardWarning, match="no validation rows of both classes to choose one for 'f1'"):
        model = quick(validation_fraction=0, threshold="f1").fit(X, y)
    assert model.calibration_ is None
    assert model.threshold_ == 0.5
    assert quick(validation_fraction=0, threshold=0.2).fit(X, y).threshold_ == 0.2


def test_smote_happens_on_training_rows_only() -> None:
    X, y = rare()
    model = quick(resampling="smote").fit(X, y)
    assert isinstance(model, SteelyardClassifier) and isinstance(model.model_, Model)
    split = model.run_.split
    assert sorted([*split.train, *split.validation]) == list(range(len(y)))
    assert model.calibration_.calibrator is not None, "no formula undoes SMOTE"
    assert model.predict_proba(X)[:, 1].mean() == pytest.approx(y.mean(), abs=0.05)
