from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.errors import RecipeError
from steelyard.recipe import Recipe
from steelyard.study import Choice, Range, Space
from steelyard.tuning.space import (
    check_space,
    read_space,
    space_from,
    space_from_toml,
    space_to_toml,
)
from tests.tuning.space.spaces import spaces

THE_ISSUES = """
[optimizer.name]
values = ["adam", "sgd"]

[optimizer.learning_rate]
low = 1e-4
high = 0.1
log = true

[optimizer.momentum]
values = [0.0, 0.9]
when = { optimizer.name = "sgd" }

[network.hidden_units]
length = [1, 2, 3]
each = { low = 16, high = 256, log = true }
"""


def problems(given: Any) -> tuple[str, ...]:
    with pytest.raises(RecipeError) as refused:
        space_from(given)
    return refused.value.problems


def test_a_toml_file_has_a_table_for_each_path(tmp_path: Path) -> None:
    path = tmp_path / "space.toml"
    path.write_text(THE_ISSUES, encoding="utf-8")
    space = read_space(path)
    assert space_from(str(path)) == space_from(path) == space
    assert space.parameters[:3] == (
        Choice(path="optimizer.name", values=("adam", "sgd")),
        Range(path="optimizer.learning_rate", low=1e-4, high=0.1, log=True),
        Choice(path="optimizer.momentum", values=(0.0, 0.9), when={"optimizer.name": "sgd"}),
    )


def test_the_length_decides_how_many_entries_a_list_has() -> None:
    lengths = Choice(path="network.hidden_units.length", values=(1, 2, 3))
    entries = [
        Range(path=f"network.hidden_units.{number}", low=16, high=256, log=True, whole=True, when=when)
        for number, when in enumerate(
            {"network.hidden_units.length": longer} for longer in ((1, 2, 3), (2, 3), (3,))
        )
    ]
    assert space_from_toml(THE_ISSUES).parameters[3:] == (lengths, *entries)


def test_a_list_may_have_a_condition_and_a_range_of_lengths() -> None:
    space = space_from(
        {
            "network.batch_normalization": [True, False],
            "network.hidden_units": {
                "length": (0, 2),
                "each": [8, 16],
                "when": {"network.batch_normalization": True},
            },
        }
    )
    length, first, second = space.parameters[1:]
    assert isinstance(length, Range) and length.whole
    assert length.when == {"network.batch_normalization": (True,)}
    assert first.when == {"network.hidden_units.length": (1, 2)}
    assert second.when == {"network.hidden_units.length": (2,)}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ([0.1, 0.2], Choice(path="network.dropout", values=(0.1, 0.2))),
        (np.array([0.1, 0.2]), Choice(path="network.dropout", values=(0.1, 0.2))),
        ((0.1, 0.2), Range(path="network.dropout", low=0.1, high=0.2)),
        ({"values": [0.1]}, Choice(path="network.dropout", values=(0.1,))),
        (
            Range(path="network.dropout", low=0, high=0.5),
            Range(path="network.dropout", low=0, high=0.5),
        ),
    ],
)
def test_what_python_may_write_for_a_parameter(written: object, read: Choice | Range) -> None:
    assert space_from({"network.dropout": written}).parameters == (read,)
    assert space_from({"network": {"dropout": written}}).parameters == (read,)


def test_a_single_value_is_fixed() -> None:
    space = space_from(
        {"network.hidden_units": [80, 40], "network.dropout": 0, "optimizer.name": ["adam", "sgd"]}
    )
    assert space.fixed == {"network.hidden_units": [80, 40], "network.dropout": 0}
    assert [one.path for one in space.parameters] == ["optimizer.name"]


def test_lists_of_lists_are_choices_where_the_path_takes_a_list() -> None:
    (only,) = space_from({"network.hidden_units": [[80, 40], [64], []]}).parameters
    assert only == Choice(path="network.hidden_units", values=([80, 40], [64], []))


def test_ranges_are_of_whole_numbers_where_the_path_takes_no_others() -> None:
    space = space_from(
        {"training.epochs": (5, 20), "training.batch_size": (16, 64), "network.dropout": (0, 1)}
    )
    assert [isinstance(one, Range) and one.whole for one in space.parameters] == [True, True, False]
    assert space_from(Space(parameters=(Range(path="training.epochs", low=1, high=2),))).parameters == (
        Range(path="training.epochs", low=1, high=2, whole=True),
    )


def test_the_order_of_tables_does_not_matter_to_conditions() -> None:
    space = space_from(
        {
            "optimizer.momentum": {"values": [0.5], "when": {"optimizer.name": "sgd"}},
            "network.dropout": [0.1],
            "optimizer.name": ["sgd", "adam"],
        }
    )
    assert [one.path for one in space.parameters] == [
        "optimizer.name",
        "optimizer.momentum",
        "network.dropout",
    ]


def test_a_preset_can_be_named_and_overridden() -> None:
    space = space_from_toml('preset = "notebook"\ntraining.epochs = 3\n[training.batch_size]\nvalues = [32]')
    notebook = space_from("notebook")
    assert space.fixed == {**notebook.fixed, "training.epochs": 3}
    assert space.parameters == (
        notebook.parameters[0],
        Choice(path="training.batch_size", values=(32,)),
    )


def test_what_a_preset_makes_impossible_by_an_override_is_left_out() -> None:
    space = space_from({"preset": "thorough", "optimizer.name": ["sgd", "rmsprop"]})
    paths = {one.path: one for one in space.parameters}
    assert "optimizer.beta_2" not in paths and "optimizer.momentum" in paths
    assert paths["optimizer.learning_rate.adaptive"].when == {"optimizer.name": ("rmsprop",)}
    check_space(space, Recipe())
    fixed = space_from({"preset": "thorough", "optimizer.name": "adamw", "imbalance.strategy": "focal"})
    left = [one.path for one in fixed.parameters]
    assert "loss.gamma" in left and "loss.tau" not in left and "optimizer.momentum" not in left
    check_space(fixed, Recipe())


def test_nothing_may_be_left_to_search() -> None:
    given = {"preset": "notebook", "optimizer.learning_rate": 0.1, "training.batch_size": 24}
    assert problems(given) == ("space: is empty: it needs a path with values, or with low and high",)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({}, "space: is empty: it needs a path with values, or with low and high"),
        ({"network.dropout": []}, "space: network.dropout: has no values"),
        (
            {"network.dropout": (0, 0.5, 3)},
            "space: network.dropout: a tuple is (low, high); found (0, 0.5, 3)",
        ),
        ({"network.dropout": {"low": 0, "hihg": 1}}, "'hihg' is not a key here (did you mean 'high'?)"),
        ({"network.dropout": {"vaules": [0]}}, "'vaules' is not a key here (did you mean 'values'?)"),
        (
            {"network.dropout": {"low": 1, "high": 0}},
            "space: network.dropout: low (1) must be below high (0)",
        ),
        (
            {"network.dropout": {"low": "a", "high": 1}},
            "space: network.dropout: low: must be a number; found 'a'",
        ),
        ({"network.dropout": {"values": [1], "low": 0}}, "'low' is not a key here"),
        ({"network.dropout": {"values": [1], "path": "x"}}, "'path' is not a key here"),
        ({"network.dropout": {1, 2}}, "space: network.dropout: needs values, or low and high; found {1, 2}"),
        ({"network": {}}, "space: network: is empty; it needs values, or low and high"),
        ({"network..dropout": [1]}, "space: 'network..dropout' is no path"),
        ({"network": {"dropout": [1]}, "network.dropout": [2]}, "space: network.dropout: is there twice"),
        ({"training.epochs": (1.5, 3)}, "space: training.epochs: takes whole numbers only; low is 1.5"),
        (
            {"network.hidden_units": {"length": [1], "eahc": [2]}},
            "'eahc' is not a key of a list (did you mean 'each'?)",
        ),
        ({"network.hidden_units": {"each": [2]}}, "space: network.hidden_units: has each, but no length"),
        (
            {"network.hidden_units": {"length": [1.5], "each": [2]}},
            "must be a whole number from 0 to 64; found 1.5",
        ),
        ({"network.hidden_units": {"length": (1, 1000), "each": [2]}}, "must be a whole number from 0 to 64"),
        (
            {"x": {"values": [1], "when": {"y": 1}}, "y": {"values": [1], "when": {"x": 1}}},
            "space: conditions go round in a circle: x -> y -> x",
        ),
        ({"preset": "notbook"}, "space: preset: there is no 'notbook' (did you mean 'notebook'?)"),
        ("notbook", "space: 'notbook' is neither a preset nor a file (did you mean 'notebook'?)"),
        ("missing.toml", "missing.toml: cannot be read: No such file or directory"),
        (7, "space: must be a mapping, a preset or a TOML file; found 7"),
    ],
)
def test_what_is_written_wrongly_is_refused(written: Any, told: str) -> None:
    assert any(told in problem for problem in problems(written))


def test_all_problems_are_told_at_once() -> None:
    found = problems(
        {"network.dropout": {"lo": 0, "high": 1}, "network.l2": (1, 0), "training.epochs": (0.5, 2)}
    )
    assert {problem.split(": ")[1] for problem in found} == {"network.dropout", "network.l2"}


@given(spaces())
@settings(max_examples=80)
def test_a_space_comes_back_from_toml_as_it_was(space: Space) -> None:
    assert space_from_toml(space_to_toml(space)) == space


@given(st.text(min_size=1), st.text(), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
def test_any_text_and_number_comes_back_from_toml(key: str, text: str, whole: int, number: float) -> None:
    value = [text, {key: [whole, number], "b": True}]
    space = Space(
        parameters=(
            Choice(path="network.layers", values=(value, text)),
            Choice(path="network", values=(whole, text), when={"network.layers": (text, whole)}),
        )
    )
    assert space_from_toml(space_to_toml(space)) == space


SCALARS = st.one_of(
    st.integers(),
    st.floats(),
    st.booleans(),
    st.text(max_size=5),
    st.dates(),
    st.sampled_from(["sgd", "off"]),
)
KEYS = ["values", "low", "high", "log", "step", "when", "length", "each", "whole", "path", "preset"]
PATHS = [
    "optimizer",
    "name",
    "optimizer.name",
    "learning_rate",
    "network",
    "hidden_units",
    "0",
    "1",
    "dropout",
]
WORDS = st.sampled_from([*KEYS, *PATHS, "imbalance", "strategy", "training", "epochs", "quick", ""])
TABLES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(WORDS, TABLES, max_size=4))
@settings(max_examples=120, deadline=None)
def test_whatever_a_table_says_it_is_a_sound_space_or_our_error(table: dict[str, Any]) -> None:
    try:
        check_space(space_from(table), Recipe())
    except RecipeError as error:
        assert error.problems


@given(st.text(alphabet=st.sampled_from('[]{}="., \n#abclow_0123456789-+etrufvhn'), max_size=80))
@settings(max_examples=120, deadline=None)
def test_whatever_a_file_says_it_is_a_sound_space_or_our_error(text: str) -> None:
    try:
        check_space(space_from_toml(text), Recipe())
    except RecipeError as error:
        assert error.problems


def test_a_file_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(RecipeError):
        space_from_toml("a = " + "[" * 5000)
