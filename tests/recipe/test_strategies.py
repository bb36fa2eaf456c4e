"""Strategies against imbalance as changes of a recipe."""

from __future__ import annotations

import pytest

from steelyard.errors import RecipeError
from steelyard.recipe import Change, Recipe, apply
from steelyard.recipe.imbalance import SMOTE, NoResampling, RandomOverSampling
from steelyard.recipe.loss import BinaryCrossentropy, FocalCrossentropy
from steelyard.recipe.strategies import NATURAL, STRATEGIES, strategies, strategy


def test_every_strategy_is_a_recipe_and_no_two_are_the_same() -> None:
    made = strategies(Recipe(), STRATEGIES)
    assert list(made) == list(STRATEGIES)
    assert len({recipe.model_dump_json() for recipe in made.values()}) == len(STRATEGIES)


def test_doing_nothing_decides_at_a_half_and_the_threshold_alone_is_the_rest() -> None:
    none, threshold = strategy(Recipe(), "none"), strategy(Recipe(), "threshold")
    assert none.decision.threshold == "0.5"
    assert threshold == Recipe()
    assert apply(none, Change("decision.threshold", threshold.decision.threshold)) == threshold


def test_a_strategy_replaces_the_one_of_the_base() -> None:
    base = apply(
        Recipe(),
        Change("imbalance.class_weight", "balanced"),
        Change("imbalance.resampling", "smote"),
        Change("loss.name", "focal_crossentropy"),
    )
    over = strategy(base, "over")
    assert over.imbalance.class_weight == "none"
    assert over.imbalance.resampling == RandomOverSampling()
    assert over.loss == BinaryCrossentropy()
    assert strategy(base, "threshold").imbalance.resampling == NoResampling()
    assert {change.path for change in NATURAL} >= {
        change.path for changes in STRATEGIES.values() for change in changes
    } - {"decision.threshold"}


def test_what_the_base_says_of_the_same_part_stays() -> None:
    base = apply(
        Recipe(),
        Change("imbalance.resampling", {"name": "smote", "ratio": 0.3}),
        Change("loss", {"name": "focal_crossentropy", "gamma": 1.0}),
    )
    smote = strategy(base, "smote")
    assert smote.imbalance.resampling == SMOTE(ratio=0.3)
    assert smote.loss == BinaryCrossentropy()
    assert strategy(base, "over").imbalance.resampling == RandomOverSampling(ratio=0.3)
    assert strategy(base, "focal").loss == FocalCrossentropy(gamma=1.0)


def test_everything_else_is_that_of_the_base() -> None:
    base = apply(Recipe(), Change("network.hidden_units", [7]), Change("decision.threshold", "f2"))
    for name in STRATEGIES:
        made = strategy(base, name)
        assert made.network == base.network
        assert made.decision.threshold == ("0.5" if name == "none" else "f2")


def test_all_that_are_no_strategies_are_told_at_once() -> None:
    with pytest.raises(RecipeError) as info:
        strategies(Recipe(), ["smotte", "none", "weihgts"])
    assert info.value.problems == (
        "'smotte' is no strategy (did you mean 'smote'?)",
        "'weihgts' is no strategy (did you mean 'weights'?)",
    )
    assert "balanced_batches" in info.value.help


BENT = {"smote", "borderline_smote", "adasyn", "smote_enn", "smote_tomek", "focal"}
"""Strategies whose probabilities no formula puts right."""


@pytest.mark.parametrize("name", STRATEGIES)
def test_log_loss_chooses_the_epoch_only_where_probabilities_are_right_by_then(name: str) -> None:
    recipe = strategy(Recipe(), name)
    assert recipe.bends_probabilities == (name in BENT)
    expected = "validation_average_precision" if name in BENT else "validation_loss"
    assert recipe.monitor == expected
    asked = apply(recipe, Change("training.monitor", "validation_roc_auc"))
    assert asked.monitor == "validation_roc_auc", "what is asked for stays"


def test_a_loss_that_bends_probabilities_does_not_choose_the_epoch() -> None:
    smooth = apply(Recipe(), Change("loss.label_smoothing", 0.1))
    assert smooth.monitor == "validation_average_precision"
    weights = {"name": "focal_crossentropy", "gamma": 0.0, "alpha": 0.9}
    assert apply(Recipe(), Change("loss", weights)).monitor == "validation_loss"


@pytest.mark.parametrize("name", ["weights", "over", "balanced_batches", "logit_adjusted"])
def test_log_loss_does_not_judge_a_shift_that_is_left(name: str) -> None:
    left = apply(strategy(Recipe(), name), Change("imbalance.correct_prior", False))
    assert left.leaves_shift
    assert left.monitor == "validation_average_precision"
    nothing = apply(Recipe(), Change("imbalance.correct_prior", False))
    assert not nothing.leaves_shift
    assert nothing.monitor == "validation_loss"
