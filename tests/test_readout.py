"""Probabilities are for the natural base rate, whatever was weighted or resampled."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.special import expit, logit

from steelyard import Change, Recipe, RecipeError, Table, apply, split_rows, table_from, train
from steelyard.data import Split
from steelyard.data.calibrator import Logistic
from steelyard.datasets import web_shop_visits
from steelyard.engine import predict_probability
from steelyard.jobs import prepare
from steelyard.metrics import score
from steelyard.readout import check_objective, choose_readout
from steelyard.training import predict_rows

QUICK = apply(
    Recipe(),
    Change("network.hidden_units", [16]),
    Change("training.epochs", 12),
    Change("decision.calibration", "none"),
)
SHIFTED = {
    "weights": [Change("imbalance.class_weight", "balanced")],
    "square root": [Change("imbalance.class_weight", "square_root")],
    "over-sampling": [Change("imbalance.resampling", "random_over_sampling")],
    "under-sampling": [Change("imbalance.resampling", "random_under_sampling")],
    "batches": [Change("imbalance.resampling", "balanced_batches")],
    "logit adjustment": [Change("loss", "logit_adjusted")],
    "batches and weights": [
        Change("imbalance.resampling", {"name": "balanced_batches", "positive_share": 0.3}),
        Change("imbalance.class_weight", {"negative": 1.0, "positive": 3.0}),
    ],
}


@pytest.fixture(scope="module")
def table() -> Table:
    return table_from(web_shop_visits(rows=6_000, seed=1).drop("visit"), "bought", positive="yes")


@pytest.fixture(scope="module")
def split(table: Table) -> Split:
    return split_rows(table)


@pytest.mark.parametrize("name", SHIFTED)
def test_the_mean_probability_is_near_the_base_rate(table: Table, split: Split, name: str) -> None:
    result = train(table, apply(QUICK, *SHIFTED[name]), split)
    rate = table.target[split.test].mean()
    raw = predict_probability(result.model, table.features, raw=True)[split.test]
    assert result.probabilities["test"].mean() == pytest.approx(rate, rel=0.6)
    assert abs(raw.mean() - rate) > abs(result.probabilities["test"].mean() - rate)
    uncorrected = score(table.target[split.test], raw)
    assert result.scores["test"].log_loss < uncorrected.log_loss
    assert result.scores["test"].roc_auc == pytest.approx(uncorrected.roc_auc), "the ranking stays"


@pytest.mark.parametrize(
    "change", [Change("loss", "focal_crossentropy"), Change("imbalance.resampling", "smote")]
)
def test_what_no_formula_undoes_is_calibrated(table: Table, split: Split, change: Change) -> None:
    recipe = apply(QUICK, change, Change("decision.calibration", "auto"))
    result = train(table, recipe, split)
    assert isinstance(result.model.readout.calibrator, Logistic)
    assert result.calibration is not None
    assert result.calibration.asked == "auto"
    assert "no formula undoes" in result.calibration.reason
    without = train(table, apply(recipe, Change("decision.calibration", "none")), split)
    assert result.scores["validation"].log_loss < without.scores["validation"].log_loss
    rate = table.target[split.validation].mean()
    assert result.probabilities["validation"].mean() == pytest.approx(rate, rel=0.02)


def test_probabilities_are_for_the_rows_they_were_calibrated_on(table: Table, split: Split) -> None:
    """Rows by time may be calibrated at another base rate than that of the training rows."""
    negatives = split.validation[table.target[split.validation] == 0]
    denser = dataclasses.replace(split, validation=np.setdiff1d(split.validation, negatives[::2]))
    rate = table.target[denser.validation].mean()
    train_rate = table.target[split.train].mean()
    assert rate > 1.5 * train_rate
    for method in ("none", "temperature", "logistic", "beta", "isotonic"):
        result = train(table, apply(QUICK, Change("decision.calibration", method)), denser)
        moved = method not in ("none", "temperature")
        assert result.model.readout.base_rate == pytest.approx(rate if moved else train_rate), method
        if moved:
            assert result.probabilities["validation"].mean() == pytest.approx(rate, rel=0.01), method


def test_what_nothing_has_straightened_is_for_no_known_base_rate(table: Table, split: Split) -> None:
    for change in (Change("loss", "focal_crossentropy"), Change("imbalance.resampling", "smote")):
        assert np.isnan(train(table, apply(QUICK, change), split).model.readout.base_rate)


def test_a_shift_that_is_to_stay_is_not_calibrated_away(table: Table, split: Split) -> None:
    changes = [
        Change("imbalance.class_weight", "balanced"),
        Change("imbalance.correct_prior", False),
        Change("decision.calibration", "auto"),
    ]
    result = train(table, apply(QUICK, *changes), split)
    readout = result.model.readout
    assert (readout.offset, readout.calibrator) == (0.0, None)
    assert np.isnan(readout.base_rate)
    assert result.calibration is not None
    assert "correct_prior is off" in result.calibration.reason
    assert result.probabilities["test"].mean() > 2 * table.target[split.test].mean()


def test_rows_of_a_group_are_calibrated_in_one_fold(table: Table, split: Split) -> None:
    """Copies of a row prove nothing to each other: grouped, they make no improvement certain."""
    recipe = apply(QUICK, Change("decision.calibration", "logistic"))
    task = prepare(table, recipe, split)
    random = np.random.default_rng(0)
    z = np.repeat(random.normal(-1.0, 1.5, 60), 10)
    y = np.repeat(random.random(60) < expit(0.6 * z[::10]), 10).astype(np.uint8)
    alone = choose_readout(task, expit(z), y)[1].tried[0]
    grouped = choose_readout(task, expit(z), y, groups=np.repeat(np.arange(60), 10))[1].tried[0]
    assert grouped.standard_error > 2 * alone.standard_error
    assert grouped.log_loss > alone.log_loss


def test_the_threshold_is_chosen_on_validation_rows(table: Table, split: Split) -> None:
    result = train(table, apply(QUICK, Change("decision.threshold", "recall>=0.8")), split)
    readout, choice = result.model.readout, result.threshold
    assert choice is not None
    assert (readout.threshold, readout.objective) == (choice.threshold, "recall>=0.8")
    found = result.probabilities["validation"] > readout.threshold
    assert (found & (result.targets["validation"] == 1)).sum() >= 0.8 * result.targets["validation"].sum()
    flipped = table.target.copy()
    flipped[split.test] = 1 - flipped[split.test]
    again = train(Table(**{**vars(table), "target": flipped}), result.recipe, split)
    assert again.model.readout == readout, "test rows have no say"


def test_as_trained_keeps_the_meaning_of_weights(table: Table, split: Split) -> None:
    """A row is positive where the weighted network itself says more than one half."""
    changes = [Change("imbalance.class_weight", {"negative": 1.0, "positive": 9.0})]
    result = train(table, apply(QUICK, *changes, Change("decision.threshold", "as_trained")), split)
    assert result.model.readout.threshold == pytest.approx(0.1)
    raw = predict_probability(result.model, table.features, raw=True)
    natural = predict_probability(result.model, table.features)
    np.testing.assert_array_equal(raw > 0.5, natural > result.model.readout.threshold)
    np.testing.assert_allclose(logit(raw) - np.log(9.0), logit(natural), rtol=1e-9, atol=1e-9)


def test_without_validation_rows_nothing_is_chosen(table: Table) -> None:
    split = split_rows(table, shares=(0.8, 0.0, 0.2))
    recipe = apply(QUICK, Change("training.monitor", "train_loss"))
    result = train(table, recipe, split)
    assert result.calibration is None
    assert result.threshold is None
    assert result.model.readout.objective == "as_trained"
    fixed = train(table, apply(recipe, Change("decision.threshold", "0.3")), split)
    assert (fixed.model.readout.threshold, fixed.model.readout.objective) == (0.3, "0.3")


def test_rows_without_weight_choose_nothing(table: Table, split: Split) -> None:
    weights = np.ones(len(table), np.float32)
    weights[split.validation[table.target[split.validation] == 1]] = 0.0
    weighted = dataclasses.replace(table, weights=weights)
    recipe = apply(QUICK, Change("imbalance.resampling", "smote"), Change("decision.calibration", "auto"))
    result = train(weighted, apply(recipe, Change("training.monitor", "train_loss")), split)
    assert (result.calibration, result.threshold) == (None, None)
    assert result.model.readout.objective == "as_trained"


def test_calibration_of_several_networks(table: Table, split: Split) -> None:
    recipe = apply(QUICK, Change("decision.calibration", "logistic"))
    result = train(table, recipe, split, seeds=2)
    calibrator = result.model.readout.calibrator
    assert isinstance(calibrator, Logistic)
    mean = predict_probability(result.model, table.features, raw=True)[split.test]
    expected = expit(calibrator.slope * logit(mean) + calibrator.intercept)
    np.testing.assert_allclose(result.probabilities["test"], expected, rtol=1e-9)
    np.testing.assert_allclose(predict_rows(table, split.test, result.model), expected, rtol=1e-9)


def test_an_objective_that_is_none() -> None:
    check_objective("as_trained")
    check_objective("cost fp=1 fn=10")
    with pytest.raises(RecipeError, match="best"):
        check_objective("best")


def test_it_is_told_before_anything_is_trained(table: Table, split: Split) -> None:
    with pytest.raises(RecipeError, match="f3x"):
        train(table, apply(QUICK, Change("decision.threshold", "f3x")), split)
