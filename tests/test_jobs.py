"""What is fitted before training is fitted on training rows, whatever else the table holds."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import log_loss

from steelyard import Change, Recipe, RecipeError, Table, apply, split_rows, table_from
from steelyard.data import Split
from steelyard.datasets import web_shop_visits
from steelyard.engine import Job, fit_population, predict_logits
from steelyard.jobs import Preparation, prepare, train_together

QUICK = apply(
    Recipe(),
    Change("network.hidden_units", [8]),
    Change("training.epochs", 4),
    Change("training.patience", None),
)


@pytest.fixture(scope="module")
def table() -> Table:
    return table_from(web_shop_visits(rows=1_500, seed=3).drop("visit"), "bought", positive="yes")


@pytest.fixture(scope="module")
def split(table: Table) -> Split:
    return split_rows(table)


def resampled(name: str, **options: Any) -> Recipe:
    return apply(QUICK, Change("imbalance.resampling", {"name": name, **options}))


METHODS = ["random_over_sampling", "random_under_sampling", "smote", "smote_tomek", "balanced_batches"]


@pytest.mark.parametrize("method", METHODS)
def test_other_rows_leave_no_trace(table: Table, split: Split, method: str) -> None:
    """A table whose validation and test rows are nonsense gives the same encoding and the same rows."""
    spoilt = table.features.numeric.copy()
    others = np.concatenate([split.validation, split.test])
    spoilt[others] = 1e6
    target = table.target.copy()
    target[others] = 1
    features = dataclasses.replace(table.features, numeric=spoilt)
    other = dataclasses.replace(table, features=features, target=target)
    recipe = resampled(method)
    first, second = prepare(table, recipe, split), prepare(other, recipe, split)
    np.testing.assert_array_equal(first.encoding.shift, second.encoding.shift)
    np.testing.assert_array_equal(first.resampled.rows, second.resampled.rows)
    assert np.isin(first.resampled.rows, split.train).all()
    if first.resampled.synthetic is not None:
        assert second.resampled.synthetic is not None
        np.testing.assert_array_equal(first.resampled.synthetic.numeric, second.resampled.synthetic.numeric)
    assert first.offset == second.offset


def test_the_offset_is_what_weights_and_resampling_add(table: Table, split: Split) -> None:
    positives = int(table.target[split.train].sum())
    natural = positives / (len(split.train) - positives)
    weighted = apply(QUICK, Change("imbalance.class_weight", {"negative": 0.5, "positive": 4.0}))
    assert prepare(table, weighted, split).offset == pytest.approx(np.log(8))
    assert prepare(table, QUICK, split).offset == 0.0
    balanced = apply(QUICK, Change("imbalance.class_weight", "balanced"))
    assert prepare(table, balanced, split).offset == pytest.approx(-np.log(natural))
    batches = prepare(table, resampled("balanced_batches", positive_share=0.25), split)
    assert batches.offset == pytest.approx(np.log(1 / 3) - np.log(natural))
    over = prepare(table, resampled("random_over_sampling", ratio=0.5), split)
    assert over.offset == pytest.approx(np.log(0.5 / natural), abs=0.01)
    assert all(task.exact for task in (batches, over))
    smote = prepare(table, resampled("smote"), split)
    assert smote.offset == pytest.approx(-np.log(natural), abs=0.01)
    assert not smote.exact
    focal = prepare(table, apply(QUICK, Change("loss", "focal_crossentropy")), split)
    assert (focal.offset, focal.exact) == (0.0, False)
    both = apply(resampled("random_under_sampling"), Change("imbalance.class_weight", "balanced"))
    assert prepare(table, both, split).offset == pytest.approx(-np.log(natural)), (
        "balanced already: weights of 1"
    )
    left = apply(balanced, Change("imbalance.correct_prior", False))
    assert prepare(table, left, split).offset == 0.0
    assert prepare(table, balanced, split).base_rate == pytest.approx(positives / len(split.train))


def test_resampling_asked_for_elsewhere_explains_itself(table: Table, split: Split) -> None:
    task = prepare(table, resampled("smote"), split)
    with pytest.raises(RecipeError, match="'smote' belongs to a table and its split") as caught:
        fit_population(table.features, table.target, [Job(task.recipe, split, task.encoding)])
    assert "cross_validate" in caught.value.help


def test_tasks_together_are_as_tasks_alone(table: Table, split: Split) -> None:
    other = split_rows(table, seed=1)
    tasks = [
        prepare(table, QUICK, split),
        prepare(table, resampled("smote"), split),
        prepare(table, resampled("smote"), other, seed=3),
        prepare(table, resampled("random_over_sampling"), other, seed=7),
    ]
    together = train_together(table, tasks, 2)
    for task, runs in zip(tasks, together, strict=True):
        (alone,) = train_together(table, [task], 2)
        assert [run.seed for run in runs] == [task.seed, task.seed + 1]
        for run, twin in zip(runs, alone, strict=True):
            assert run.recipe == task.recipe
            assert run.split is task.split, "runs are about rows of the table, not about invented ones"
            np.testing.assert_array_equal(run.history["train_objective"], twin.history["train_objective"])
            for name, tensor in run.weights.items():
                np.testing.assert_array_equal(tensor, twin.weights[name])


def test_invented_rows_are_learned_from(table: Table, split: Split) -> None:
    plain, smote = (
        train_together(table, [prepare(table, recipe, split)], 1)[0][0]
        for recipe in (QUICK, resampled("smote"))
    )
    assert smote.telemetry.logit_mean[-1] > plain.telemetry.logit_mean[-1] - 1.0
    assert not np.array_equal(plain.weights["dense/kernel"], smote.weights["dense/kernel"])


def test_row_weights_come_along(table: Table, split: Split) -> None:
    weights = np.random.default_rng(0).uniform(0.5, 2.0, len(table)).astype(np.float32)
    weighted = dataclasses.replace(table, weights=weights)
    for recipe in (QUICK, resampled("smote"), resampled("random_over_sampling")):
        (runs,) = train_together(weighted, [prepare(weighted, recipe, split)], 1)
        assert np.isfinite(runs[0].history["train_objective"]).all()
    task = prepare(weighted, QUICK, split)
    mine = weights[split.train].astype(np.float64)
    assert task.base_rate == pytest.approx(mine @ table.target[split.train] / mine.sum(), rel=1e-6)


@pytest.mark.parametrize("method", ["none", *METHODS])
def test_plain_training_curves_are_of_the_rows_as_they_are(table: Table, split: Split, method: str) -> None:
    """Not of those that were learned from: else they would not compare with the validation curves."""
    task = prepare(table, apply(resampled(method), Change("training.restore_best_weights", False)), split)
    ((run,),) = train_together(table, [task], 1)
    logits = predict_logits(run.recipe.network, run.weights, run.encoding, table.features).astype(np.float64)
    probability = expit(logits - task.offset)[split.train]
    found = log_loss(table.target[split.train], probability)
    assert run.history["train_loss"][-1] == pytest.approx(found, rel=1e-4)


def test_what_recipes_share_is_fitted_once(table: Table, split: Split) -> None:
    """And is what it is for each alone."""
    preparation = Preparation(table)
    plain, wide, scaled, smote = (
        preparation.task(recipe, split, seed=3)
        for recipe in (
            QUICK,
            apply(QUICK, Change("network.hidden_units", [16])),
            apply(QUICK, Change("preprocessing.scaling", "standard")),
            resampled("smote"),
        )
    )
    assert plain.encoding is wide.encoding is smote.encoding is not scaled.encoding
    assert plain.resampled is wide.resampled is not scaled.resampled
    assert preparation.task(resampled("smote"), split, seed=3).resampled is smote.resampled
    assert preparation.task(resampled("smote"), split, seed=4).resampled is not smote.resampled
    other = split_rows(table, seed=1)
    assert preparation.task(QUICK, other, seed=3).encoding is not plain.encoding
    for task in (plain, wide, scaled, smote):
        alone = prepare(table, task.recipe, split, seed=3)
        np.testing.assert_array_equal(alone.encoding.scale, task.encoding.scale)
        np.testing.assert_array_equal(alone.resampled.rows, task.resampled.rows)
        assert (alone.offset, alone.base_rate, alone.seed) == (task.offset, task.base_rate, task.seed)
