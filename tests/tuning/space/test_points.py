from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from steelyard.errors import RecipeError, StudyError
from steelyard.recipe import Change, Recipe, apply
from steelyard.recipe.network import MultilayerPerceptron
from steelyard.recipe.strategies import STRATEGIES, strategy
from steelyard.study import Plan
from steelyard.tuning.space import changes, grid, on_edge, recipe_at, recipe_of, space_from


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_strategy_is_that_of_compare(name: str) -> None:
    base = apply(
        Recipe(), Change("imbalance.class_weight", "balanced"), Change("loss.name", "focal_crossentropy")
    )
    space = space_from({"imbalance.strategy": [name]})
    assert recipe_at(base, space, {"imbalance.strategy": name}) == strategy(base, name)


def test_choices_of_a_part_are_made_before_what_is_inside() -> None:
    space = space_from(
        {
            "optimizer.schedule.factor": [0.5],
            "optimizer.momentum": [0.9],
            "optimizer.schedule.name": ["step"],
            "optimizer.name": ["sgd"],
        }
    )
    (point,) = grid(space)
    optimizer = recipe_at(Recipe(), space, point).optimizer
    assert (optimizer.name, optimizer.schedule.name) == ("sgd", "step")
    assert optimizer.model_dump()["momentum"] == 0.9
    assert optimizer.schedule.model_dump()["factor"] == 0.5


def test_a_point_from_a_database_makes_the_same_recipe() -> None:
    space = space_from({"network.hidden_units": [(8, 4), ()], "optimizer.learning_rate": (0.1, 0.2)})
    ours = {"network.hidden_units": (8, 4), "optimizer.learning_rate": 0.1}
    theirs = {"network.hidden_units": [8, 4], "optimizer.learning_rate": 0.1}
    assert recipe_at(Recipe(), space, ours) == recipe_at(Recipe(), space, theirs)


def test_a_list_that_lacks_an_entry_is_no_recipe() -> None:
    space = space_from({"network.hidden_units": {"length": [1, 2], "each": [8]}})
    with pytest.raises(RecipeError, match=r"network.hidden_units.1: has no value"):
        changes(space, {"network.hidden_units.length": 2, "network.hidden_units.0": 8})


def test_the_notebook_is_the_grid_of_the_document() -> None:
    space = space_from("notebook")
    recipes = [recipe_at(Recipe(), space, point) for point in grid(space)]
    tried = [(recipe.optimizer.learning_rate, recipe.training.batch_size) for recipe in recipes]
    assert tried == list(itertools.product([1e-5, 3e-5, 5e-5, 7e-5, 1e-4], [24, 48]))
    network = recipes[0].network
    assert isinstance(network, MultilayerPerceptron)
    assert (network.hidden_units, network.activation, network.l2, network.dropout) == (
        (80, 40, 10),
        "relu",
        0.01,
        0,
    )
    assert recipes[0].training.epochs == 10 and recipes[0].training.patience is None
    assert recipes[0].optimizer.name == "adam" and recipes[0].optimizer.schedule.name == "constant"


def test_the_notebook_says_so(shared_data: Path) -> None:
    (document,) = [
        text
        for path in (shared_data.parent / "seeds").glob("*.txt")
        if "talos" in (text := path.read_text(encoding="utf-8"))
    ]
    assert "'learningrate': [0.00001, 0.00003, 0.00005, 0.00007, 0.0001]" in document
    assert "'batchsize': [24, 48]" in document
    assert "Dense(80," in document and "Dense(40," in document and "Dense(10," in document
    assert "l2(0.01)" in document and "glorot_normal" in document and "epochs = 10" in document


@pytest.mark.parametrize(
    ("value", "side"),
    [(1e-4, "low"), (1.2e-4, "low"), (1e-3, None), (0.09, "high"), (0.1, "high")],
)
def test_the_outer_twentieth_of_a_range_is_an_edge(value: float, side: str | None) -> None:
    space = space_from({"optimizer.learning_rate": {"low": 1e-4, "high": 0.1, "log": True}})
    assert on_edge(space, "optimizer.learning_rate", value) == side


def test_only_numbers_in_an_order_have_edges() -> None:
    space = space_from(
        {
            "network.activation": ["relu", "selu", "tanh"],
            "training.batch_size": [64, 16, 32],
            "network.dropout": [0.1, 0.2],
            "training.shuffle": [True, False],
            "training.epochs": (1, 5),
        }
    )
    assert on_edge(space, "network.activation", "relu") is None
    assert [on_edge(space, "training.batch_size", size) for size in (16, 32, 64)] == ["low", None, "high"]
    assert on_edge(space, "network.dropout", 0.1) is None
    assert on_edge(space, "training.shuffle", True) is None
    assert [on_edge(space, "training.epochs", number) for number in (1, 2, 5)] == ["low", None, "high"]


def test_points_of_a_scan_stand_for_no_recipe() -> None:
    space = space_from({"training.epochs": [2, 3]})
    plan = Plan(recipe=Recipe(), space=space, batch=2, fingerprint="")
    assert recipe_of(plan, {"training.epochs": 3}).training.epochs == 3
    with pytest.raises(StudyError, match="a model function made their networks"):
        recipe_of(plan.model_copy(update={"recipe": None}), {"training.epochs": 3})
