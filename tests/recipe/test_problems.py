"""What is wrong with a recipe: everything at once, at its place, in plain words, with the nearest name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.errors import RecipeError
from steelyard.recipe import Recipe, recipe_from_dict, recipe_to_dict
from tests.recipe.strategies import RECIPE


def problems(value: object) -> tuple[str, ...]:
    with pytest.raises(RecipeError) as caught:
        recipe_from_dict(value)
    return caught.value.problems


ONE: dict[str, tuple[object, str]] = {
    "unknown part": ({"optimzer": {}}, "recipe: 'optimzer' is not a key here (did you mean 'optimizer'?)"),
    "unknown key": (
        {"optimizer": {"name": "adam", "lerning_rate": 1}},
        "recipe: optimizer: 'lerning_rate' is not a key here (did you mean 'learning_rate'?)",
    ),
    "unknown key, none near": (
        {"network": {"layers": [{"layer": "dense", "units": 1}], "dropout": 0.1}},
        "recipe: network: 'dropout' is not a key here; known: layers, embedding_initializer",
    ),
    "unknown name": (
        {"loss": {"name": "logit_ajusted"}},
        "recipe: loss.name: 'logit_ajusted' is unknown (did you mean 'logit_adjusted'?); "
        "allowed: binary_crossentropy, focal_crossentropy, logit_adjusted",
    ),
    "unknown name, short": (
        {"optimizer": {"name": "sgd", "schedule": "constnt"}},
        "recipe: optimizer.schedule.name: 'constnt' is unknown (did you mean 'constant'?); "
        "allowed: constant, step, exponential, cosine, one_cycle, reduce_on_plateau",
    ),
    "no name": (
        {"loss": {"gamma": 1}},
        "recipe: loss: has no 'name' to say which one it is; "
        "allowed: binary_crossentropy, focal_crossentropy, logit_adjusted",
    ),
    "unknown word": (
        {"preprocessing": {"scaling": "robst"}},
        "recipe: preprocessing.scaling: found 'robst' (did you mean 'robust'?); "
        "allowed: robust, standard, none",
    ),
    "unknown word where a table may be": (
        {"imbalance": {"class_weight": "balancd"}},
        "recipe: imbalance.class_weight: found 'balancd' (did you mean 'balanced'?); "
        "allowed: none, balanced, square_root, a table",
    ),
    "table with a wrong key where a word may be": (
        {"imbalance": {"class_weight": {"postive": 2}}},
        "recipe: imbalance.class_weight: 'postive' is not a key here (did you mean 'positive'?)",
    ),
    "unknown way of resampling": (
        {"imbalance": {"resampling": "smoote"}},
        "recipe: imbalance.resampling.name: 'smoote' is unknown (did you mean 'smote'?); "
        "allowed: none, random_over_sampling, random_under_sampling, smote, borderline_smote, adasyn, "
        "smote_enn, smote_tomek, balanced_batches",
    ),
    "a ratio that would turn the classes round": (
        {"imbalance": {"resampling": {"name": "smote", "ratio": 1.5}}},
        "recipe: imbalance.resampling.ratio: must be less than or equal to 1; found 1.5",
    ),
    "number out of range where a word may be": (
        {"preprocessing": {"smooth_clip": -1}},
        "recipe: preprocessing.smooth_clip: must be greater than 0; found -1",
    ),
    "unknown word where a number may be": (
        {"preprocessing": {"smooth_clip": "of"}},
        "recipe: preprocessing.smooth_clip: found 'of' (did you mean 'off'?); allowed: off, a number",
    ),
    "misspelt word where a number may be": (
        {"training": {"batch_size": "atuo"}},
        "recipe: training.batch_size: found 'atuo' (did you mean 'auto'?); allowed: auto, a number",
    ),
    "not whole where a word may be": (
        {"training": {"batch_size": 5.5}},
        "recipe: training.batch_size: must be a whole number; found 5.5",
    ),
    "a flag where a word or number may be": (
        {"training": {"batch_size": True}},
        "recipe: training.batch_size: must be a number; found true",
    ),
    "not a table": ({"training": 5}, "recipe: training: must be a table of keys and values; found 5"),
    "not a table at all": ([1], "recipe: must be a table of keys and values; found [1]"),
    "not a list": ({"network": {"hidden_units": 5}}, "recipe: network.hidden_units: must be a list; found 5"),
    "not whole": (
        {"training": {"epochs": 5.5}},
        "recipe: training.epochs: must be a whole number; found 5.5",
    ),
    "not a number": (
        {"training": {"min_delta": "x"}},
        "recipe: training.min_delta: must be a number; found 'x'",
    ),
    "a flag for a number": (
        {"network": {"l2": True}},
        "recipe: network.l2: must be a number; found true",
    ),
    "a flag in a list of numbers": (
        {"network": {"hidden_units": [4, True]}},
        "recipe: network.hidden_units.1: must be a number; found true",
    ),
    "not a flag": ({"training": {"shuffle": 3}}, "recipe: training.shuffle: must be true or false; found 3"),
    "infinite": (
        {"optimizer": {"name": "sgd", "learning_rate": float("inf")}},
        "recipe: optimizer.learning_rate: must be a finite number; found inf",
    ),
    "missing": ({"network": {"layers": [{"layer": "dense"}]}}, "recipe: network.layers.0.units: is missing"),
    "missing, named like the layer": (
        {"network": {"layers": [{"layer": "activation"}, {"layer": "dense", "units": 1}]}},
        "recipe: network.layers.0.activation: is missing",
    ),
    "wrong plateau monitor": (
        {"optimizer": {"name": "sgd", "schedule": {"name": "reduce_on_plateau", "monitor": 3}}},
        "recipe: optimizer.schedule.monitor: found 3; allowed: train_objective, train_loss, train_accuracy, "
        "train_precision, train_recall, train_f1, train_roc_auc, train_average_precision, validation_loss, "
        "validation_accuracy, validation_precision, validation_recall, validation_f1, validation_roc_auc, "
        "validation_average_precision",
    ),
    "log-odds for a kernel": (
        {"network": {"kernel_initializer": "log_odds"}},
        "recipe: network.kernel_initializer: log_odds is for the bias of the last layer; "
        "weights need another initializer",
    ),
    "bounds in the wrong order": (
        {"network": {"kernel_initializer": {"name": "random_uniform", "minval": 1, "maxval": 0}}},
        "recipe: network.kernel_initializer: minval (1.0) must not be above maxval (0.0)",
    ),
}


@pytest.mark.parametrize(("value", "told"), ONE.values(), ids=ONE.keys())
def test_one_problem_gives_one_sentence(value: object, told: str) -> None:
    assert problems(value) == (told,)


@pytest.mark.parametrize(
    "last",
    [
        {"layer": "dense", "units": 2},
        {"layer": "dense", "units": 1, "activation": "sigmoid"},
        {"layer": "dropout", "rate": 0.1},
        None,
    ],
    ids=str,
)
def test_a_stack_ends_in_one_logit(last: dict[str, object] | None) -> None:
    layers = [{"layer": "dense", "units": 4}] + ([last] if last else [])
    (told,) = problems({"network": {"layers": layers}})
    assert "one unit and a linear activation" in told
    assert "the sigmoid belongs to the loss" in told


def test_every_problem_is_told_at_once() -> None:
    told = problems(
        {
            "training": {"epoch": 1, "batch_size": -1, "monitor": "val_loss"},
            "optimizer": {"name": "adm"},
            "network": {
                "layers": [
                    {"layer": "dense", "units": 3, "activaton": "relu"},
                    {"layer": "dropout"},
                    {"layer": "desne", "units": 1},
                ]
            },
            "imbalance": {"class_weight": {"positive": "much"}},
            "losss": {},
        }
    )
    starts = [
        "recipe: network.layers.0: 'activaton' is not a key here (did you mean 'activation'?)",
        "recipe: network.layers.1.rate: is missing",
        "recipe: network.layers.2.layer: 'desne' is unknown (did you mean 'dense'?)",
        "recipe: imbalance.class_weight.positive: must be a number; found 'much'",
        "recipe: optimizer.name: 'adm' is unknown (did you mean 'adam'?)",
        "recipe: training.batch_size: must be greater than 0; found -1",
        "recipe: training.monitor: found 'val_loss' (did you mean 'validation_loss'?)",
        "recipe: training: 'epoch' is not a key here (did you mean 'epochs'?)",
        "recipe: 'losss' is not a key here (did you mean 'loss'?)",
    ]
    assert len(told) == len(starts)
    for sentence, start in zip(told, starts, strict=True):
        assert sentence.startswith(start)


def paths(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(data, dict):
        return [found for key, content in data.items() for found in paths(content, (*path, key))]
    if isinstance(data, list):
        return [found for key, content in enumerate(data) for found in paths(content, (*path, key))]
    return [path]


@given(RECIPE, st.data())
@settings(max_examples=60, deadline=None)
def test_a_wrong_value_anywhere_is_told_at_its_place(recipe: Recipe, data: st.DataObject) -> None:
    value = recipe_to_dict(recipe)
    path = data.draw(st.sampled_from(paths(value)))
    here: Any = value
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = ["nothing", "of", "the", "kind"]
    told = problems(value)
    place = ".".join(str(step) for step in path)
    assert any(
        sentence.startswith(f"recipe: {place.removesuffix('.name').removesuffix('.layer')}")
        for sentence in told
    )


WHATEVER = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        "network",
        "layers",
        "optimizer",
        "name",
        "layer",
        "schedule",
        "loss",
        "training",
        "imbalance",
        "class_weight",
        "units",
        "hidden_units",
        "kernel_initializer",
        "adam",
        "dense",
    ]
)
NEARLY = st.recursive(
    WHATEVER | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(WHATEVER | NEARLY)
@settings(max_examples=200, deadline=None)
def test_whatever_comes_in_is_a_recipe_or_a_recipe_error(value: object) -> None:
    try:
        recipe_from_dict(value)
    except RecipeError as error:
        assert error.problems
        assert all(problem.startswith("recipe") for problem in error.problems)
