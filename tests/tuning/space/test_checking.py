from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from steelyard.errors import RecipeError
from steelyard.recipe import Change, Recipe, apply
from steelyard.study import Choice, Space
from steelyard.tuning.space import PRESETS, check_space, recipe_at, space_from
from tests.tuning.space.spaces import spaces

STACK = apply(Recipe(), Change("network.layers.0.units", 8))
SGD = apply(Recipe(), Change("optimizer.name", "sgd"))


def problems(space: Any, recipe: Recipe | None = None) -> tuple[str, ...]:
    with pytest.raises(RecipeError) as refused:
        check_space(space_from(space), recipe or Recipe())
    return refused.value.problems


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("recipe", [Recipe(), STACK, SGD], ids=["default", "stack", "sgd"])
def test_presets_suit_any_recipe(preset: str, recipe: Recipe) -> None:
    check_space(space_from(preset), recipe)


@given(spaces())
@settings(max_examples=50, deadline=None)
def test_sound_spaces_are_accepted(space: Space) -> None:
    check_space(space, Recipe())


@pytest.mark.parametrize(
    ("space", "told"),
    [
        (
            {"optimizer.lerning_rate": (0.1, 0.2)},
            "space: optimizer.lerning_rate: optimizer has no 'lerning_rate' (did you mean 'learning_rate'?)",
        ),
        (
            {"optimiser.name": ["adam"]},
            "space: optimiser.name: the recipe has no 'optimiser' (did you mean 'optimizer'?)",
        ),
        ({"network.dropout": [0.1, 1.5]}, "space: network.dropout: must be less than 1; found 1.5"),
        ({"network.dropout": (0.1, 1.5)}, "space: network.dropout: must be less than 1; found 1.5"),
        (
            {"network.dropout": (-0.1, 0.5)},
            "space: network.dropout: must be greater than or equal to 0; found -0.1",
        ),
        ({"training.epochs": (0, 5)}, "space: training.epochs: must be greater than 0; found 0"),
        (
            {"imbalance.strategy": ["smoet"]},
            "space: imbalance.strategy: 'smoet' is no strategy (did you mean 'smote'?)",
        ),
        (
            {"optimizer.momentum": (0, 0.9), "optimizer.name": ["adam", "sgd"]},
            "space: optimizer.momentum: optimizer has no 'momentum'; only sgd, rmsprop have "
            "(where optimizer.name = 'adam')",
        ),
        (
            {"optimizer.momentum": 0.9, "optimizer.name": ["adam", "sgd"]},
            "space: optimizer.name: optimizer has no 'momentum'; only sgd, rmsprop have",
        ),
        (
            {"network.hidden_units": {"length": [1, 2], "each": [0, 3]}},
            "space: network.hidden_units.1: must be greater than 0; found 0 "
            "(where network.hidden_units.length = 2)",
        ),
        (
            {"network.hidden_units.length": [1]},
            "space: network.hidden_units: has a length, but nothing says what network.hidden_units.0 is; "
            "give each beside length",
        ),
        (
            {"imbalance.strategy": ["smote"], "imbalance.resampling.name": ["smote"]},
            "space: imbalance.resampling.name: is set by imbalance.strategy; search one or the other",
        ),
        (
            {"decision.threshold": ["f1", "recall>=2"]},
            "space: decision.threshold: recall: must be above 0 and at most 1",
        ),
        (
            {"network.kernel_initializer": {"name": "random_uniform", "minval": (-1, 1), "maxval": (0, 1)}},
            "network.kernel_initializer: minval (1.0) must not be above maxval (0.0)",
        ),
    ],
)
def test_wrong_paths_and_values_are_refused_with_the_nearest_name(space: Any, told: str) -> None:
    found = problems(space)
    assert any(told in problem for problem in found), found


@pytest.mark.parametrize(
    ("when", "told"),
    [
        (
            {"optimizer.nam": "sgd"},
            "when: 'optimizer.nam' is no parameter of the space (did you mean 'optimizer.name'?)",
        ),
        ({"optimizer.name": "sdg"}, "when: optimizer.name is never 'sdg' (did you mean 'sgd'?)"),
        ({"training.epochs": 11}, "when: training.epochs is never 11; it goes from 1 to 10"),
        ({"training.epochs": 1.5}, "when: training.epochs is never 1.5"),
        ({"network.l2": 0.5}, "when: network.l2 is always 0.25, so this is never active"),
        (
            {"network.dropout": 0.1, "optimizer.name": "adam"},
            "is never active, since its conditions exclude each other",
        ),
    ],
)
def test_conditions_that_cannot_hold_are_refused(when: dict[str, Any], told: str) -> None:
    space = {
        "optimizer.name": ["adam", "sgd"],
        "training.epochs": (1, 10),
        "network.l2": 0.25,
        "network.dropout": {"values": [0.1, 0.2], "when": {"optimizer.name": "sgd"}},
        "network.l1": {"values": [0.1], "when": when},
    }
    assert f"space: network.l1: {told}" in " | ".join(problems(space))


def test_all_problems_are_told_at_once_and_each_once() -> None:
    found = problems(
        {
            "network.dropuot": [0.1, 0.2, 0.3],
            "network.l1": (-1, 2),
            "network.activation": ["relu", "tahn"],
            "network.l2": {"values": [0.1], "when": {"optimizer.name": "sgd"}},
        }
    )
    assert [problem.split(": ")[1] for problem in found] == [
        "network.l2",
        "network.dropuot",
        "network.l1",
        "network.activation",
    ]


def test_parameters_of_one_path_must_exclude_each_other() -> None:
    apart = {
        "optimizer.name": ["adam", "sgd"],
        "optimizer.learning_rate": {
            "slow": {"values": [0.1], "when": {"optimizer.name": "sgd"}},
            "fast": {"values": [0.001], "when": {"optimizer.name": "adam"}},
        },
    }
    check_space(space_from(apart), Recipe())
    space = space_from(apart)
    rates = {
        recipe_at(Recipe(), space, point).optimizer.learning_rate
        for point in (
            {"optimizer.name": "sgd", "optimizer.learning_rate.slow": 0.1},
            {"optimizer.name": "adam", "optimizer.learning_rate.fast": 0.001},
        )
    }
    assert rates == {0.1, 0.001}
    both = {**apart, "optimizer.learning_rate": {"slow": {"values": [0.1]}, "fast": {"values": [0.001]}}}
    assert any("can be active together with optimizer.learning_rate.slow" in one for one in problems(both))


def test_entries_of_a_list_must_be_active_where_it_is_so_long() -> None:
    space = Space(
        parameters=(
            Choice(path="network.hidden_units.length", values=(1, 2)),
            Choice(path="network.hidden_units.0", values=(8,)),
            Choice(path="network.hidden_units.1", values=(8,), when={"network.hidden_units.length": 1}),
        )
    )
    told = "space: network.hidden_units.1: must be active wherever network.hidden_units.length is above 1"
    assert told in problems(space)


def test_a_value_may_need_what_is_chosen_beside_it() -> None:
    initializer = {"name": "random_uniform", "minval": (0.2, 0.3), "maxval": (0.4, 0.5)}
    check_space(space_from({"network.kernel_initializer": initializer}), Recipe())


def test_what_exists_depends_on_the_recipe() -> None:
    check_space(space_from({"optimizer.momentum": (0, 0.9)}), SGD)
    assert "only sgd, rmsprop have" in problems({"optimizer.momentum": (0, 0.9)})[0]
