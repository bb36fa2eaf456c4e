"""Flat parameters, the recipe behind them, and what is said about wrong ones."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from sklearn.base import clone

from steelyard import Change, Recipe, RecipeError, SteelyardClassifier, apply
from steelyard.recipe.imbalance import SMOTE
from steelyard.sklearn.parameters import PATHS, recipe_of
from tests.sklearn.problems import quick, rare

CLASSES = np.array([0, 1])


def recipe_for(**parameters: object) -> Recipe:
    return recipe_of(SteelyardClassifier().set_params(**parameters).get_params(deep=False), CLASSES)


DEFAULT = apply(Recipe(), Change("decision.threshold", "as_trained"))


def test_nothing_given_is_the_default_recipe_but_for_the_threshold() -> None:
    assert recipe_for() == DEFAULT
    assert recipe_for(threshold=None) == Recipe()


def test_defaults_are_the_recipes() -> None:
    """No number of the recipe is repeated in the estimator."""
    signature = inspect.signature(SteelyardClassifier)
    assert {signature.parameters[name].default for name in PATHS if name != "threshold"} == {None}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden_units", (7, 5)),
        ("activation", "tanh"),
        ("dropout", 0.3),
        ("batch_normalization", True),
        ("l2", 0.01),
        ("loss", "focal_crossentropy"),
        ("optimizer", "rmsprop"),
        ("learning_rate", 0.05),
        ("weight_decay", 0.1),
        ("batch_size", 17),
        ("epochs", 3),
        ("monitor", "validation_f1"),
        ("patience", 2),
        ("scaling", "standard"),
        ("class_weight", "balanced"),
        ("calibration", "isotonic"),
        ("threshold", "cost fp=1 fn=10"),
    ],
)
def test_each_parameter_changes_its_part(name: str, value: object) -> None:
    recipe = recipe_for(**{name: value})
    assert recipe == apply(DEFAULT, Change(PATHS[name], value)) != DEFAULT
    found: object = recipe
    for step in PATHS[name].split("."):
        found = getattr(found, step)
    assert found == value


def test_resampling_by_name_or_with_settings() -> None:
    assert recipe_for(resampling="smote").imbalance.resampling == SMOTE()
    assert recipe_for(resampling={"name": "smote", "ratio": 0.5}).imbalance.resampling == SMOTE(ratio=0.5)


@pytest.mark.parametrize("threshold", [0.25, np.float32(0.25), "0.25", "25%"])
def test_a_threshold_may_be_a_number(threshold: object) -> None:
    X, y = rare(200)
    assert quick(threshold=threshold, epochs=2).fit(X, y).threshold_ == 0.25


def test_flat_parameters_win_over_the_recipe() -> None:
    recipe = apply(
        Recipe(),
        Change("training.epochs", 9),
        Change("network.dropout", 0.4),
        Change("decision.threshold", "mcc"),
    )
    assert recipe_for(threshold=None, recipe=recipe) == recipe
    recipe = apply(recipe, Change("decision.threshold", "as_trained"))
    assert recipe_for(recipe=recipe, epochs=4) == apply(recipe, Change("training.epochs", 4))


def test_an_optimizer_is_chosen_before_its_learning_rate() -> None:
    recipe = recipe_for(learning_rate=0.3, optimizer="sgd")
    assert (recipe.optimizer.name, recipe.optimizer.learning_rate) == ("sgd", 0.3)


def test_patience_can_be_off() -> None:
    assert recipe_for(patience="off").training.patience is None
    assert recipe_for(patience=None).training.patience is not None


def test_hidden_units_may_be_one_number() -> None:
    assert recipe_for(hidden_units=12) == recipe_for(hidden_units=(12,))


def test_numbers_of_numpy() -> None:
    recipe = recipe_for(
        hidden_units=np.array([4, 2]), learning_rate=np.float32(0.25), epochs=np.int64(3), n_seeds=np.int32(2)
    )
    assert recipe == recipe_for(hidden_units=(4, 2), learning_rate=0.25, epochs=3, n_seeds=2)
    assert recipe_for(hidden_units=[np.int64(4)]) == recipe_for(hidden_units=(4,))


def test_everything_wrong_is_told_at_once() -> None:
    X, y = rare(100)
    model = SteelyardClassifier().set_params(
        recipe="big",
        hidden_units=(8, -3),
        activation="rulu",
        epochs=0,
        patience=0.5,
        class_weight={7: 2.0},
        resampling="smoke",
        calibration="plat",
        threshold="recal>=0.5",
        validation_fraction=1.0,
        n_seeds=0,
        kinds="category",
        random_state="one",
        n_jobs=0,
    )
    with pytest.raises(RecipeError) as caught:
        model.fit(X, y)
    begins = sorted(problem.split(":")[0] for problem in caught.value.problems)
    assert begins == sorted(
        [
            "recipe",
            "hidden_units.1",
            "activation",
            "epochs",
            "patience",
            "class_weight",
            "resampling.name",
            "calibration",
            "threshold",
            "validation_fraction",
            "n_seeds",
            "kinds",
            "random_state",
            "n_jobs",
        ]
    )
    assert "did you mean 'relu'" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("validation_fraction", -0.1),
        ("validation_fraction", float("nan")),
        ("validation_fraction", True),
        ("n_seeds", 1.5),
        ("n_seeds", True),
        ("n_jobs", 1.5),
        ("random_state", -1),
        ("class_weight", "equal"),
        ("class_weight", {1: 0.0}),
        ("class_weight", 3),
        ("resampling", {"name": "smote", "ratio": 2.0}),
        ("threshold", True),
        ("threshold", 1.5),
        ("threshold", ["f1"]),
    ],
)
def test_values_that_make_no_sense(name: str, value: object) -> None:
    with pytest.raises(RecipeError, match=f"^{name}"):
        recipe_for(**{name: value})


def test_a_name_that_is_no_parameter() -> None:
    with pytest.raises(ValueError, match="Invalid parameter 'epoch'"):
        SteelyardClassifier().set_params(epoch=3)


def test_clones_are_alike() -> None:
    model = quick(recipe=apply(Recipe(), Change("optimizer.name", "sgd")), class_weight={1: 2})
    assert clone(model).get_params() == model.get_params()
