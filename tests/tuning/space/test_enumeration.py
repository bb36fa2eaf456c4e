from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from steelyard.errors import RecipeError
from steelyard.recipe import Recipe
from steelyard.study import Point, Space
from steelyard.tuning.space import grid, grid_size, point_at, recipe_at, space_from
from steelyard.tuning.space.enumeration import value_chance
from tests.tuning.space.spaces import spaces


def holds_to_its_conditions(space: Space, point: Point) -> bool:
    """Is just what is active there, in order?"""
    expected = []
    for parameter in space.parameters:
        conditions = [
            {**space.fixed, **point}.get(path) in allowed for path, allowed in parameter.when.items()
        ]
        if all(conditions):
            expected.append(parameter.path)
    return list(point) == expected


def test_the_last_parameter_changes_fastest() -> None:
    space = space_from(
        {
            "network.dropout": [0.1, 0.2],
            "training.epochs": (1, 3),
            "network.l2": {"low": 0, "high": 0.2, "step": 0.1},
        }
    )
    values = [tuple(point.values()) for point in grid(space)]
    assert values == list(itertools.product((0.1, 0.2), (1, 2, 3), (0.0, 0.1, 0.2)))
    assert all(isinstance(value, int) for _, value, _ in values)


def test_layers_decide_how_many_widths() -> None:
    space = space_from({"network.hidden_units": {"length": [0, 1, 2], "each": [8, 16]}})
    widths = [recipe_at(Recipe(), space, point).network.hidden_units for point in grid(space)]  # type: ignore[union-attr]  # no stack
    assert widths == [(), (8,), (16,), (8, 8), (8, 16), (16, 8), (16, 16)]


def test_a_grid_needs_values() -> None:
    space = space_from({"network.dropout": (0, 0.5), "network.l2": (0, 1), "training.epochs": (1, 2)})
    assert grid_size(space) is None
    with pytest.raises(RecipeError) as refused:
        grid(space)
    assert len(refused.value.problems) == 2
    assert refused.value.problems[0].startswith("space: network.dropout: a grid cannot go through")
    assert "values = [...]" in refused.value.help


def test_large_grids_are_counted_without_going_through_them() -> None:
    tables = {
        "optimizer.name": ["adam", "sgd"],
        "optimizer.momentum": {"values": [0.1, 0.2], "when": {"optimizer.name": "sgd"}},
        "network.hidden_units": {"length": (1, 20), "each": (1, 1000)},
        "training.epochs": (1, 10**6),
    }
    expected = (1 + 2) * sum(1000**length for length in range(1, 21)) * 10**6
    assert grid_size(space_from(tables)) == expected


@given(spaces(endless=False))
@settings(max_examples=60, deadline=None)
def test_a_grid_has_each_point_once_and_all_are_recipes(space: Space) -> None:
    size = grid_size(space)
    assert size is not None
    assume(size <= 3000)
    points = list(grid(space))
    assert len(points) == size
    assert len({str(point) for point in points}) == size
    assert all(holds_to_its_conditions(space, point) for point in points)
    for point in points[:: max(size // 20, 1)]:
        recipe_at(Recipe(), space, point)


@given(spaces(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_any_coordinates_are_a_point(space: Space, random: object) -> None:
    for _ in range(5):
        coordinates = [random.choice([0.0, 1.0, random.random()]) for _ in space.parameters]  # type: ignore[attr-defined]  # hypothesis' Random
        point = point_at(space, coordinates)
        assert holds_to_its_conditions(space, point)
        recipe_at(Recipe(), space, point)


def test_uniform_coordinates_make_values_as_likely_as_they_should_be() -> None:
    space = space_from(
        {
            "training.epochs": {"low": 1, "high": 8, "log": True},
            "network.activation": ["relu", "selu", "tanh"],
            "network.l2": {"low": 1e-4, "high": 1, "log": True},
        }
    )
    epochs = space.parameters[0]
    rows = (np.arange(20_000) + 0.5) / 20_000
    points = [point_at(space, [row] * 3) for row in rows]
    counts = np.bincount([point["training.epochs"] for point in points], minlength=9)[1:]
    np.testing.assert_allclose(
        counts / 20_000, [value_chance(epochs, value) for value in range(1, 9)], atol=1e-4
    )  # type: ignore[arg-type]  # a range
    assert sum(value_chance(epochs, value) for value in range(1, 9)) == pytest.approx(1.0)  # type: ignore[arg-type]  # a range
    shares = np.unique([point["network.activation"] for point in points], return_counts=True)[1] / 20_000
    np.testing.assert_allclose(shares, 1 / 3, atol=1e-4)
    logs = np.log10([point["network.l2"] for point in points])
    np.testing.assert_allclose(np.quantile(logs, [0, 0.25, 0.5, 1]), [-4, -3, -2, 0], atol=1e-3)
