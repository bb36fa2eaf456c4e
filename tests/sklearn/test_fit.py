"""What a fit learns, keeps and repeats."""

from __future__ import annotations

import copy
import io
import pickle
from dataclasses import replace
from typing import Any

import joblib
import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.datasets import make_moons
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from steelyard import (
    Change,
    History,
    Recipe,
    RecipeError,
    Run,
    RunStatus,
    SteelyardClassifier,
    SteelyardWarning,
    apply,
    training,
)
from steelyard.engine import predict_probability
from steelyard.sklearn import classifier
from steelyard.tables import features_from
from tests.sklearn.problems import quick, rare


def test_learns_what_a_line_cannot() -> None:
    X, y = make_moons(3000, noise=0.2, random_state=0)
    network = SteelyardClassifier(random_state=0).fit(X[:2000], y[:2000])
    line = LogisticRegression().fit(X[:2000], y[:2000])
    losses = [log_loss(y[2000:], model.predict_proba(X[2000:])) for model in (network, line)]
    assert losses[0] < losses[1] / 2


def test_is_no_worse_where_a_line_is_right() -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(6000, 5))
    y = (random.random(6000) < expit(X @ [1.0, -1.0, 0.5, 0.0, 0.0] - 2.0)).astype(int)
    network = SteelyardClassifier(random_state=0).fit(X[:4000], y[:4000])
    line = LogisticRegression().fit(X[:4000], y[:4000])
    losses = [log_loss(y[4000:], model.predict_proba(X[4000:])) for model in (network, line)]
    assert losses[0] < losses[1] + 0.01


def test_attributes() -> None:
    X, y = rare()
    model = quick(n_seeds=2, patience=3).fit(X, y)
    assert model.n_features_in_ == 10
    assert len(model.runs_) == len(model.model_.weights) == 2
    assert [run.seed for run in model.runs_] == [0, 1]
    assert isinstance(model.run_, Run) and model.run_ is model.runs_[0]
    assert isinstance(model.history_, History) and model.history_ is model.run_.history
    assert model.n_iter_ == max(len(run.history) for run in model.runs_)
    best = model.history_["validation_loss"][model.run_.best_epoch - 1]
    assert best == np.nanmin(model.history_["validation_loss"])


def test_an_estimator_that_is_not_fitted_has_no_attributes() -> None:
    model = SteelyardClassifier()
    assert not hasattr(model, "history_") and not hasattr(model, "run_")
    for method in (model.predict, model.predict_proba, model.decision_function):
        with pytest.raises(NotFittedError):
            method(np.zeros((2, 10)))


def test_the_recipe_is_the_default_but_for_what_was_given() -> None:
    X, y = rare()
    recipe = SteelyardClassifier(epochs=3, dropout=0.25, random_state=0).fit(X, y).recipe_
    given = (Change("training.epochs", 3), Change("network.dropout", 0.25))
    assert recipe == apply(Recipe(), *given, Change("decision.threshold", "as_trained"))


def test_the_split_names_rows_of_x() -> None:
    X, y = rare()
    model = quick(validation_fraction=0.25).fit(X, y)
    split = model.run_.split
    assert sorted([*split.train, *split.validation]) == list(range(len(y)))
    assert len(split.validation) == len(y) / 4
    assert y[split.validation].mean() == pytest.approx(y.mean(), abs=0.005)
    # The recorded loss is that of these very rows.
    loss = log_loss(y[split.validation], model.predict_proba(X[split.validation], raw=True))
    assert model.history_["validation_loss"][model.run_.best_epoch - 1] == pytest.approx(loss, rel=1e-4)


@pytest.mark.parametrize(
    "labels", [("no", "yes"), (False, True), (1, 2), (-1, 1), (0.0, 1.0), ("b", "a"), (2, 10), ("2", "10")]
)
def test_labels(labels: tuple[Any, Any]) -> None:
    X, y = rare()
    named = np.array(labels)[y]
    model = quick().fit(X, named)
    assert model.classes_.tolist() == sorted(labels)
    assert model.classes_.dtype == named.dtype
    assert set(model.predict(X).tolist()) == set(labels)
    assert model.score(X, named) > 0.85
    positive = model.predict_proba(X)[:, list(model.classes_).index(labels[1])]
    assert positive[y == 1].mean() > positive[y == 0].mean() + 0.3


def test_the_three_predictions_agree() -> None:
    X, y = rare()
    model = quick(n_seeds=3).fit(X, y)
    logits, probabilities = model.decision_function(X), model.predict_proba(X)
    assert logits.shape == (len(y),) and probabilities.shape == (len(y), 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-15)
    np.testing.assert_allclose(expit(logits), probabilities[:, 1], rtol=1e-12)
    np.testing.assert_array_equal(model.predict(X), (probabilities[:, 1] > 0.5).astype(int))
    by_engine = predict_probability(model.model_, features_from(X, model.model_.schema))
    np.testing.assert_allclose(probabilities[:, 1], by_engine, rtol=1e-6)
    np.testing.assert_allclose(logits, logit(by_engine), rtol=1e-5, atol=1e-9)


def test_certainty_keeps_its_digits() -> None:
    """Far outside the data the likelier probability rounds to 1; the other one and the logit do not."""
    X, y = rare()
    recipe = apply(
        Recipe(), Change("preprocessing.smooth_clip", "off"), Change("preprocessing.scaling", "none")
    )
    model = quick(n_seeds=2, recipe=recipe).fit(X, y)
    far = 50.0 * X
    logits = model.decision_function(far)
    sure = np.abs(logits) > 40.0
    assert sure.any() and np.isfinite(logits).all()
    smaller = model.predict_proba(far[sure]).min(axis=1)
    np.testing.assert_allclose(np.log(smaller), -np.abs(logits[sure]), rtol=1e-12)


def test_a_seed_decides_everything() -> None:
    X, y = rare()
    first, second = (quick(dropout=0.3).fit(X, y).decision_function(X) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert (quick(dropout=0.3, random_state=1).fit(X, y).decision_function(X) != first).any()


def test_threads_do_not_matter() -> None:
    X, y = rare()
    one, two = (quick(n_seeds=3, n_jobs=jobs).fit(X, y).decision_function(X) for jobs in (1, 2))
    np.testing.assert_array_equal(one, two)


def test_the_order_of_the_rows_does_not_matter() -> None:
    X, y = rare()
    order = np.random.default_rng(0).permutation(len(y))
    straight, shuffled = quick(dropout=0.3).fit(X, y), quick(dropout=0.3).fit(X[order], y[order])
    np.testing.assert_array_equal(straight.decision_function(X), shuffled.decision_function(X))
    np.testing.assert_array_equal(
        np.sort(order[shuffled.run_.split.validation]), straight.run_.split.validation
    )


def test_random_state_of_numpy_is_drawn_from() -> None:
    X, y = rare()
    seeds = [quick(random_state=np.random.RandomState(3)).fit(X, y).run_.seed for _ in range(2)]
    assert seeds[0] == seeds[1] != 3
    drawn = np.random.RandomState(3)
    again = [quick(random_state=drawn).fit(X, y).run_.seed for _ in range(2)]
    assert again[0] == seeds[0] != again[1]
    fresh = {SteelyardClassifier(epochs=1).fit(X, y).run_.seed for _ in range(3)}
    assert len(fresh) == 3


def through_joblib(model: SteelyardClassifier) -> Any:
    file = io.BytesIO()
    joblib.dump(model, file)
    return joblib.load(file)


@pytest.mark.parametrize(
    "copied", [through_joblib, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))]
)
def test_copies_predict_the_same(copied: Any) -> None:
    X, y = rare()
    model = quick(n_seeds=2).fit(X, y)
    other = copied(model)
    np.testing.assert_array_equal(other.decision_function(X), model.decision_function(X))
    assert other.recipe_ == model.recipe_
    np.testing.assert_array_equal(other.history_["train_loss"], model.history_["train_loss"])


def test_a_fit_forgets_the_one_before() -> None:
    X, y = rare()
    model = quick().fit(X[:, :4], np.array(["n", "p"])[y])
    model.set_params(n_seeds=2).fit(X, y)
    fresh = clone(model).fit(X, y)
    assert vars(model).keys() == vars(fresh).keys()
    np.testing.assert_array_equal(model.decision_function(X), fresh.decision_function(X))


def test_too_few_rows_for_validation_are_told() -> None:
    X, y = rare(30)
    rarer = min(y.sum(), len(y) - y.sum())
    assert rarer < 10
    with pytest.warns(SteelyardWarning, match=f"0.2 of {rarer} rows of the rarer class are too few"):
        model = quick().fit(X, y)
    assert len(model.run_.split.validation) == 0
    assert model.recipe_.training.monitor == "train_loss"
    assert "too few for validation" in model.run_.split.method


def test_validation_can_be_declined() -> None:
    X, y = rare()
    plateau = {"name": "reduce_on_plateau", "monitor": "validation_average_precision"}
    recipe = apply(Recipe(), Change("optimizer.schedule", plateau))
    model = quick(validation_fraction=0, monitor="validation_f1", recipe=recipe).fit(X, y)
    assert len(model.run_.split.train) == len(y)
    assert model.recipe_.training.monitor == "train_f1"
    assert model.recipe_.optimizer.schedule.monitor == "train_average_precision"
    assert np.isnan(model.history_["validation_loss"]).all()


def test_divergence_at_once_is_an_error() -> None:
    """As in MLPClassifier, so that a search scores it as a failure and goes on."""
    X, y = rare()
    model = quick(optimizer="sgd", learning_rate=1e30, activation="linear")
    with pytest.raises(RecipeError, match=r"training diverged: .*epoch 1(.|\n)*try optimizer.learning_rate="):
        model.fit(X, y)
    assert not hasattr(model, "model_")


@pytest.mark.parametrize("status", [RunStatus.DIVERGED, RunStatus.INTERRUPTED])
def test_a_model_of_an_unfinished_run_is_told(status: RunStatus, monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = rare()

    def fit_with_mishap(*arguments: Any, **named: Any) -> training.Fitted:
        return replace(training.fit(*arguments, **named), status=status, reason="it was late")

    monkeypatch.setattr(classifier, "fit", fit_with_mishap)
    with pytest.warns(SteelyardWarning, match=f"^training {status}: it was late"):
        model = quick().fit(X, y)
    assert model.score(X, y) > 0.85


def test_the_diagnosis_is_that_of_the_first_network_and_of_this_fit() -> None:
    X, y = rare()
    model = quick(n_seeds=2)
    assert not hasattr(model, "diagnosis_")
    model.fit(X, y)
    assert [log.facts.seed for log in model.logs_] == [0, 1]
    first = model.diagnosis_
    assert first is model.diagnosis_
    assert first["OPT308"].reason == f"all {len(model.history_)} training losses are finite"
    copied = pickle.loads(pickle.dumps(model))
    assert copied.diagnosis_.findings == first.findings
    assert model.fit(X, y).diagnosis_ is not first
