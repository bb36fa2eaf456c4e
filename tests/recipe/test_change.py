"""Changes: every path of a recipe can be set, parts can be switched, mistakes are told all at once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from steelyard.errors import RecipeError
from steelyard.recipe import Change, Recipe, apply, parse_change, recipe_from_dict, recipe_to_dict
from steelyard.recipe.imbalance import ClassWeight
from steelyard.recipe.network import Dense, MultilayerPerceptron, Stack
from steelyard.recipe.optimizer import SGD
from tests.recipe.strategies import RECIPE

STACK = recipe_from_dict(
    {
        "network": {
            "layers": [
                {"layer": "dense", "units": 4, "activation": "relu", "l2": 0.1},
                {"layer": "dropout", "rate": 0.2},
                {"layer": "dense", "units": 1},
            ]
        }
    }
)


def problems(recipe: Recipe, *changes: Change) -> tuple[str, ...]:
    with pytest.raises(RecipeError) as caught:
        apply(recipe, *changes)
    return caught.value.problems


def steps(data: Any) -> list[tuple[str, ...]]:
    """All paths of a dictionary, also those of whole parts."""
    if isinstance(data, dict):
        inner = [(str(key), *rest) for key, content in data.items() for rest in [(), *steps(content)]]
    elif isinstance(data, list):
        inner = [(str(key), *rest) for key, content in enumerate(data) for rest in [(), *steps(content)]]
    else:
        inner = []
    return inner


def get(data: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data


@given(RECIPE, st.data())
@settings(max_examples=80, deadline=None)
def test_every_path_can_be_set_to_what_it_is(recipe: Recipe, data: st.DataObject) -> None:
    written = recipe_to_dict(recipe)
    path = data.draw(st.sampled_from(steps(written)))
    change = Change(".".join(path), get(written, path))
    assert apply(recipe, change) == recipe
    assert apply(recipe, parse_change(str(change))) == recipe


@given(RECIPE, RECIPE)
@settings(max_examples=60, deadline=None)
def test_every_part_can_be_replaced_by_another_recipes(first: Recipe, second: Recipe) -> None:
    written = recipe_to_dict(second)
    changes = [Change(key, written[key]) for key in Recipe.model_fields]
    assert apply(first, *changes) == second
    assert apply(first, *(parse_change(str(change)) for change in changes)) == second
    assert apply(first, *(Change(key, getattr(second, key)) for key in Recipe.model_fields)) == second


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("optimizer.learning_rate=3e-4", "optimizer.learning_rate", 3e-4),
        ("network.activation=tanh", "network.activation", "tanh"),
        (" training.epochs = 7 ", "training.epochs", 7),
        ("network.hidden_units=[64, 32]", "network.hidden_units", [64, 32]),
        ("training.patience=null", "training.patience", None),
        ("training.shuffle=false", "training.shuffle", False),
        ('imbalance.class_weight={"positive": 3}', "imbalance.class_weight", {"positive": 3}),
        ('a.b="5"', "a.b", "5"),
        ("a.b=c=d", "a.b", "c=d"),
        ("a.b=", "a.b", ""),
    ],
)
def test_parsing_a_change(text: str, path: str, value: object) -> None:
    assert parse_change(text) == Change(path, value)


@pytest.mark.parametrize("text", ["", "=", "=3", "  =3", "training.epochs"])
def test_what_is_no_change(text: str) -> None:
    with pytest.raises(RecipeError, match="path=value") as caught:
        parse_change(text)
    assert "optimizer.learning_rate=" in caught.value.help


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(VALUES)
def test_a_written_change_is_read_again(value: Any) -> None:
    read = parse_change(str(Change("a.b", value))).value
    assert read == (value.strip() if isinstance(value, str) else value)


def test_a_part_as_a_value_can_be_written_and_read() -> None:
    change = Change("optimizer", SGD(momentum=0.9, learning_rate=0.5))
    assert apply(Recipe(), parse_change(str(change))) == apply(Recipe(), change)
    assert apply(Recipe(), change).optimizer == SGD(momentum=0.9, learning_rate=0.5)


def test_the_recipe_itself_stays_as_it_is() -> None:
    recipe = Recipe()
    before = recipe_to_dict(recipe)
    apply(recipe, Change("network.layers.0.units", 3), Change("optimizer.name", "sgd"))
    assert recipe_to_dict(recipe) == before


def test_recipes_are_frozen_and_hashable() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Recipe().training.epochs = 3  # type: ignore[misc]  # that it is refused is the point
    assert len({Recipe(), Recipe(), apply(Recipe(), Change("training.epochs", 3))}) == 2


# --- switching parts ------------------------------------------------------------------------------


def test_another_optimizer_keeps_what_was_set_and_has_a_place() -> None:
    recipe = apply(
        Recipe(),
        Change("optimizer.beta_1", 0.5),
        Change("optimizer.clip_norm", 2.0),
        Change("optimizer.name", "nadam"),
    )
    assert recipe.optimizer.name == "nadam"
    assert recipe.optimizer.beta_1 == 0.5
    assert recipe.optimizer.clip_norm == 2.0
    assert recipe.optimizer.learning_rate == Recipe().optimizer.learning_rate
    assert recipe.optimizer.schedule == Recipe().optimizer.schedule
    assert recipe.optimizer.weight_decay == 0.0, "adamw's default is not carried over"
    sgd = apply(recipe, Change("optimizer.name", "sgd")).optimizer
    assert isinstance(sgd, SGD)
    assert sgd.clip_norm == 2.0


def test_an_option_of_the_new_part_can_be_set_with_it() -> None:
    changes = [
        Change("optimizer.name", "sgd"),
        Change("optimizer.momentum", 0.9),
        Change("optimizer.nesterov", True),
    ]
    sgd = apply(Recipe(), *changes).optimizer
    assert isinstance(sgd, SGD)
    assert (sgd.momentum, sgd.nesterov) == (0.9, True)


@pytest.mark.parametrize("value", ["sgd", {"name": "sgd"}, SGD()], ids=["name", "table", "part"])
def test_a_whole_part_takes_its_own_defaults_and_can_be_entered(value: object) -> None:
    sgd = apply(Recipe(), Change("optimizer", value), Change("optimizer.schedule.name", "step")).optimizer
    assert sgd.learning_rate == 0.01
    assert sgd.schedule.name == "step"
    longer = apply(Recipe(), Change("optimizer", value), Change("optimizer.momentum", 0.5)).optimizer
    assert isinstance(longer, SGD)
    assert longer.momentum == 0.5


def test_a_name_that_two_kinds_of_part_share() -> None:
    """There is a constant schedule and a constant initializer."""
    recipe = apply(
        Recipe(),
        Change("optimizer.schedule.name", "constant"),
        Change("network.kernel_initializer.name", "constant"),
        Change("network.kernel_initializer.value", 0.5),
    )
    assert recipe.optimizer.schedule.name == "constant"
    assert recipe_to_dict(recipe)["network"]["kernel_initializer"] == {"name": "constant", "value": 0.5}


def test_class_weights_become_a_table_when_one_is_set() -> None:
    recipe = apply(Recipe(), Change("imbalance.class_weight.positive", 3))
    assert recipe.imbalance.class_weight == ClassWeight(negative=1.0, positive=3.0)
    assert apply(recipe, Change("imbalance.class_weight", "balanced")).imbalance.class_weight == "balanced"


def test_a_layer_can_become_another() -> None:
    layers = apply(STACK, Change("network.layers.1.layer", "batch_normalization")).network.stack()
    assert [layer.layer for layer in layers] == ["dense", "batch_normalization", "dense"]
    assert problems(STACK, Change("network.layers.1.layer", "activation")) == (
        "recipe: network.layers.1.activation: is missing",
    )
    made = apply(
        STACK, Change("network.layers.1.layer", "activation"), Change("network.layers.1.activation", "silu")
    )
    assert made.network.stack()[1].layer == "activation"
    replaced = apply(STACK, Change("network.layers.1", {"layer": "dense", "units": 7})).network.stack()[1]
    assert isinstance(replaced, Dense)
    assert replaced.units == 7


# --- the two forms of network ---------------------------------------------------------------------


def test_a_path_into_layers_writes_a_perceptron_out() -> None:
    recipe = apply(
        Recipe(), Change("network.embedding_initializer", "ones"), Change("network.layers.0.units", 7)
    )
    assert isinstance(recipe.network, Stack)
    first, *others = recipe.network.layers
    before, *same = Recipe().network.stack()
    assert others == same
    assert isinstance(first, Dense)
    assert isinstance(before, Dense)
    assert first == before.model_copy(update={"units": 7})
    assert recipe.network.embedding_initializer.name == "ones"


def test_hidden_units_make_a_stack_a_perceptron() -> None:
    network = apply(STACK, Change("network.hidden_units", [3]), Change("network.dropout", 0.0)).network
    assert network == MultilayerPerceptron(hidden_units=(3,), dropout=0.0)


def test_a_stack_is_not_thrown_away_for_an_option_it_does_not_have() -> None:
    assert problems(STACK, Change("network.dropout", 0.3)) == (
        "network has no 'dropout'; it has layers, embedding_initializer",
    )


# --- mistakes -------------------------------------------------------------------------------------

MISTAKES: dict[str, tuple[Recipe, str, object, str]] = {
    "part": (Recipe(), "optimzer.name", "sgd", "the recipe has no 'optimzer' (did you mean 'optimizer'?)"),
    "key": (
        Recipe(),
        "optimizer.lerning_rate",
        1,
        "optimizer has no 'lerning_rate' (did you mean 'learning_rate'?)",
    ),
    "another's": (Recipe(), "optimizer.momentum", 1, "optimizer has no 'momentum'; only sgd, rmsprop have"),
    "another's, one": (Recipe(), "loss.tau", 1, "loss has no 'tau'; only logit_adjusted has"),
    "below a value": (
        Recipe(),
        "training.epochs.x",
        1,
        f"training.epochs is a value ({Recipe().training.epochs}) and has no 'x'",
    ),
    "position": (
        STACK,
        "network.layers.3.units",
        1,
        "network.layers has no '3'; it has 3 entries, counted from 0",
    ),
    "negative position": (
        STACK,
        "network.layers.-1.units",
        1,
        "network.layers has no '-1'; it has 3 entries, counted from 0",
    ),
    "key of a layer": (
        STACK,
        "network.layers.0.unit",
        1,
        "network.layers.0 has no 'unit' (did you mean 'units'?)",
    ),
    "value": (Recipe(), "training.epochs", 0, "recipe: training.epochs: must be greater than 0; found 0"),
    "logit": (
        STACK,
        "network.layers.2.units",
        2,
        "recipe: network: the last layer must be dense with one unit and a linear activation "
        "(the sigmoid belongs to the loss)",
    ),
}


@pytest.mark.parametrize(("recipe", "path", "value", "told"), MISTAKES.values(), ids=MISTAKES.keys())
def test_one_mistake_gives_one_sentence(recipe: Recipe, path: str, value: object, told: str) -> None:
    assert problems(recipe, Change(path, value)) == (told,)


def test_every_mistake_is_told_at_once() -> None:
    told = problems(
        Recipe(),
        Change("optimizer.lerning_rate", 1),
        Change("training.epochs", -1),
        Change("loss.gamma", 1),
        Change("network.activation", "rellu"),
    )
    assert [sentence.split(" (did")[0].split(";")[0] for sentence in told] == [
        "optimizer has no 'lerning_rate'",
        "loss has no 'gamma'",
        "recipe: network.activation: found 'rellu'",
        "recipe: training.epochs: must be greater than 0",
    ]


PATHS = st.lists(
    st.sampled_from(
        ["network", "layers", "0", "optimizer", "name", "schedule", "hidden_units", "class_weight", "x", ""]
    )
    | st.sampled_from(sorted({step for path in steps(recipe_to_dict(STACK)) for step in path})),
    min_size=1,
    max_size=4,
).map(".".join)


@given(st.lists(st.tuples(PATHS, VALUES | st.sampled_from(["sgd", "dense", "zeros", "step"])), max_size=3))
@settings(max_examples=200, deadline=None)
def test_whatever_is_changed_gives_a_recipe_or_a_recipe_error(changes: list[tuple[str, Any]]) -> None:
    for recipe in (Recipe(), STACK):
        try:
            changed = apply(recipe, *(Change(path, value) for path, value in changes))
        except RecipeError as error:
            assert error.problems
        else:
            assert recipe_from_dict(recipe_to_dict(changed)) == changed
